#include "memory/bounded_reader.h"

#include <cerrno>

namespace austin {

ReadOutcome BoundedReader::ReadRanges(std::span<const RemoteRange> ranges, std::byte* out) {
  size_t wanted = 0;
  for (const RemoteRange& range : ranges) wanted += range.length;
  exhausted_ = exhausted_ || reads_left_ == 0 || wanted > bytes_left_ || std::chrono::steady_clock::now() > deadline_;
  if (exhausted_) return {0, ETIME};
  --reads_left_;
  bytes_left_ -= wanted;
  return memory_.ReadRanges(ranges, out);
}

}  // namespace austin
