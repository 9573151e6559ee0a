#pragma once

#include <elf.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <array>
#include <vector>

#include "memory/memory_reader.h"
#include "unwind/registers.h"
#include "unwind/stack_memory.h"

namespace austin::check {

/// A thread that stands still while the object lives, with its registers.
class StoppedThread {
 public:
  explicit StoppedThread(pid_t tid) : tid_(tid) {
    if (ptrace(PTRACE_SEIZE, tid, nullptr, nullptr) != 0) return;
    is_traced_ = true;
    int status = 0;
    if (ptrace(PTRACE_INTERRUPT, tid, nullptr, nullptr) != 0 || waitpid(tid, &status, __WALL) != tid ||
        !WIFSTOPPED(status))
      return;
    std::array<std::byte, 1024> bytes{};
    iovec room{bytes.data(), bytes.size()};
    if (ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &room) != 0) return;
    registers_ = RegistersFromPtrace(std::span(bytes).first(room.iov_len));
  }
  ~StoppedThread() {
    if (is_traced_) ptrace(PTRACE_DETACH, tid_, nullptr, nullptr);
  }
  StoppedThread(const StoppedThread&) = delete;
  StoppedThread& operator=(const StoppedThread&) = delete;

  bool stopped() const { return registers_.known != 0; }
  const UnwindRegisters& registers() const { return registers_; }

 private:
  pid_t tid_;
  bool is_traced_ = false;
  UnwindRegisters registers_;
};

/// A copy of the stack from its used end on.
class CopiedStack {
 public:
  CopiedStack(MemoryReader& memory, const UnwindRegisters& registers, size_t most = size_t(1) << 20)
      : start_(registers.sp() - Architecture::kRedZone), bytes_(most) {
    const RemoteRange range{start_, bytes_.size()};
    bytes_.resize(memory.ReadRanges({&range, 1}, bytes_.data()).bytes);
  }

  StackMemory memory() const { return {start_, bytes_}; }

 private:
  Address start_;
  std::vector<std::byte> bytes_;
};

}  // namespace austin::check
