#pragma once

#include <sys/types.h>

#include "memory/memory_reader.h"

namespace austin {

/// Reads a live process through process_vm_readv. Needs ptrace-attach rights over it. Holds no resource, so a
/// reused process id is read without notice.
class ProcessMemoryReader final : public MemoryReader {
 public:
  explicit ProcessMemoryReader(pid_t pid) : pid_(pid) {}

  pid_t pid() const { return pid_; }

  /// One system call for up to 1024 ranges. Errors: EFAULT (unreadable, or the process has replaced its memory),
  /// ESRCH (gone, a zombie, or a kernel thread), EPERM, and EINVAL where 1024 ranges in a row hold more than
  /// 2 GiB - 4 KiB.
  ReadOutcome ReadRanges(std::span<const RemoteRange> ranges, std::byte* out) override;

 private:
  pid_t pid_;
};

}  // namespace austin
