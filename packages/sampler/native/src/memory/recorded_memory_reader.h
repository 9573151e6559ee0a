#pragma once

#include <map>
#include <span>
#include <vector>

#include "memory/memory_reader.h"

namespace austin {

/// Reads a set of recorded segments as if they were the memory of a process. Everything outside is unreadable.
class RecordedMemoryReader final : public MemoryReader {
 public:
  /// Adds bytes at an address. Bytes that were there are replaced.
  void Add(Address address, std::span<const std::byte> bytes);

  template <typename T>
  void AddValue(Address address, const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    Add(address, std::as_bytes(std::span(&value, 1)));
  }

  /// Makes a range unreadable.
  void Remove(Address address, size_t length);

  /// Reads as a process reader does; the error is EFAULT.
  ReadOutcome ReadRanges(std::span<const RemoteRange> ranges, std::byte* out) override;

  bool is_live() const override { return false; }

  /// The segments by start address; they do not overlap.
  const std::map<Address, std::vector<std::byte>>& segments() const { return segments_; }

 private:
  std::map<Address, std::vector<std::byte>> segments_;
};

}  // namespace austin
