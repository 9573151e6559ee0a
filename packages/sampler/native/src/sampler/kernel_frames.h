#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "os/descriptor_budget.h"
#include "os/kernel_stack.h"
#include "os/thread_runs.h"
#include "sampler/process_sampler.h"

namespace austin {

/// Adds the functions of the kernel to stacks that are read without stopping anything. They are those of the same moment if the
/// thread has not run between a look before the round and one behind them.
class KernelFrames {
 public:
  /// `budget` outlives this.
  KernelFrames(pid_t pid, DescriptorBudget* budget) : pid_(pid), runs_(pid, budget) {}

  /// Call it before a round, with the threads of the round before.
  void BeginRound(const std::vector<std::unique_ptr<SampledThread>>& threads);

  /// The functions that a thread is in, and was in throughout the round. None for one that has run.
  KernelStack Read(const SampledThread& thread);

  /// Frees what is kept of other threads than these.
  void ForgetOtherThreads(const std::unordered_set<uint64_t>& living) { runs_.ForgetOtherThreads(living); }

 private:
  const pid_t pid_;
  ThreadRuns runs_;
  std::unordered_map<uint64_t, RunCounts> before_;
};

}  // namespace austin
