#pragma once

#include <cstdint>
#include <cstring>
#include <span>

#include "memory/memory_reader.h"

namespace austin {

/// A copy of the used part of a stack. It should begin Architecture::kRedZone bytes below the stack pointer.
struct StackMemory {
  /// Of the first byte.
  Address start = 0;
  std::span<const std::byte> bytes;

  /// Reads up to 8 bytes as a number. False unless all are within the copy.
  bool Read(Address address, uint64_t* out, size_t length = 8) const {
    const uint64_t skip = address - start;
    if (address < start || skip > bytes.size() || bytes.size() - skip < length) return false;
    *out = 0;
    std::memcpy(out, bytes.data() + skip, length);
    return true;
  }
};

}  // namespace austin
