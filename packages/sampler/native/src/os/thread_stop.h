#pragma once

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "os/capture_outcome.h"

namespace austin {

/// Stops threads of other processes for a moment, one at a time.
///
/// A thread that is asked to stop and does not is left to itself: it goes on as soon as it would stop, see Settle. The kernel lets go
/// of all threads when the thread that has used this ends, however it ends; so that thread should not outlive this for long.
/// Signals for a stopped thread arrive when it goes on; a thread that job control has stopped stays stopped.
///
/// For use by one thread, from construction to destruction.
class ThreadStopper {
 public:
  ThreadStopper();
  ~ThreadStopper();
  ThreadStopper(const ThreadStopper&) = delete;
  ThreadStopper& operator=(const ThreadStopper&) = delete;

  /// Stops a thread. Where it succeeds, Resume is next.
  /// @param pid the process of the thread
  CaptureOutcome Stop(pid_t pid, pid_t tid);

  /// Of the stopped thread, as the kernel gives them for NT_PRSTATUS: `struct user_regs_struct`, on aarch64
  /// `struct user_pt_regs`. Empty where they could not be read.
  std::span<const std::byte> registers() const { return {registers_.data(), register_bytes_}; }

  /// Whether the stopped thread was in a system call, which it will finish or begin again.
  bool is_in_system_call() const { return is_in_system_call_; }

  /// Lets the stopped thread go on. Returns for how long it was stopped at most, in nanoseconds: since it was last seen not to be. Nothing if
  /// it has been killed meanwhile.
  std::optional<uint64_t> Resume();

  /// Whether a thread has been asked to stop that has not done so.
  bool owes() const { return !owed_.empty(); }
  /// Lets those go on that have stopped since. Call it every millisecond or so while `owes`.
  void Settle();

 private:
  struct Thread {
    pid_t pid = 0;
    pid_t tid = 0;
  };
  enum class Wait { kNothing, kStopped, kGone };

  Wait LookAt(pid_t tid);
  bool HasStoppedUnheard(pid_t tid);
  Wait WaitFor(pid_t tid);
  void ReadRegisters(pid_t tid);
  bool Detach(const Thread& thread);
  void Bury(const Thread& thread);

  /// How long to look again and again before sleeping: 0 where there is one processor only.
  int64_t spin_ns_ = 0;
  Thread stopped_;
  int64_t stopped_since_ns_ = 0;
  /// What the stopped thread is to receive when it goes on, or 0.
  int signal_ = 0;
  std::array<std::byte, 512> registers_;
  size_t register_bytes_ = 0;
  bool is_in_system_call_ = false;
  std::vector<Thread> owed_;
};

}  // namespace austin
