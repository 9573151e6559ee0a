#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "os/descriptor_budget.h"
#include "os/kept_file.h"

namespace austin {

/// Tells which threads of a process run. A question costs less than a microsecond as long as the budget lasts.
class ThreadStates {
 public:
  /// `budget` outlives this.
  ThreadStates(pid_t pid, DescriptorBudget* budget);

  /// Whether a thread is on a CPU or waits for nothing but one, now. False also where it is gone.
  bool IsRunning(uint64_t tid);

  /// Frees what is kept of other threads than these.
  void ForgetOtherThreads(const std::unordered_set<uint64_t>& living);

 private:
  std::string PathOf(uint64_t tid, const char* file) const;

  const std::string folder_;
  DescriptorBudget* budget_;
  /// `syscall` says "running" at once and is cheapest, but not every kernel has it, and it takes the right to trace;
  /// `stat` takes none.
  bool has_syscall_ = true;
  std::unordered_map<uint64_t, KeptFile> files_;
};

}  // namespace austin
