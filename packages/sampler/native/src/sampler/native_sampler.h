#pragma once

#include <array>
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
#include "os/thread_runs.h"
#include "os/thread_stop.h"
#include "sampler/native_merge.h"
#include "sampler/process_sampler.h"
#include "unwind/interpreter_loop.h"
#include "unwind/modules.h"
#include "unwind/unwinder.h"

namespace austin {

/// A native function on a stack.
struct NativeCall {
  /// As NativeFrame has them.
  Address pc = 0;
  bool is_exact = false;
};

/// The stack of a thread with its native functions.
struct NativeStack {
  NativeOutcome outcome = NativeOutcome::kMissed;
  /// Why the thread was not stopped, for kMissed.
  StopOutcome stop = StopOutcome::kStopped;
  /// For how long it was; nothing where it was not, because it has not run since the sample before, or could not be.
  std::optional<uint64_t> pause_ns;
  /// As MergeResult has it.
  bool has_gap = false;
  /// Innermost first.
  std::vector<NativeCall> calls;
  /// Outermost first, of `calls` and SampledThread::stack.
  std::vector<MergedFrame> merged;
  /// Functions of the kernel, outermost first, where they are wanted.
  std::vector<std::string> kernel;
  /// 0, or why they were not told.
  int kernel_errno = 0;
};

/// Reads both halves of the stacks of one process's threads. A thread is stopped while its Python stack, its registers and the used
/// part of its native stack are copied; everything else happens when it runs again. A thread that sleeps where it slept when it
/// was stopped is not stopped again: a stop lets some system calls return early.
class NativeSampler {
 public:
  /// All of them outlive it. The sampler has been told to find entries. `files` may be shared with other processes.
  NativeSampler(const Target& target, MemoryReader* memory, ProcessSampler* sampler, ThreadStopper* stopper,
                DescriptorBudget* budget, std::shared_ptr<ModuleFiles> files);

  /// Reads the stacks of a thread of the sampler's last round again, this time both halves. The thread's fields are those of the new
  /// reading, if there was one; it has no sample if the thread has ended. Valid until the next call for the same thread.
  /// @param while_stopped called before the thread goes on, if it was stopped
  const NativeStack& Take(SampledThread* thread, bool kernel, const std::function<void()>& while_stopped = {});

  const Modules& modules() const { return modules_; }

  /// Frees what is kept of other threads than these.
  void ForgetOtherThreads(const std::unordered_set<uint64_t>& living);

 private:
  struct Thread {
    NativeStack stack;
    /// The Python half that belongs to it.
    std::vector<WalkedFrame> python;
    /// Where the thread's stack begins, or 0 when that is not known.
    Address base = 0;

    // Of a thread that slept when it was stopped:
    /// The place where it slept; empty if it did not sleep.
    std::string sleep;
    /// Where on its stack the return addresses are, and what they are; empty where that is not known of all.
    std::vector<std::pair<Address, Address>> returns;
    /// As they are in the sleep that it went back to, once that has been seen.
    std::optional<RunCounts> in_sleep;
  };

  bool SleepsOn(const SampledThread& sampled, const std::string& sleep, Thread* thread);
  void NoteReturns(Thread* thread) const;
  bool HasSameReturns(const Thread& thread);
  void ReadKernel(Thread& thread, uint64_t tid);
  void CopyStack(const Thread& thread, const UnwindRegisters& at);
  void Unwind(const SampledThread& sampled, const UnwindRegisters& at, Thread* thread);
  UnwindEnd UnwindCopy(const UnwindRegisters& at);
  bool RefreshModules();
  bool Holds(const LoopActivation& loop, Address frame) const;
  std::string SleepOf(uint64_t tid) const;

  const Target& target_;
  MemoryReader& memory_;
  ProcessSampler& sampler_;
  ThreadStopper& stopper_;
  ThreadRuns runs_;
  Modules modules_;
  Unwinder unwinder_;
  InterpreterLoop loop_;
  uint64_t loop_generation_ = 0;
  int64_t refresh_due_ns_ = 0;
  std::unordered_map<uint64_t, Thread> threads_;

  // Buffers kept between calls.
  std::vector<std::byte> stack_bytes_;
  StackMemory copy_;
  std::vector<NativeFrame> frames_;
  std::vector<LoopActivation> loops_;
  std::vector<MergeFrame> python_;
};

}  // namespace austin
