#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "memory/memory_reader.h"

namespace austin {

/// Joins pieces of memory that lie close together into fewer ranges: each range of a vectored read costs as much as
/// copying some kilobytes. A joined range reaches into no page that none of its pieces touches, so joining makes nothing
/// unreadable.
class JoinedRanges {
 public:
  JoinedRanges() = default;
  explicit JoinedRanges(std::span<const RemoteRange> pieces);

  /// The ranges to read, in order of address.
  const std::vector<RemoteRange>& ranges() const { return ranges_; }
  /// The length of all ranges.
  size_t bytes() const { return bytes_; }
  /// Where piece `index` begins in what was read, one range after the other.
  size_t offset_of(size_t index) const { return offsets_[index]; }

 private:
  std::vector<RemoteRange> ranges_;
  std::vector<size_t> offsets_;
  size_t bytes_ = 0;
};

}  // namespace austin
