#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace austin {

enum class ProcessState {
  kAlive,
  /// Ending, or ended and not yet waited for by its parent.
  kZombie,
  kGone,
};

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
