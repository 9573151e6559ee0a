#include "cpython/py_object.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <utility>

#include "cpython/py_string.h"

namespace austin {
namespace {

// `tp_flags` (cpython/object.h).
constexpr uint64_t kInlineValuesFlag = 1 << 2;
constexpr uint64_t kManagedDictFlag = 1 << 4;

/// Keys compared per read, and unreadable keys passed over before giving up.
constexpr size_t kKeysPerRead = 1024;
constexpr int kMaxUnreadableKeys = 16;

/// Index tables of dicts larger than these are garbage.
constexpr uint64_t kMaxIndexSlots = uint64_t{1} << 36;
constexpr uint8_t kMaxLog2IndexBytes = 40;

/// Slots of a set looked at, and raw entries of a dict, to find the few that are wanted.
constexpr uint64_t kMaxSetSlots = 4096;
constexpr size_t kMaxRawEntries = 1024;

/// Kinds of keys blocks from 3.11 on (pycore_dict.h DictKeysKind).
enum KeysKind : uint8_t { kGeneral = 0, kStringKeys = 1, kSplit = 2 };

/// Bytes of one slot of the index table, up to 3.10 (Objects/dictobject.c DK_IXSIZE).
uint64_t SlotBytes(uint64_t slots) { return slots <= 0xFF ? 1 : slots <= 0xFFFF ? 2 : slots <= 0xFFFFFFFF ? 4 : 8; }

/// Whether a dict with too many entries is refused or read up to the limit.
enum class AboveLimit { kRefuse, kCut };

/// The entries of a keys block: with split keys the values are elsewhere, under the same indices.
std::optional<std::vector<DictEntry>> ReadKeys(MemoryReader& memory, const Layout& layout, Address keys,
                                               size_t max_entries, AboveLimit above = AboveLimit::kRefuse) {
  const auto& dict = layout.dict;
  std::array<std::byte, 64> header;
  const size_t header_size = size_t(dict.keys_size);
  if (keys == 0 || header_size > header.size() || !memory.Read(keys, header.data(), header_size)) return std::nullopt;

  uint64_t index_bytes;
  bool with_hash = true;
  if (dict.keys_slot_count != kAbsent) {
    const uint64_t slots = FieldAt<uint64_t>(header.data(), size_t(dict.keys_slot_count));
    if (slots > kMaxIndexSlots) return std::nullopt;
    index_bytes = slots * SlotBytes(slots);
  } else {
    const uint8_t log2 = FieldAt<uint8_t>(header.data(), size_t(dict.keys_log2_index_bytes));
    const uint8_t kind = FieldAt<uint8_t>(header.data(), size_t(dict.keys_kind));
    if (log2 > kMaxLog2IndexBytes || kind > kSplit) return std::nullopt;
    index_bytes = uint64_t{1} << log2;
    with_hash = kind == kGeneral;
  }
  uint64_t count = FieldAt<uint64_t>(header.data(), size_t(dict.keys_entry_count));
  if (count > max_entries) {
    if (above == AboveLimit::kRefuse) return std::nullopt;
    count = max_entries;
  }

  const size_t stride = with_hash ? 24 : 16;
  std::vector<std::byte> table(size_t(count) * stride);
  if (!memory.Read(keys + uint64_t(dict.keys_indices) + index_bytes, table.data(), table.size())) return std::nullopt;
  std::vector<DictEntry> entries(size_t(count), DictEntry{});
  for (size_t i = 0; i < entries.size(); ++i) {
    const size_t key = i * stride + (with_hash ? 8 : 0);
    entries[i] = {FieldAt<Address>(table.data(), key), FieldAt<Address>(table.data(), key + 8)};
  }
  return entries;
}

/// Puts the values of a block of split values into the entries of its keys.
bool FillSplitValues(MemoryReader& memory, const Layout& layout, Address values, std::vector<DictEntry>& entries) {
  const size_t first = size_t(layout.dict.values_first);
  std::vector<std::byte> block(first + entries.size() * sizeof(Address));
  const RemoteRange range{values, block.size()};
  const size_t got = memory.ReadRanges({&range, 1}, block.data()).bytes;
  if (got < first) return false;
  size_t count = (got - first) / sizeof(Address);
  // 3.13 and later: the first byte is the number of values there is room for. Keys can outgrow it.
  if (first != 0) count = std::min(count, size_t(FieldAt<uint8_t>(block.data(), 0)));
  for (size_t i = 0; i < entries.size(); ++i) {
    entries[i].value = i < count ? FieldAt<Address>(block.data(), first + i * sizeof(Address)) : 0;
  }
  return true;
}

void DropUnset(std::vector<DictEntry>& entries) {
  std::erase_if(entries, [](const DictEntry& entry) { return entry.key == 0 || entry.value == 0; });
}

std::optional<std::vector<DictEntry>> ReadSplit(MemoryReader& memory, const Layout& layout, Address keys,
                                                Address values, size_t max_entries,
                                                AboveLimit above = AboveLimit::kRefuse) {
  std::optional<std::vector<DictEntry>> entries = ReadKeys(memory, layout, keys, max_entries, above);
  if (!entries || !FillSplitValues(memory, layout, values, *entries)) return std::nullopt;
  DropUnset(*entries);
  return entries;
}

/// The fields of a type that tell where its instances keep their attributes.
struct TypeFields {
  uint64_t flags;
  uint64_t basic_size;
  int64_t dict_offset;
  Address cached_keys;
};

std::optional<TypeFields> ReadType(MemoryReader& memory, const Layout& layout, Address object) {
  const std::optional<Address> type = memory.ReadValue<Address>(object + uint64_t(layout.object.type));
  if (!type || *type == 0) return std::nullopt;
  const auto field = [&](Offset offset) { return RemoteRange{*type + uint64_t(offset), 8}; };
  const RemoteRange ranges[] = {field(layout.type.flags), field(layout.type.basic_size), field(layout.type.dict_offset),
                                field(layout.type.cached_keys)};
  TypeFields fields{};
  // The last one exists only in types made by class statements; only those have use for it.
  if (memory.ReadRanges(ranges, reinterpret_cast<std::byte*>(&fields)).bytes < 24) return std::nullopt;
  return fields;
}

/// Whether a copy of a str from its first byte has this ASCII text.
bool IsText(const Layout& layout, std::span<const std::byte> copy, std::string_view text) {
  const std::optional<StringShape> shape = ParseString(layout, copy);
  if (!shape || !shape->ascii || shape->length != text.size() || shape->data == kAbsent) return false;
  const size_t start = size_t(shape->data);
  return start + text.size() <= copy.size() && std::memcmp(copy.data() + start, text.data(), text.size()) == 0;
}

std::optional<std::vector<DictEntry>> ReadAnyDict(MemoryReader& memory, const Layout& layout, Address dict,
                                                  size_t max_entries, AboveLimit above) {
  if (dict == 0) return std::nullopt;
  const RemoteRange ranges[] = {{dict + uint64_t(layout.dict.keys), 8}, {dict + uint64_t(layout.dict.values), 8}};
  std::array<Address, 2> pointers;
  const size_t got = memory.ReadRanges(ranges, reinterpret_cast<std::byte*>(pointers.data())).bytes;
  if (got != sizeof pointers) return std::nullopt;
  const auto [keys, values] = pointers;
  if (values != 0) return ReadSplit(memory, layout, keys, values, max_entries, above);
  std::optional<std::vector<DictEntry>> entries = ReadKeys(memory, layout, keys, max_entries, above);
  if (entries) DropUnset(*entries);
  return entries;
}

std::optional<Items> ReadItems(MemoryReader& memory, Address array, int64_t count, size_t most) {
  if (count < 0) return std::nullopt;
  Items items{.count = uint64_t(count), .items = {}};
  items.items.resize(size_t(std::min<uint64_t>(items.count, most)));
  if (!memory.Read(array, items.items.data(), items.items.size() * sizeof(Address))) return std::nullopt;
  return items;
}

}  // namespace

std::optional<std::vector<DictEntry>> ReadDict(MemoryReader& memory, const Layout& layout, Address dict,
                                               size_t max_entries) {
  return ReadAnyDict(memory, layout, dict, max_entries, AboveLimit::kRefuse);
}

std::optional<DictStart> ReadDictStart(MemoryReader& memory, const Layout& layout, Address dict, size_t most) {
  // `ma_used` follows the header.
  const std::optional<int64_t> count = memory.ReadValue<int64_t>(dict + uint64_t(layout.object.size));
  if (!count || *count < 0) return std::nullopt;
  std::optional<std::vector<DictEntry>> entries =
      ReadAnyDict(memory, layout, dict, std::max(most, kMaxRawEntries), AboveLimit::kCut);
  if (!entries) return std::nullopt;
  if (entries->size() > most) entries->resize(most);
  return DictStart{.count = uint64_t(*count), .entries = std::move(*entries)};
}

std::optional<Items> ReadTuple(MemoryReader& memory, const Layout& layout, Address tuple, size_t most) {
  const std::optional<int64_t> count = memory.ReadValue<int64_t>(tuple + uint64_t(layout.object.size));
  if (!count) return std::nullopt;
  return ReadItems(memory, tuple + uint64_t(layout.tuple.items), *count, most);
}

std::optional<Items> ReadList(MemoryReader& memory, const Layout& layout, Address list, size_t most) {
  const RemoteRange ranges[] = {{list + uint64_t(layout.object.size), 8}, {list + uint64_t(layout.list.items), 8}};
  std::array<uint64_t, 2> fields;
  if (memory.ReadRanges(ranges, reinterpret_cast<std::byte*>(fields.data())).bytes != sizeof fields) return std::nullopt;
  return ReadItems(memory, fields[1], int64_t(fields[0]), most);
}

std::optional<Items> ReadSet(MemoryReader& memory, const Layout& layout, Address set, size_t most) {
  const auto& at = layout.set;
  const RemoteRange ranges[] = {{set + uint64_t(at.used), 8}, {set + uint64_t(at.mask), 8}, {set + uint64_t(at.table), 8}};
  std::array<uint64_t, 3> fields;
  if (memory.ReadRanges(ranges, reinterpret_cast<std::byte*>(fields.data())).bytes != sizeof fields) return std::nullopt;
  const auto [used, mask, table] = fields;
  if ((mask & (mask + 1)) != 0 || used > mask) return std::nullopt;

  struct Slot {
    Address key;
    int64_t hash;
  };
  std::vector<Slot> slots(size_t(std::min(mask, kMaxSetSlots - 1)) + 1);
  if (!memory.Read(table, slots.data(), slots.size() * sizeof(Slot))) return std::nullopt;
  Items items{.count = used, .items = {}};
  for (const Slot& slot : slots) {
    // What was removed keeps its slot, with a hash that nothing has.
    if (slot.key == 0 || slot.hash == -1 || items.items.size() == std::min<uint64_t>(used, most)) continue;
    items.items.push_back(slot.key);
  }
  return items;
}

std::optional<std::vector<DictEntry>> ReadAttributes(MemoryReader& memory, const Layout& layout, Address object) {
  if (object == 0) return std::nullopt;
  const std::optional<TypeFields> type = ReadType(memory, layout, object);
  if (!type) return std::nullopt;
  const auto& where = layout.type;
  if (where.attribute_model != AttributeModel::kDictOffset && (type->flags & kManagedDictFlag) != 0) {
    const std::optional<Address> word = memory.ReadValue<Address>(object - uint64_t(where.dict_before));
    if (!word) return std::nullopt;
    switch (where.attribute_model) {
      case AttributeModel::kDictOffset:
        return std::nullopt;
      case AttributeModel::kTwoPointers: {
        if (*word != 0) return ReadDict(memory, layout, *word, kMaxAttributes);
        const std::optional<Address> values = memory.ReadValue<Address>(object - uint64_t(where.values_before));
        if (!values || *values == 0) return std::nullopt;
        return ReadSplit(memory, layout, type->cached_keys, *values, kMaxAttributes);
      }
      case AttributeModel::kTaggedPointer:
        if ((*word & 1) == 0) return ReadDict(memory, layout, *word, kMaxAttributes);
        return ReadSplit(memory, layout, type->cached_keys, *word + 1, kMaxAttributes);
      case AttributeModel::kInlineValues:
        if (*word != 0) return ReadDict(memory, layout, *word, kMaxAttributes);
        if ((type->flags & kInlineValuesFlag) == 0) return std::nullopt;
        return ReadSplit(memory, layout, type->cached_keys, object + type->basic_size, kMaxAttributes);
    }
  }
  // A negative offset counts from the end of objects of variable size: int and tuple subclasses, not needed here.
  if (type->dict_offset <= 0) return std::nullopt;
  const std::optional<Address> dict = memory.ReadValue<Address>(object + uint64_t(type->dict_offset));
  if (!dict) return std::nullopt;
  return ReadDict(memory, layout, *dict, kMaxAttributes);
}

std::optional<Address> Name::FindIn(MemoryReader& memory, const Layout& layout, const std::vector<DictEntry>& entries) {
  if (address_ != 0) {
    for (const DictEntry& entry : entries) {
      if (entry.key == address_) return entry.value;
    }
  }
  const size_t length = std::max(StringHeaderSize(layout), size_t(layout.unicode.ascii_data)) + text_.size();
  std::vector<RemoteRange> ranges;
  std::vector<std::byte> copies;
  int unreadable = 0;
  for (size_t next = 0; next < entries.size();) {
    const size_t count = std::min(kKeysPerRead, entries.size() - next);
    ranges.clear();
    for (size_t i = 0; i < count; ++i) ranges.push_back({entries[next + i].key, length});
    copies.resize(count * length);
    const size_t whole = memory.ReadRanges(ranges, copies.data()).bytes / length;
    for (size_t i = 0; i < whole; ++i) {
      if (!IsText(layout, std::span(copies).subspan(i * length, length), text_)) continue;
      address_ = entries[next + i].key;
      return entries[next + i].value;
    }
    next += whole;
    if (whole < count) {
      if (++unreadable > kMaxUnreadableKeys) return std::nullopt;
      ++next;
    }
  }
  return std::nullopt;
}

bool HaveSameType(MemoryReader& memory, const Layout& layout, Address one, Address other) {
  if (one == 0 || other == 0) return false;
  const uint64_t offset = uint64_t(layout.object.type);
  const RemoteRange ranges[] = {{one + offset, 8}, {other + offset, 8}};
  std::array<Address, 2> types;
  if (memory.ReadRanges(ranges, reinterpret_cast<std::byte*>(types.data())).bytes != sizeof types) return false;
  return types[0] == types[1];
}

std::optional<IntHeader> ReadIntHeader(MemoryReader& memory, const Layout& layout, Address address) {
  if (address == 0) return std::nullopt;
  const std::optional<int64_t> tag = memory.ReadValue<int64_t>(address + uint64_t(layout.integer.tag));
  if (!tag) return std::nullopt;
  if (layout.integer.sign_in_tag) {
    return IntHeader{.negative = (*tag & 3) == 2, .digits = (*tag & 3) == 1 ? 0 : uint64_t(*tag) >> 3};
  }
  return IntHeader{.negative = *tag < 0, .digits = *tag < 0 ? uint64_t{0} - uint64_t(*tag) : uint64_t(*tag)};
}

std::optional<int64_t> ReadInt(MemoryReader& memory, const Layout& layout, Address address) {
  constexpr int kDigitBits = 30;
  const std::optional<IntHeader> header = ReadIntHeader(memory, layout, address);
  if (!header) return std::nullopt;
  const auto [negative, count] = *header;
  std::array<uint32_t, 3> digits{};
  if (count > digits.size()) return std::nullopt;
  if (!memory.Read(address + uint64_t(layout.integer.digits), digits.data(), size_t(count) * sizeof(uint32_t))) {
    return std::nullopt;
  }
  uint64_t magnitude = 0;
  for (size_t i = size_t(count); i-- > 0;) {
    if (magnitude >> (63 - kDigitBits) != 0 || digits[i] >> kDigitBits != 0) return std::nullopt;
    magnitude = magnitude << kDigitBits | digits[i];
  }
  return negative ? -int64_t(magnitude) : int64_t(magnitude);
}

}  // namespace austin
