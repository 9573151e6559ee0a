#include "memory/joined_ranges.h"

#include <algorithm>

namespace austin {

namespace {

/// The smallest page size of any system; with larger pages fewer ranges are joined than could be.
constexpr size_t kPage = 4096;
/// Copying a gap of this size costs less than a range of its own.
constexpr size_t kLargestGap = 1024;

}  // namespace

JoinedRanges::JoinedRanges(std::span<const RemoteRange> pieces) : offsets_(pieces.size()) {
  std::vector<size_t> by_address(pieces.size());
  for (size_t i = 0; i < by_address.size(); ++i) by_address[i] = i;
  std::sort(by_address.begin(), by_address.end(),
            [pieces](size_t a, size_t b) { return pieces[a].address < pieces[b].address; });

  size_t begin = 0;  // of the last range, in what is read
  for (const size_t index : by_address) {
    const RemoteRange& piece = pieces[index];
    const Address end = piece.address + piece.length;
    const auto joins_last = [&] {
      if (ranges_.empty()) return false;
      const Address last_end = ranges_.back().address + ranges_.back().length;
      return piece.address <= last_end ||
             (piece.address <= last_end + kLargestGap && piece.address / kPage == (last_end - 1) / kPage);
    };
    if (joins_last()) {
      ranges_.back().length = std::max(ranges_.back().length, static_cast<size_t>(end - ranges_.back().address));
    } else {
      begin = bytes_;
      ranges_.push_back({piece.address, piece.length});
    }
    offsets_[index] = begin + (piece.address - ranges_.back().address);
    bytes_ = begin + ranges_.back().length;
  }
}

}  // namespace austin
