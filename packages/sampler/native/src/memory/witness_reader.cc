#include "memory/witness_reader.h"

#include <utility>

namespace austin {

bool Witness::Holds(MemoryReader& memory) const {
  if (ranges.empty()) return false;
  std::vector<std::byte> now(bytes.size());
  return memory.ReadRanges(ranges, now.data()).bytes == bytes.size() && now == bytes;
}

ReadOutcome WitnessReader::ReadRanges(std::span<const RemoteRange> ranges, std::byte* out) {
  const ReadOutcome outcome = memory_.ReadRanges(ranges, out);
  size_t length = 0;
  for (const RemoteRange& range : ranges) length += range.length;
  if (outcome.bytes != length) {
    failed_ = true;
  } else {
    witness_.ranges.insert(witness_.ranges.end(), ranges.begin(), ranges.end());
    witness_.bytes.insert(witness_.bytes.end(), out, out + length);
  }
  return outcome;
}

Witness WitnessReader::Take() {
  if (std::exchange(failed_, false)) witness_ = {};
  return std::exchange(witness_, {});
}

}  // namespace austin
