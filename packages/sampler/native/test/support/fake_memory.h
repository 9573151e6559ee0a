#pragma once

#include <cerrno>
#include <cstring>
#include <functional>
#include <map>
#include <span>
#include <vector>

#include "memory/memory_reader.h"

namespace austin::check {

/// An address space held in memory, which can change between the ranges of one read. Outside of what is mapped
/// everything is unreadable.
class FakeMemory final : public MemoryReader {
 public:
  void Map(Address address, size_t length) { regions_[address].resize(length); }
  void Unmap(Address address) { regions_.erase(address); }

  template <typename T>
  void Put(Address address, const T& value) {
    PutBytes(address, std::as_bytes(std::span(&value, 1)));
  }

  void PutBytes(Address address, std::span<const std::byte> bytes) {
    if (std::byte* at = Find(address, bytes.size())) std::copy(bytes.begin(), bytes.end(), at);
  }

  template <typename T>
  T Get(Address address) {
    T value{};
    if (const std::byte* at = Find(address, sizeof(T))) std::memcpy(&value, at, sizeof(T));
    return value;
  }

  /// Where the bytes of a mapped range are kept, or null.
  std::byte* Find(Address address, size_t length) {
    auto at = regions_.upper_bound(address);
    if (at == regions_.begin()) return nullptr;
    --at;
    const size_t skip = address - at->first;
    if (skip > at->second.size() || length > at->second.size() - skip) return nullptr;
    return at->second.data() + skip;
  }

  bool is_live() const override { return false; }

  ReadOutcome ReadRanges(std::span<const RemoteRange> ranges, std::byte* out) override {
    ++reads;
    size_t done = 0;
    for (const RemoteRange& range : ranges) {
      if (before_range) before_range(range);
      bytes_wanted += range.length;
      const std::byte* whole = Find(range.address, range.length);
      if (whole == nullptr) {
        const size_t part = Readable(range);
        if (part != 0) std::memcpy(out + done, Find(range.address, part), part);
        return {done + part, EFAULT};
      }
      if (range.length != 0) std::memcpy(out + done, whole, range.length);
      done += range.length;
    }
    return {done, 0};
  }

  std::map<Address, std::vector<std::byte>>& regions() { return regions_; }

  size_t reads = 0;
  size_t bytes_wanted = 0;
  std::function<void(const RemoteRange&)> before_range;

 private:
  size_t Readable(const RemoteRange& range) const {
    auto at = regions_.upper_bound(range.address);
    if (at == regions_.begin()) return 0;
    --at;
    const size_t skip = range.address - at->first;
    return skip < at->second.size() ? at->second.size() - skip : 0;
  }

  std::map<Address, std::vector<std::byte>> regions_;
};

}  // namespace austin::check
