#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "memory/memory_reader.h"

namespace austin {

/// What the operating system says a thread does.
enum class ThreadActivity : uint8_t {
  /// Not told.
  kUnknown,
  /// On a processor, or ready for one.
  kRunning,
  kSleeping,
  /// Sleeping so that no signal wakes it, mostly for a disk.
  kUninterruptible,
  kStopped,
  /// Stopped by a debugger.
  kTraced,
  kEnded,
};

/// Lower case, words joined by hyphens.
const char* ThreadActivityName(ThreadActivity activity);

/// A line of /proc/PID/task/TID/syscall.
struct BlockedCall {
  /// -1: the thread waits, but not in a system call (for a page of memory).
  int64_t number = -1;
  std::array<uint64_t, 6> arguments{};

  bool operator==(const BlockedCall&) const = default;
};

/// Parses such a line. Empty for "running" and for what is no such line.
std::optional<BlockedCall> ParseBlockedCall(std::string_view line);

struct ThreadWait {
  ThreadActivity activity = ThreadActivity::kUnknown;
  /// Absent for a thread that does not wait, and where the operating system does not tell.
  std::optional<BlockedCall> call;
  /// The function of the kernel it waits in, where the call is not told. Mostly empty.
  std::string kernel_function;

  bool operator==(const ThreadWait&) const = default;
};

/// Asks the operating system what a thread does. Takes a few microseconds.
ThreadWait ReadThreadWait(pid_t pid, pid_t tid);

/// The name of the system call, or an empty text where there is none.
std::string SystemCallName(const ThreadWait& wait);

/// What the thread waits for, in words: "reading from socket:[123]", "sleeping", "a lock", "child process 12". Empty
/// when it does not wait or nothing is known. `memory` is that of the process, for the lists that some calls are given.
std::string DescribeWait(MemoryReader& memory, pid_t pid, const ThreadWait& wait);

/// The address a thread waits at until it is woken from there (a futex), or 0.
Address FutexOf(const ThreadWait& wait);

}  // namespace austin
