#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace austin {

enum class ProcessState {
  kAlive,
  /// Ending, or ended and not yet waited for by its parent.
  kZombie,
  kGone,
};

/// What /proc/PID/stat says of a process, or of a thread.
struct ProcessStat {
  char state = 0;
  pid_t parent = 0;
  pid_t group = 0;
  pid_t session = 0;
  /// The kernel's flags of a task.
  unsigned flags = 0;
  /// When it started, in clock ticks since the machine did: with the process id, what tells it from all others.
  uint64_t start_ticks = 0;
  /// Addresses of the program's code and of the first stack; 0 where they may not be known. Both change with exec.
  uint64_t code_start = 0;
  uint64_t stack_start = 0;

  ProcessState Life() const;
  /// Whether it has not called exec between this and another look at the same process.
  bool IsSameProgram(const ProcessStat& other) const {
    return code_start == other.code_start && stack_start == other.stack_start;
  }
};

/// Nothing where the process is gone or hidden. Needs no rights.
std::optional<ProcessStat> ReadProcessStat(pid_t pid);

/// Whether a number is that of a process, not only of one of its threads.
bool IsProcess(pid_t pid);

/// When a process started, in nanoseconds of the monotonic clock, to a clock tick (10 ms).
int64_t StartTime(const ProcessStat& stat);

/// The words of the command line; empty where it is gone or has none.
std::vector<std::string> CommandOf(pid_t pid);

/// Whether a process exists. Needs no rights; a process hidden by the `hidepid` mount option counts as alive.
ProcessState StateOf(pid_t pid);

/// Path of the program, as the process's own mount namespace names it, without " (deleted)"; or its short name
/// in brackets where the path may not be read.
std::string ProgramOf(pid_t pid);

/// The children of all threads of a process. Incomplete while children come and go.
std::vector<pid_t> ChildrenOf(pid_t pid);

/// "process 123 (/usr/bin/python3)", for messages.
std::string DescribeProcess(pid_t pid);

}  // namespace austin
