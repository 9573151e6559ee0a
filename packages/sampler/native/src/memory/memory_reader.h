#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <type_traits>

namespace austin {

/// An address in the target. Never converted to a C++ pointer.
using Address = uint64_t;

struct RemoteRange {
  Address address = 0;
  size_t length = 0;
};

/// How far a vectored read got. "Unreadable" is never confused with "zero".
struct ReadOutcome {
  /// Bytes copied, counted over all ranges in order. The first unreadable byte ends the read.
  size_t bytes = 0;
  /// 0, or why the read ended early: EFAULT, ESRCH, EPERM, …
  int sys_errno = 0;
};

/// Reads the memory of one process, or of a recording of one.
class MemoryReader {
 public:
  virtual ~MemoryReader() = default;

  /// Copies the ranges one after the other, in order, into `out`, which has room for all of them. In-order
  /// processing is part of the contract: the double copy of the sampler relies on it. Any number of
  /// ranges is accepted.
  virtual ReadOutcome ReadRanges(std::span<const RemoteRange> ranges, std::byte* out) = 0;

  /// Whether time matters to it: it is the memory of a process, which may run while it is read.
  virtual bool is_live() const { return true; }

  /// Reads one range whole.
  bool Read(Address address, void* out, size_t length) {
    const RemoteRange range{address, length};
    return ReadRanges({&range, 1}, static_cast<std::byte*>(out)).bytes == length;
  }

  template <typename T>
  std::optional<T> ReadValue(Address address) {
    static_assert(std::is_trivially_copyable_v<T>);
    T value;
    if (!Read(address, &value, sizeof(T))) return std::nullopt;
    return value;
  }
};

/// Picks a field out of a local copy. The caller has checked that the copy is long enough.
template <typename T>
T FieldAt(const std::byte* copy, size_t offset) {
  static_assert(std::is_trivially_copyable_v<T>);
  T value;
  std::memcpy(&value, copy + offset, sizeof(T));
  return value;
}

}  // namespace austin
