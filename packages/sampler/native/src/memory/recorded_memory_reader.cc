#include "memory/recorded_memory_reader.h"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

namespace austin {

void RecordedMemoryReader::Remove(Address address, size_t length) {
  if (length == 0) return;
  const Address end = address + length;
  auto it = segments_.upper_bound(address);
  if (it != segments_.begin()) --it;
  while (it != segments_.end() && it->first < end) {
    const Address start = it->first;
    std::vector<std::byte>& bytes = it->second;
    const Address segment_end = start + bytes.size();
    if (segment_end <= address) {
      ++it;
      continue;
    }
    if (segment_end > end) {
      segments_.emplace(end, std::vector<std::byte>(bytes.begin() + ptrdiff_t(end - start), bytes.end()));
    }
    if (start < address) {
      bytes.resize(address - start);
      ++it;
    } else {
      it = segments_.erase(it);
    }
  }
}

void RecordedMemoryReader::Add(Address address, std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  Remove(address, bytes.size());
  segments_.emplace(address, std::vector<std::byte>(bytes.begin(), bytes.end()));
}

ReadOutcome RecordedMemoryReader::ReadRanges(std::span<const RemoteRange> ranges, std::byte* out) {
  ReadOutcome outcome;
  for (const RemoteRange& range : ranges) {
    Address at = range.address;
    size_t left = range.length;
    while (left > 0) {
      auto it = segments_.upper_bound(at);
      if (it == segments_.begin()) return {outcome.bytes, EFAULT};
      --it;
      const size_t skip = at - it->first;
      if (skip >= it->second.size()) return {outcome.bytes, EFAULT};
      const size_t take = std::min(left, it->second.size() - skip);
      std::copy_n(it->second.data() + skip, take, out + outcome.bytes);
      outcome.bytes += take;
      at += take;
      left -= take;
    }
  }
  return outcome;
}

}  // namespace austin
