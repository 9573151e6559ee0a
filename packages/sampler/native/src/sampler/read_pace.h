#pragma once

#include <cstddef>
#include <cstdint>

namespace austin {

/// Tells a read that was interrupted between its ranges from one that is merely slow on this machine: it learns what reads
/// cost here. A read that follows a sleep finds cold caches and costs several times more than one that follows another, so
/// the two kinds have a pace each.
class ReadPace {
 public:
  /// Books a read and says whether it took several times longer than others of its size.
  bool WasInterrupted(size_t ranges, size_t bytes, int64_t took_ns);

 private:
  /// Nanoseconds per unit of work, where a call is some units, and each range and page another.
  double per_unit_ns_ = 150;
};

}  // namespace austin
