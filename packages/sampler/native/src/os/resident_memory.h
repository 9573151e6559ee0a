#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

#include "os/descriptor_budget.h"
#include "os/kept_file.h"

namespace austin {

/// The resident set of a process: how much of its memory is in RAM, code and shared pages included.
class ResidentMemory {
 public:
  /// `budget` outlives this.
  ResidentMemory(pid_t pid, DescriptorBudget* budget);

  /// In bytes; 0 for a process that is ending, nothing for one that is gone.
  std::optional<int64_t> Bytes();

 private:
  KeptFile file_;
};

/// The memory of this machine in KiB, or 0 where it cannot be told.
uint64_t PhysicalMemoryKib();

}  // namespace austin
