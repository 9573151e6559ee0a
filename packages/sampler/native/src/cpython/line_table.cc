#include "cpython/line_table.h"

#include <limits>

namespace austin {
namespace {

constexpr int64_t kMaxLine = std::numeric_limits<int32_t>::max();

bool IsLine(int64_t line) { return line >= 0 && line <= kMaxLine; }

Position LineOnly(int64_t line) { return {.line = IsLine(line) ? int32_t(line) : 0}; }

uint8_t Byte(std::span<const std::byte> table, size_t at) { return std::to_integer<uint8_t>(table[at]); }

int8_t SignedByte(std::span<const std::byte> table, size_t at) { return int8_t(Byte(table, at)); }

/// 3.8, 3.9: pairs (unsigned distance in bytes, signed distance in lines). A pair counts from the address it leads
/// to on.
Position FindInLnotab(std::span<const std::byte> table, int64_t first_line, int64_t offset) {
  int64_t address = 0;
  int64_t line = first_line;
  int64_t shown = first_line;
  for (size_t at = 0; at + 2 <= table.size(); at += 2) {
    address += Byte(table, at);
    if (address > offset) break;
    line += SignedByte(table, at + 1);
    if (IsLine(line)) shown = line;
  }
  return LineOnly(shown);
}

/// 3.10: pairs (unsigned length in bytes, signed distance in lines). The distance counts for the range itself; -128
/// means a range without a line.
Position FindInPep626(std::span<const std::byte> table, int64_t first_line, int64_t offset) {
  constexpr int8_t kNoLine = -128;
  int64_t end = 0;
  int64_t line = first_line;
  int64_t shown = first_line;
  for (size_t at = 0; at + 2 <= table.size(); at += 2) {
    const uint8_t length = Byte(table, at);
    const int8_t distance = SignedByte(table, at + 1);
    if (distance != kNoLine) line += distance;
    end += length;
    if (length != 0 && distance != kNoLine && IsLine(line)) shown = line;
    if (end > offset) break;
  }
  return LineOnly(shown);
}

/// Takes the parts of a location table from the front; past the end everything is 0.
class LocationReader {
 public:
  explicit LocationReader(std::span<const std::byte> table) : table_(table) {}

  bool AtEnd() const { return at_ >= table_.size(); }
  uint8_t Next() { return AtEnd() ? uint8_t{0} : Byte(table_, at_++); }

  /// Six bits a byte, least significant first; bit 6 tells that more follow. Bits past the 32nd are dropped.
  uint32_t Varint() {
    uint32_t value = 0;
    uint8_t byte;
    int shift = 0;
    do {
      byte = Next();
      if (shift < 32) value |= uint32_t(byte & 0x3F) << shift;
      shift += shift < 32 ? 6 : 0;
    } while ((byte & 0x40) != 0);
    return value;
  }

  /// Bit 0 is the sign.
  int64_t SignedVarint() {
    const uint32_t value = Varint();
    return (value & 1) != 0 ? -int64_t(value >> 1) : int64_t(value >> 1);
  }

 private:
  std::span<const std::byte> table_;
  size_t at_ = 0;
};

/// A column as the table's long form has it: 0 for none, else 1-based already.
int32_t OneBased(uint32_t column_or_none) { return column_or_none > uint32_t(kMaxLine) ? 0 : int32_t(column_or_none); }

/// 3.11 and later (InternalDocs/code_objects.md of CPython): entries of a byte 1kkkknnn and what kind k brings,
/// each for n + 1 code units of two bytes.
Position FindInLocations(std::span<const std::byte> table, int64_t first_line, int64_t offset) {
  enum Kind { kShortLast = 9, kOneLineFirst = 10, kOneLineLast = 12, kNoColumns = 13, kLong = 14, kNone = 15 };
  LocationReader reader(table);
  int64_t end = 0;
  int64_t line = first_line;
  int64_t shown = first_line;
  while (!reader.AtEnd()) {
    const uint8_t head = reader.Next();
    const int kind = head >> 3 & 15;
    int64_t line_end = 0;
    uint32_t column = 0;
    uint32_t column_end = 0;
    bool has_line = true;
    if (kind <= kShortLast) {
      const uint8_t packed = reader.Next();
      column = uint32_t(kind) * 8 + (packed >> 4 & 7) + 1;
      column_end = column + (packed & 15);
      line_end = line;
    } else if (kind <= kOneLineLast) {
      line += kind - kOneLineFirst;
      line_end = line;
      column = reader.Next() + 1u;
      column_end = reader.Next() + 1u;
    } else if (kind == kNoColumns) {
      line += reader.SignedVarint();
      line_end = line;
    } else if (kind == kLong) {
      line += reader.SignedVarint();
      line_end = line + reader.Varint();
      column = reader.Varint();
      column_end = reader.Varint();
    } else {
      has_line = false;
    }
    end += 2 * ((head & 7) + 1);
    has_line = has_line && IsLine(line);
    if (has_line) shown = line;
    if (end > offset) {
      if (!has_line) break;
      return {.line = int32_t(line),
              .line_end = IsLine(line_end) ? int32_t(line_end) : 0,
              .column = OneBased(column),
              .column_end = OneBased(column_end)};
    }
  }
  return LineOnly(shown);
}

}  // namespace

Position FindPosition(LineTableFormat format, std::span<const std::byte> table, int32_t first_line,
                      int32_t instruction_offset_bytes) {
  if (instruction_offset_bytes < 0) return LineOnly(first_line);
  switch (format) {
    case LineTableFormat::kLnotab:
      return FindInLnotab(table, first_line, instruction_offset_bytes);
    case LineTableFormat::kPep626:
      return FindInPep626(table, first_line, instruction_offset_bytes);
    case LineTableFormat::kLocations:
      return FindInLocations(table, first_line, instruction_offset_bytes);
  }
  return LineOnly(first_line);
}

}  // namespace austin
