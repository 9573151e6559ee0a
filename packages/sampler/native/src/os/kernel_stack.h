#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace austin {

/// The functions of the kernel that a thread is in, outermost first.
struct KernelStack {
  /// Empty for a thread that is on a processor, and for one that was taken off it outside of the kernel.
  std::vector<std::string> functions;
  /// 0, or why they were not read: EACCES and EPERM where the kernel keeps them to itself.
  int sys_errno = 0;
};

/// Parses /proc/PID/task/TID/stack: a line for each function, innermost first, `[<0>] futex_wait+0x6b/0x120`. A function of a kernel
/// module has the module's name behind it, which is kept: `nfs_wait_bit [nfs]`.
std::vector<std::string> ParseKernelStack(std::string_view text);

/// Reads the kernel's part of a thread's stack. Takes some microseconds.
KernelStack ReadKernelStack(pid_t pid, pid_t tid);

}  // namespace austin
