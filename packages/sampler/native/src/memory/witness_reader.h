#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "memory/memory_reader.h"

namespace austin {

/// What was read to find something out. While memory is still the same there, so is what follows from it.
struct Witness {
  std::vector<RemoteRange> ranges;
  std::vector<std::byte> bytes;

  /// Compares all of it with memory, in one read.
  bool Holds(MemoryReader& memory) const;
};

/// Passes reads on and keeps what was read.
class WitnessReader final : public MemoryReader {
 public:
  explicit WitnessReader(MemoryReader& memory) : memory_(memory) {}

  ReadOutcome ReadRanges(std::span<const RemoteRange> ranges, std::byte* out) override;

  /// What was read since the last call. Empty ranges when a read failed: nothing can be concluded then.
  Witness Take();

 private:
  MemoryReader& memory_;
  Witness witness_;
  bool failed_ = false;
};

}  // namespace austin
