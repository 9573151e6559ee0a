#pragma once

#include <array>
#include <cstdint>
#include <limits>

#include "os/capture_outcome.h"
#include "sampler/pauses.h"
#include "sampler/process_sampler.h"
#include "sampler/stack_copy.h"

namespace austin {

/// Counts of a recording so far; times in microseconds. native.ts documents each field for users.
struct Statistics {
  uint64_t rounds = 0;
  uint64_t samples = 0;
  /// By Quality; the four add up to `samples`.
  std::array<uint64_t, kQualityCount> by_quality{};
  /// By Reason.
  std::array<uint64_t, kReasonCount> reasons{};
  uint64_t late_rounds = 0;
  uint64_t missed_rounds = 0;
  /// Rounds that took longer than the interval.
  uint64_t long_rounds = 0;
  uint64_t duration_us = 0;
  /// Time with a garbage collector active, of all processes.
  uint64_t gc_us = 0;
  /// Stacks whose task was gone before it could be read.
  uint64_t missed_tasks = 0;
  /// Whether native stacks are taken.
  bool has_native = false;
  /// Samples by what became of their native half, of recordings that have one.
  uint64_t native_disagreed = 0;
  uint64_t native_incomplete = 0;
  /// Threads that were not stopped, by CaptureOutcome.
  std::array<uint64_t, kCaptureOutcomeCount> native_missed{};
  Pauses pauses;
  /// Python processes sampled so far.
  uint64_t processes = 0;
  uint64_t bytes = 0;

  uint64_t busy_ns = 0;
  uint64_t shortest_round_ns = std::numeric_limits<uint64_t>::max();
  uint64_t longest_round_ns = 0;

  /// CPU time of the sampling thread.
  uint64_t cpu_us = 0;
  /// The interval in force.
  uint64_t interval_us = 0;

  /// Adds the counts of what follows: the next file of the same recording.
  void Add(const Statistics& next);

  uint64_t all_native_missed() const;
  uint64_t of(Quality quality) const { return by_quality[static_cast<size_t>(quality)]; }
};

}  // namespace austin
