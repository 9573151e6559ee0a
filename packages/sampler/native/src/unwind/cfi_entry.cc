#include "unwind/cfi_entry.h"

#include "unwind/dwarf_cursor.h"

namespace austin {
namespace {

constexpr uint32_t kLongLength = 0xffffffff;

/// The header that common and other entries have, and where they end.
struct Header {
  size_t id_position = 0;
  size_t next = 0;
  uint64_t id = 0;
  bool is_common = false;
  bool is_long = false;
};

std::optional<Header> ReadHeader(const CfiSection& section, size_t position) {
  if (position >= section.bytes.size()) return std::nullopt;
  DwarfCursor cursor(section.bytes);
  cursor.MoveTo(position);
  Header header;
  uint64_t length = cursor.Take<uint32_t>();
  header.is_long = length == kLongLength;
  if (header.is_long) length = cursor.Take<uint64_t>();
  header.id_position = cursor.at();
  if (!cursor.ok() || length == 0 || length > section.bytes.size() - cursor.at()) return std::nullopt;
  header.next = cursor.at() + size_t(length);
  // In .eh_frame the identifier has four bytes always.
  const bool has_long_id = header.is_long && section.is_debug_frame;
  header.id = has_long_id ? cursor.Take<uint64_t>() : cursor.Take<uint32_t>();
  if (!cursor.ok() || cursor.at() > header.next) return std::nullopt;
  const uint64_t common_id = !section.is_debug_frame ? 0 : has_long_id ? ~uint64_t(0) : kLongLength;
  header.is_common = header.id == common_id;
  return header;
}

/// A cursor over the rest of an entry, behind its identifier.
DwarfCursor BodyOf(const CfiSection& section, const Header& header) {
  const size_t start = header.id_position + (header.is_long && section.is_debug_frame ? 8 : 4);
  return DwarfCursor(section.bytes.subspan(start, header.next - start), section.address + start);
}

std::optional<CfiCommon> ReadCommon(const CfiSection& section, uint64_t position) {
  if (position >= section.bytes.size()) return std::nullopt;
  const auto header = ReadHeader(section, size_t(position));
  if (!header || !header->is_common) return std::nullopt;
  DwarfCursor cursor = BodyOf(section, *header);
  CfiCommon common;
  const auto version = cursor.Take<uint8_t>();
  if (version != 1 && version != 3 && version != 4) return std::nullopt;
  std::string_view augmentation = cursor.Text();
  if (augmentation == "eh") {
    // What GCC 2 wrote: a pointer more.
    cursor.Skip(8);
    augmentation = {};
  }
  if (version == 4) {
    if (cursor.Take<uint8_t>() != sizeof(uint64_t)) return std::nullopt;
    if (cursor.Take<uint8_t>() != 0) return std::nullopt;
  }
  common.code_alignment = cursor.Uleb();
  common.data_alignment = cursor.Sleb();
  common.return_column = version == 1 ? cursor.Take<uint8_t>() : cursor.Uleb();
  if (augmentation.starts_with('z')) {
    common.has_augmentation_data = true;
    const uint64_t length = cursor.Uleb();
    const uint64_t address = cursor.address();
    DwarfCursor data(cursor.Bytes(length), address);
    bool understood = true;
    for (const char letter : augmentation.substr(1)) {
      switch (letter) {
        case 'R':
          common.pointer_encoding = data.Take<uint8_t>();
          break;
        case 'L':
          data.Skip(1);
          break;
        case 'P': {
          // The personality routine, of no interest here; its encoding may be one that cannot be followed.
          const uint8_t encoding = data.Take<uint8_t>();
          data.Pointer(encoding & 0x0f);
          break;
        }
        case 'S':
          common.is_signal_frame = true;
          break;
        case 'B':
        case 'G':
          // Which key signs return addresses, and tagged memory (aarch64): both change nothing here.
          break;
        default:
          // Its data cannot be told from what follows. The length of all of it is known.
          understood = false;
      }
      if (!understood) break;
    }
    if (!data.ok()) return std::nullopt;
  } else if (!augmentation.empty()) {
    return std::nullopt;
  }
  if (!cursor.ok()) return std::nullopt;
  common.instructions = cursor.Rest();
  return common;
}

std::optional<CfiEntry> ReadEntry(const CfiSection& section, const Header& header) {
  // .eh_frame counts back from the identifier, .debug_frame from the start of the section.
  if (!section.is_debug_frame && header.id > header.id_position) return std::nullopt;
  const uint64_t common_position = section.is_debug_frame ? header.id : header.id_position - header.id;
  const auto common = ReadCommon(section, common_position);
  if (!common) return std::nullopt;
  DwarfCursor cursor = BodyOf(section, header);
  const auto start = cursor.Pointer(common->pointer_encoding);
  const auto length = cursor.Pointer(common->pointer_encoding & 0x0f);
  if (common->has_augmentation_data) cursor.Skip(cursor.Uleb());
  if (!cursor.ok() || !start || !length || *length == 0 || *start + *length < *start) return std::nullopt;
  CfiEntry entry;
  entry.start = *start;
  entry.end = *start + *length;
  entry.common = *common;
  entry.instructions_address = cursor.address();
  entry.instructions = cursor.Rest();
  return entry;
}

}  // namespace

std::optional<CfiRecord> ReadCfiRecord(const CfiSection& section, size_t position) {
  const auto header = ReadHeader(section, position);
  if (!header) return std::nullopt;
  CfiRecord record;
  record.next = header->next;
  if (!header->is_common) record.entry = ReadEntry(section, *header);
  return record;
}

}  // namespace austin
