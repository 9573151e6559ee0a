#include "cpython/py_string.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace austin {
namespace {

/// A str longer than this cannot be: it is garbage, not a long name.
constexpr uint64_t kMaxPlausibleLength = uint64_t(1) << 40;

// Bits of the state word (cpython/unicodeobject.h), before `state_shift`.
constexpr int kKindBit = 2;
constexpr int kCompactBit = 5;
constexpr int kAsciiBit = 6;

constexpr char32_t kReplacement = 0xFFFD;
constexpr char32_t kSymbolForNull = 0x2400;
constexpr char32_t kEllipsis = 0x2026;

void AppendCharacter(char32_t c, std::string& out) {
  if (c == 0) {
    AppendUtf8(kSymbolForNull, out);
  } else if (c >= 0xDC80 && c <= 0xDCFF) {
    out += char(c - 0xDC00);
  } else if ((c >= 0xD800 && c <= 0xDFFF) || c > 0x10FFFF) {
    AppendUtf8(kReplacement, out);
  } else {
    AppendUtf8(c, out);
  }
}

template <typename Unit>
void AppendAll(std::span<const std::byte> characters, std::string& out) {
  for (size_t at = 0; at + sizeof(Unit) <= characters.size(); at += sizeof(Unit)) {
    AppendCharacter(char32_t(FieldAt<Unit>(characters.data(), at)), out);
  }
}

}  // namespace

void AppendUtf8(char32_t c, std::string& out) {
  if (c < 0x80) {
    out += char(c);
  } else if (c < 0x800) {
    out += char(0xC0 | c >> 6);
    out += char(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += char(0xE0 | c >> 12);
    out += char(0x80 | (c >> 6 & 0x3F));
    out += char(0x80 | (c & 0x3F));
  } else {
    out += char(0xF0 | c >> 18);
    out += char(0x80 | (c >> 12 & 0x3F));
    out += char(0x80 | (c >> 6 & 0x3F));
    out += char(0x80 | (c & 0x3F));
  }
}

size_t StringHeaderSize(const Layout& layout) { return size_t(layout.unicode.state) + sizeof(uint32_t); }

std::optional<StringShape> ParseString(const Layout& layout, std::span<const std::byte> copy) {
  if (copy.size() < StringHeaderSize(layout)) return std::nullopt;
  const uint32_t state = FieldAt<uint32_t>(copy.data(), size_t(layout.unicode.state)) >> layout.unicode.state_shift;
  StringShape shape;
  shape.length = FieldAt<uint64_t>(copy.data(), size_t(layout.unicode.length));
  shape.kind = state >> kKindBit & 7;
  shape.ascii = (state >> kAsciiBit & 1) != 0;
  const bool compact = (state >> kCompactBit & 1) != 0;
  if (shape.length > kMaxPlausibleLength) return std::nullopt;
  if (shape.kind != 1 && shape.kind != 2 && shape.kind != 4) return std::nullopt;
  if (shape.ascii && shape.kind != 1) return std::nullopt;
  if (compact) shape.data = shape.ascii ? layout.unicode.ascii_data : layout.unicode.compact_data;
  return shape;
}

std::string DecodeString(const StringShape& shape, std::span<const std::byte> characters) {
  characters = characters.first(std::min(characters.size(), shape.ShownBytes()));
  std::string out;
  out.reserve(characters.size() + 4);
  if (shape.kind == 1) {
    AppendAll<uint8_t>(characters, out);
  } else if (shape.kind == 2) {
    AppendAll<uint16_t>(characters, out);
  } else {
    AppendAll<uint32_t>(characters, out);
  }
  if (shape.length > kMaxStringCharacters) AppendUtf8(kEllipsis, out);
  return out;
}

std::optional<std::string> ReadString(MemoryReader& memory, const Layout& layout, Address address) {
  if (address == 0) return std::nullopt;
  std::array<std::byte, kStringFirstRead> first;
  const RemoteRange range{address, first.size()};
  // The object may end where its mapping ends, so a read of less is fine.
  const size_t got = memory.ReadRanges({&range, 1}, first.data()).bytes;
  const std::span<const std::byte> copy(first.data(), got);
  const std::optional<StringShape> shape = ParseString(layout, copy);
  if (!shape) return std::nullopt;

  const size_t bytes = shape->ShownBytes();
  if (shape->data != kAbsent) {
    const size_t start = size_t(shape->data);
    if (start <= got && bytes <= got - start) return DecodeString(*shape, copy.subspan(start, bytes));
  }
  Address characters;
  if (shape->data != kAbsent) {
    characters = address + uint64_t(shape->data);
  } else {
    const size_t pointer = size_t(layout.unicode.legacy_data_pointer);
    if (got < pointer + sizeof(Address)) return std::nullopt;
    characters = FieldAt<Address>(first.data(), pointer);
  }
  std::vector<std::byte> rest(bytes);
  if (!memory.Read(characters, rest.data(), bytes)) return std::nullopt;
  return DecodeString(*shape, rest);
}

std::optional<Characters> ReadCharacters(MemoryReader& memory, const Layout& layout, Address address, size_t most) {
  if (address == 0) return std::nullopt;
  // Exactly what is needed, and not the reference count before it: what was read can be compared with memory later.
  std::vector<std::byte> header(StringHeaderSize(layout));
  const size_t skipped = size_t(layout.unicode.length);
  if (!memory.Read(address + skipped, header.data() + skipped, header.size() - skipped)) return std::nullopt;
  const std::optional<StringShape> shape = ParseString(layout, header);
  if (!shape) return std::nullopt;
  const std::optional<Address> from =
      shape->data != kAbsent ? std::optional(address + uint64_t(shape->data))
                             : memory.ReadValue<Address>(address + uint64_t(layout.unicode.legacy_data_pointer));
  const size_t count = size_t(std::min<uint64_t>(shape->length, most));
  std::vector<std::byte> bytes(count * shape->kind);
  if (!from || !memory.Read(*from, bytes.data(), bytes.size())) return std::nullopt;
  Characters characters{.length = shape->length, .first = {}};
  for (size_t i = 0; i < count; ++i) {
    uint32_t character = 0;
    std::memcpy(&character, bytes.data() + i * shape->kind, shape->kind);
    characters.first.push_back(char32_t(character));
  }
  return characters;
}

std::optional<std::string> ReadCString(MemoryReader& memory, Address address) {
  if (address == 0) return std::nullopt;
  std::array<char, kMaxCStringLength> text;
  const RemoteRange range{address, text.size()};
  const size_t got = memory.ReadRanges({&range, 1}, reinterpret_cast<std::byte*>(text.data())).bytes;
  const auto end = std::find(text.begin(), text.begin() + std::ptrdiff_t(got), '\0');
  if (end == text.begin()) return std::nullopt;
  return std::string(text.begin(), end);
}

std::optional<uint64_t> ReadBytesLength(MemoryReader& memory, const Layout& layout, Address address) {
  if (address == 0) return std::nullopt;
  const std::optional<int64_t> length = memory.ReadValue<int64_t>(address + uint64_t(layout.bytes.size));
  if (!length || *length < 0) return std::nullopt;
  return uint64_t(*length);
}

std::optional<std::vector<std::byte>> ReadBytes(MemoryReader& memory, const Layout& layout, Address address) {
  if (address == 0) return std::nullopt;
  std::array<std::byte, kStringFirstRead> first;
  const RemoteRange range{address, first.size()};
  const size_t got = memory.ReadRanges({&range, 1}, first.data()).bytes;
  const size_t start = size_t(layout.bytes.data);
  if (got < start) return std::nullopt;
  const int64_t length = FieldAt<int64_t>(first.data(), size_t(layout.bytes.size));
  if (length < 0 || uint64_t(length) > kMaxBytesLength) return std::nullopt;
  std::vector<std::byte> data(static_cast<size_t>(length));
  if (data.size() <= got - start) {
    std::copy_n(first.begin() + std::ptrdiff_t(start), data.size(), data.begin());
  } else if (!memory.Read(address + start, data.data(), data.size())) {
    return std::nullopt;
  }
  return data;
}

}  // namespace austin
