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

/// The beginning of a dict.
struct DictStart {
  /// How many entries the dict says it has.
  uint64_t count = 0;
  std::vector<DictEntry> entries;
};

/// At most `most` of the first entries of a dict of any size. Empty as for ReadDict.
std::optional<DictStart> ReadDictStart(MemoryReader& memory, const Layout& layout, Address dict, size_t most);

/// The first items of a tuple or list, or any items of a set.
struct Items {
  /// How many the object says it has.
  uint64_t count = 0;
  std::vector<Address> items;
};

/// At most `most` of the items of a tuple, list, or set. Empty when something is unreadable or makes no sense. The object must be
/// one: nothing tells otherwise.
std::optional<Items> ReadTuple(MemoryReader& memory, const Layout& layout, Address tuple, size_t most);
std::optional<Items> ReadList(MemoryReader& memory, const Layout& layout, Address list, size_t most);
std::optional<Items> ReadSet(MemoryReader& memory, const Layout& layout, Address set, size_t most);

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

struct IntHeader {
  bool negative = false;
  /// How many digits of 30 bits there are.
  uint64_t digits = 0;
};

/// What an int says of itself; the digits are at `integer.digits`. The object must be one.
std::optional<IntHeader> ReadIntHeader(MemoryReader& memory, const Layout& layout, Address address);

/// The value of an int. The object must be one: nothing tells otherwise. Empty when it is unreadable or does not
/// fit.
std::optional<int64_t> ReadInt(MemoryReader& memory, const Layout& layout, Address address);

}  // namespace austin
