#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "memory/memory_reader.h"

namespace austin {

/// Tells which thread of a process, as this process sees it, a Python thread state belongs to. A call costs some
/// microseconds: make it once for each new thread state, not in each sample.
class ThreadIds {
 public:
  explicit ThreadIds(pid_t pid);

  /// From the `native_thread_id` of a thread state (3.11 and later), which is the number inside the target's own
  /// process id namespace. Returns 0 where no such thread lives. Where the target shares this process's namespace, the
  /// number of a thread that is gone is returned all the same; 0 if another process has it.
  pid_t FromNative(uint64_t native_thread_id);

  /// For the only thread state of an interpreter, when it names a thread of another process: the process was forked by a program
  /// that did not tell its interpreter, as servers with Python inside do, and goes on in its first thread. Returns 0 while the
  /// process is so young that it may still tell, or is about to become another program.
  pid_t AfterFork();

  /// From the `thread_id` of a thread state, the address of the C library's thread descriptor; for 3.8 to 3.10.
  /// Returns 0 where the thread is gone or the descriptor cannot be understood.
  pid_t FromDescriptor(MemoryReader& memory, Address thread_id);

 private:
  bool InNamespace();
  pid_t Outside(pid_t inside);
  bool IsThread(pid_t outside) const;
  void Refresh();

  pid_t pid_;
  /// Whether the target numbers its threads in another namespace; unknown until its status could be read.
  std::optional<bool> in_namespace_;
  bool is_settled_ = false;
  /// By the number inside the target's namespace.
  std::map<pid_t, pid_t> outside_;
  std::chrono::steady_clock::time_point refreshed_;
  /// Where the kernel's thread id is in a descriptor, known or by a process of elimination.
  std::optional<size_t> descriptor_offset_;
  std::vector<size_t> candidate_offsets_;
};

}  // namespace austin
