#pragma once

#include <chrono>
#include <cstddef>
#include <span>

#include "memory/memory_reader.h"

namespace austin {

/// What a walk through objects of the target may cost.
struct ReadBudget {
  size_t reads = 0;
  size_t bytes = 0;
  std::chrono::milliseconds time{0};
};

/// Passes reads on while a budget lasts. After that everything is unreadable, and `exhausted` tells why.
class BoundedReader final : public MemoryReader {
 public:
  BoundedReader(MemoryReader& memory, const ReadBudget& budget)
      : memory_(memory),
        reads_left_(budget.reads),
        bytes_left_(budget.bytes),
        deadline_(std::chrono::steady_clock::now() + budget.time) {}

  ReadOutcome ReadRanges(std::span<const RemoteRange> ranges, std::byte* out) override;

  bool exhausted() const { return exhausted_; }

 private:
  MemoryReader& memory_;
  size_t reads_left_;
  size_t bytes_left_;
  const std::chrono::steady_clock::time_point deadline_;
  bool exhausted_ = false;
};

}  // namespace austin
