#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cpython/layout.h"
#include "memory/memory_reader.h"

namespace austin {

/// One read of this many bytes holds the header and the characters of nearly all names.
inline constexpr size_t kStringFirstRead = 256;

/// Characters of a str that are shown; longer ones end in "…" after as many.
inline constexpr size_t kMaxStringCharacters = 64 * 1024;

/// Bytes of a line table that are accepted.
inline constexpr size_t kMaxBytesLength = 1 << 20;

/// Where the characters of a str are, by its header.
struct StringShape {
  /// In characters, as the header says; may be above kMaxStringCharacters.
  uint64_t length = 0;
  /// Bytes per character: 1, 2 or 4.
  uint8_t kind = 1;
  bool ascii = false;
  /// The characters follow the header at this offset; kAbsent: they are where the pointer at
  /// `unicode.legacy_data_pointer` leads.
  Offset data = kAbsent;

  size_t ShownLength() const { return length < kMaxStringCharacters ? size_t(length) : kMaxStringCharacters; }
  size_t ShownBytes() const { return ShownLength() * kind; }
};

/// Bytes of a str that ParseString needs to see.
size_t StringHeaderSize(const Layout& layout);

/// Looks at a copy of a str from its first byte. Empty when the copy is too short or cannot be a str.
std::optional<StringShape> ParseString(const Layout& layout, std::span<const std::byte> copy);

/// Characters as UTF-8, with three exceptions:
/// - U+DC80 to U+DCFF, which Python uses for undecodable bytes, become those bytes again: a file name is written as the
///   bytes it has on disk;
/// - other lone surrogates become U+FFFD;
/// - U+0000 becomes the visible U+2400, as readers of the output end strings there.
/// `characters` holds ShownBytes() bytes.
std::string DecodeString(const StringShape& shape, std::span<const std::byte> characters);

/// Reads a str, mostly with one read. Empty when it is unreadable or no str.
std::optional<std::string> ReadString(MemoryReader& memory, const Layout& layout, Address address);

/// Characters of a str as they are, not as DecodeString shows them.
struct Characters {
  /// How many the str has.
  uint64_t length = 0;
  std::u32string first;
};

/// Reads the first characters of a str, at most `most` of them. Empty when it is unreadable or no str.
std::optional<Characters> ReadCharacters(MemoryReader& memory, const Layout& layout, Address address, size_t most);

/// Reads a C string, or as many bytes of it as are shown. Empty when it is unreadable or has no characters.
inline constexpr size_t kMaxCStringLength = 120;
std::optional<std::string> ReadCString(MemoryReader& memory, Address address);

void AppendUtf8(char32_t character, std::string& out);

/// Reads a bytes object. Empty when it is unreadable, no bytes object, or longer than kMaxBytesLength.
std::optional<std::vector<std::byte>> ReadBytes(MemoryReader& memory, const Layout& layout, Address address);

/// The length of a bytes object, unchecked beyond its sign.
std::optional<uint64_t> ReadBytesLength(MemoryReader& memory, const Layout& layout, Address address);

}  // namespace austin
