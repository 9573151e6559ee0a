#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "binary/target.h"
#include "memory/memory_reader.h"
#include "os/descriptor_budget.h"
#include "os/kernel_stack.h"
#include "os/kernel_symbols.h"
#include "os/perf_stacks.h"
#include "os/thread_runs.h"
#include "os/thread_stop.h"
#include "sampler/native_way.h"
#include "sampler/process_sampler.h"
#include "sampler/stack_joiner.h"

namespace austin {

/// The stack of a thread with its native functions.
struct NativeStack {
  JoinedStack joined;
  /// Why there is no copy, for kMissed.
  CaptureOutcome capture = CaptureOutcome::kTaken;
  /// For how long the thread was stopped; nothing where it was not.
  std::optional<uint64_t> pause_ns;
  /// Functions of the kernel, outermost first, where they are wanted.
  std::vector<std::string> kernel;
  /// 0, or why they were not told.
  int kernel_errno = 0;
};

/// What the samplers of several processes share. For use by one thread, which should not outlive it for long: see ThreadStopper.
struct NativeTools {
  /// @param kernel whether functions of the kernel are wanted
  NativeTools(NativeWay way_, bool kernel);

  const NativeWay way;
  ThreadStopper stopper;
  /// For threads that are copied while they run. Empty where they are not wanted, or not to be had.
  const KernelSymbols kernel_symbols;
  std::shared_ptr<ModuleFiles> files = std::make_shared<ModuleFiles>();
};

/// Reads both halves of the stacks of one process's threads; while one is copied the others run.
///
/// A thread that sleeps is copied as it is: the kernel tells where its stack is, and that it has not run meanwhile. Only where that
/// does not suffice to unwind it, it is stopped, once per sleep: a stop lets some system calls return early.
class NativeSampler {
 public:
  /// All of them outlive it. The sampler has been told to find entries.
  NativeSampler(const Target& target, MemoryReader* memory, ProcessSampler* sampler, NativeTools* tools, DescriptorBudget* budget);

  /// Reads the stacks of a thread of the sampler's last round again, this time both halves. The thread's fields are those of the new
  /// reading, if there was one; it has no sample if the thread has ended or not begun. Valid until the next call for the same thread.
  /// @param when_read called behind each reading of the Python half: what else belongs to the moment can be read
  const NativeStack& Take(SampledThread* thread, bool kernel, const std::function<void()>& when_read = {});

  const Modules& modules() const { return joiner_.modules(); }

  /// An errno: why the operating system refused to copy a thread while it runs.
  int refused_errno() const { return perf_.sys_errno(); }

  /// Frees what is kept of other threads than these.
  void ForgetOtherThreads(const std::unordered_set<uint64_t>& living);

 private:
  /// Where a thread sleeps.
  struct Sleep {
    /// The last two fields of /proc/PID/task/TID/syscall, which are the two addresses here. Empty for a thread that does not sleep.
    std::string place;
    Address stack_pointer = 0;
    Address instruction = 0;
  };
  struct Thread {
    uint64_t tid = 0;
    NativeStack stack;
    /// The Python half that belongs to it.
    std::vector<WalkedFrame> python;
    /// Where the thread's stack begins, or 0 when that is not known.
    Address base = 0;

    // Of a thread that slept when it was copied:
    /// The place where it slept; empty if it did not sleep.
    std::string sleep;
    /// Where on its stack the return addresses are, and what they are; empty where that is not known of all.
    std::vector<std::pair<Address, Address>> returns;
    /// As they are in its sleep, once it has been seen there.
    std::optional<RunCounts> in_sleep;
  };

  Sleep SleepOf(uint64_t tid) const;
  bool SleepsOn(const SampledThread& sampled, const std::string& sleep, Thread* thread);
  void NoteReturns(const StackMemory& stack, Thread* thread) const;
  bool HasSameReturns(const Thread& thread);
  bool IsUninterruptible(uint64_t tid) const;
  KernelStack ReadKernel(uint64_t tid) const;
  bool TakeAsleep(SampledThread* sampled, const Sleep& sleep, bool kernel, const std::function<void()>& when_read, Thread* thread);
  void TakeStopped(SampledThread* sampled, const Sleep& sleep, bool kernel, const std::function<void()>& when_read, Thread* thread);
  void NameKernel(NativeStack* stack) const;
  void TakeRunning(SampledThread* sampled, bool kernel, const std::function<void()>& when_read, Thread* thread);
  bool Reread(SampledThread* sampled, const std::function<void()>& when_read);
  StackMemory CopyStack(const Thread& thread, Address stack_pointer);
  void Join(SampledThread* sampled, const NativeCopy& copy, Thread* thread);

  const Target& target_;
  MemoryReader& memory_;
  ProcessSampler& sampler_;
  NativeTools& tools_;
  PerfStacks perf_;
  ThreadRuns runs_;
  StackJoiner joiner_;
  /// By thread state: a thread has one in each interpreter that it runs.
  std::unordered_map<Address, Thread> threads_;
  std::vector<std::byte> stack_bytes_;
};

}  // namespace austin
