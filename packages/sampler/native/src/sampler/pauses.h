#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace austin {

/// For how long threads were stopped, in nanoseconds. Takes a fixed amount of memory, so the median is known to within 3 %.
class Pauses {
 public:
  void Add(uint64_t ns);
  void Add(const Pauses& others);

  uint64_t count() const { return count_; }
  /// 0 without any pause, as are the next three.
  uint64_t min_ns() const { return count_ != 0 ? min_ns_ : 0; }
  uint64_t max_ns() const { return max_ns_; }
  uint64_t MedianNs() const;
  /// Of all together.
  uint64_t total_ns() const { return total_ns_; }

 private:
  uint64_t count_ = 0;
  uint64_t min_ns_ = std::numeric_limits<uint64_t>::max();
  uint64_t max_ns_ = 0;
  uint64_t total_ns_ = 0;
  /// How many pauses fell into each sixteenth of a power of two. Empty until the first one.
  std::vector<uint32_t> slots_;
};

}  // namespace austin
