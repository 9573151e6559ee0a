#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "os/capture_outcome.h"
#include "os/descriptor_budget.h"

namespace austin {

/// Has the kernel copy the registers and the stack of threads of another process while they run (perf_event_open): an interrupt on the
/// thread's processor does it, and the thread goes on. Nothing is stopped, and no system call returns early. Threads that do
/// not run at the time cannot be had.
///
/// The memory for the answers is small on purpose, one answer per thread: each is asked for and taken at once.
///
/// For use by one thread.
class PerfStacks {
 public:
  /// @param register_mask the registers to copy, `sample_regs_user` of struct perf_event_attr
  /// @param kernel whether the functions of the kernel that a thread is in are wanted, where the kernel tells them
  /// @param budget outlives this
  PerfStacks(uint64_t register_mask, bool kernel, DescriptorBudget* budget);
  ~PerfStacks();
  PerfStacks(const PerfStacks&) = delete;
  PerfStacks& operator=(const PerfStacks&) = delete;

  /// Waits until a thread runs, for some milliseconds at most, and has it copied. What follows is valid until the next call.
  CaptureOutcome Take(pid_t tid);

  /// As the kernel gives them for the mask, in the order of its bits.
  std::span<const uint64_t> registers() const { return registers_; }
  /// From the stack pointer on, without the red zone below it. No more than 16 KiB, and after WantMore of this thread no more than just below 64 KiB.
  std::span<const std::byte> stack() const { return stack_; }
  /// Addresses in the kernel, innermost first; empty where the thread was not in it, or the kernel does not tell.
  std::span<const uint64_t> kernel() const { return kernel_; }
  /// When it was copied, in nanoseconds of the monotonic clock.
  int64_t taken_ns() const { return taken_ns_; }

  /// From now on as much as can be copied of this thread's stack. False where that is so already.
  bool WantMore(pid_t tid);

  /// Whether the kernel tells its functions, as far as it has been asked.
  bool tells_kernel() const { return wants_kernel_ && !excludes_kernel_; }

  /// Why the last call was refused: an errno.
  int sys_errno() const { return sys_errno_; }

  /// Frees what is kept of other threads than these.
  void ForgetOtherThreads(const std::unordered_set<uint64_t>& living);

 private:
  class Event;

  std::unique_ptr<Event> Open(pid_t tid, size_t stack_bytes);
  CaptureOutcome WaitFor(Event& event);
  bool Parse(Event& event);

  const uint64_t register_mask_;
  const size_t register_count_;
  const bool wants_kernel_;
  DescriptorBudget& budget_;
  /// How long to look again and again before sleeping: 0 where there is one processor only.
  const int64_t spin_ns_;
  /// Whether the kernel refuses to be watched itself: without privilege only what runs outside of it may be.
  bool excludes_kernel_ = false;
  int sys_errno_ = 0;
  std::unordered_map<uint64_t, std::unique_ptr<Event>> events_;
  std::unordered_set<uint64_t> deep_;

  std::vector<std::byte> record_;
  std::vector<uint64_t> registers_;
  std::vector<std::byte> stack_;
  std::vector<uint64_t> kernel_;
  int64_t taken_ns_ = 0;
};

}  // namespace austin
