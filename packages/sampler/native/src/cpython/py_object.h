#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "cpython/layout.h"
#include "memory/memory_reader.h"

namespace austin {

/// More entries than this in one dict are garbage, or not worth reading for what this is used for.
inline constexpr size_t kMaxDictEntries = 1 << 17;

/// The same for the attributes of one instance.
inline constexpr size_t kMaxAttributes = 1 << 10;

/// Addresses of a key and its value.
struct DictEntry {
  Address key = 0;
  Address value = 0;
};

/// The entries of a dict in order, deleted and unset ones left out. Empty when something is unreadable or makes no
/// sense. A dict that changes meanwhile can give old and new entries mixed.
std::optional<std::vector<DictEntry>> ReadDict(MemoryReader& memory, const Layout& layout, Address dict,
                                               size_t max_entries = kMaxDictEntries);

/// The attributes of an instance, wherever the version keeps them, in no useful order. Empty as for ReadDict, and
/// for objects that have no attributes of their own.
std::optional<std::vector<DictEntry>> ReadAttributes(MemoryReader& memory, const Layout& layout, Address object);

/// A key to look for by its text, which is ASCII. CPython interns names, so that the same str object is the key
/// everywhere: once found, its address is enough.
class Name {
 public:
  explicit Name(std::string_view text) : text_(text) {}

  /// The value of the entry whose key has this text, or empty.
  std::optional<Address> FindIn(MemoryReader& memory, const Layout& layout, const std::vector<DictEntry>& entries);

 private:
  std::string_view text_;
  Address address_ = 0;
};

/// Whether two objects have the same type, subclasses not counted. False when one is unreadable.
bool HaveSameType(MemoryReader& memory, const Layout& layout, Address one, Address other);

/// The value of an int. The object must be one: nothing tells otherwise. Empty when it is unreadable or does not
/// fit.
std::optional<int64_t> ReadInt(MemoryReader& memory, const Layout& layout, Address address);

}  // namespace austin
