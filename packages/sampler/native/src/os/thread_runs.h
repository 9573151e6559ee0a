#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "os/descriptor_budget.h"
#include "os/kept_file.h"

namespace austin {

/// What the kernel counts of a thread that runs. While a thread sleeps none of it changes; a thread that has run meanwhile has other
/// numbers.
struct RunCounts {
  /// Nanoseconds on a processor, and ready for one. Those of a thread that runs are brought up to date now and then.
  uint64_t ran_ns = 0;
  uint64_t waited_ns = 0;
  /// How often it was given a processor.
  uint64_t slices = 0;

  bool operator==(const RunCounts&) const = default;
};

/// Parses a line of /proc/PID/task/TID/schedstat.
std::optional<RunCounts> ParseRunCounts(const char* begin, const char* end);

/// Reads the counts of the threads of a process. Takes less than a microsecond as long as the budget lasts.
class ThreadRuns {
 public:
  /// `budget` outlives this.
  ThreadRuns(pid_t pid, DescriptorBudget* budget);

  /// Nothing where the thread is gone, and where the kernel does not count.
  std::optional<RunCounts> Read(uint64_t tid);

  /// Frees what is kept of other threads than these.
  void ForgetOtherThreads(const std::unordered_set<uint64_t>& living);

 private:
  const std::string folder_;
  DescriptorBudget* budget_;
  std::unordered_map<uint64_t, KeptFile> files_;
};

}  // namespace austin
