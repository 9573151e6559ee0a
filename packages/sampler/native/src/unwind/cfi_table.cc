#include "unwind/cfi_table.h"

#include <algorithm>
#include <utility>

#include "memory/memory_reader.h"
#include "unwind/cfi_program.h"
#include "unwind/dwarf_cursor.h"

namespace austin {
namespace {

// The largest programs there are (browsers) have some 30 MiB.
constexpr uint64_t kMaxSectionBytes = uint64_t(256) << 20;
// .eh_frame_hdr: version, encodings of the pointer to .eh_frame, of the count, of the table (LSB "The .eh_frame_hdr section").
constexpr uint8_t kHeaderVersion = 1;
constexpr uint8_t kTableEncoding = 0x3b;
constexpr size_t kTablePair = 8;

std::vector<std::byte> ReadSection(const ElfImage& image, const ElfSection& section) {
  return image.ReadThrough(section.address, std::min(section.size, kMaxSectionBytes));
}

CfiTable::Sections SectionsOf(const ElfImage& image) {
  CfiTable::Sections sections;
  if (const auto header = image.exception_header()) {
    sections.header = ReadSection(image, *header);
    sections.header_address = header->address;
  }
  if (const auto section = image.FindSection(".eh_frame")) {
    sections.eh_frame = ReadSection(image, *section);
    sections.eh_frame_address = section->address;
  } else if (!sections.header.empty()) {
    // Without section headers the search table's header says where it starts, and it ends with its segment at the latest.
    DwarfCursor cursor(sections.header, sections.header_address);
    cursor.Skip(1);
    const auto encoding = cursor.Take<uint8_t>();
    cursor.Skip(2);
    if (const auto start = cursor.Pointer(encoding, sections.header_address)) {
      sections.eh_frame_address = *start;
      sections.eh_frame = ReadSection(image, {*start, image.BytesFrom(*start)});
    }
  }
  sections.debug_frame = image.ReadUnloadedSection(".debug_frame", kMaxSectionBytes);
  return sections;
}

}  // namespace

CfiTable::CfiTable(const ElfImage& image) : CfiTable(SectionsOf(image)) {}

CfiTable::CfiTable(Sections sections) : sections_(std::move(sections)) {
  eh_frame_ = {sections_.eh_frame, sections_.eh_frame_address, false};
  debug_frame_ = {sections_.debug_frame, 0, true};
  if (!ReadSearchTable()) eh_frame_index_ = IndexOf(eh_frame_);
  debug_frame_index_ = IndexOf(debug_frame_);
}

bool CfiTable::ReadSearchTable() {
  DwarfCursor cursor(sections_.header, sections_.header_address);
  const auto version = cursor.Take<uint8_t>();
  const auto frame_encoding = cursor.Take<uint8_t>();
  const auto count_encoding = cursor.Take<uint8_t>();
  const auto table_encoding = cursor.Take<uint8_t>();
  if (version != kHeaderVersion || table_encoding != kTableEncoding) return false;
  cursor.Pointer(frame_encoding, sections_.header_address);
  const auto count = cursor.Pointer(count_encoding, sections_.header_address);
  if (!cursor.ok() || !count || *count == 0) return false;
  search_table_ = cursor.Rest();
  search_count_ = size_t(std::min<uint64_t>(*count, search_table_.size() / kTablePair));
  return search_count_ > 0;
}

std::vector<CfiTable::Indexed> CfiTable::IndexOf(const CfiSection& section) {
  std::vector<Indexed> index;
  size_t at = 0;
  for (auto record = ReadCfiRecord(section, 0); record; record = ReadCfiRecord(section, at)) {
    // What linkers dropped from the program is left in .debug_frame with the address 0.
    if (record->entry && record->entry->start != 0) index.push_back({record->entry->start, record->entry->end, at});
    at = record->next;
  }
  std::stable_sort(index.begin(), index.end(), [](auto& a, auto& b) { return a.start < b.start; });
  return index;
}

std::optional<CfiEntry> CfiTable::EntryIn(const CfiSection& section, const std::vector<Indexed>& index,
                                          uint64_t address) {
  auto at = std::upper_bound(index.begin(), index.end(), address,
                             [](uint64_t wanted, const Indexed& each) { return wanted < each.start; });
  if (at == index.begin()) return std::nullopt;
  --at;
  if (address >= at->end) return std::nullopt;
  const auto record = ReadCfiRecord(section, at->position);
  return record ? record->entry : std::nullopt;
}

std::optional<CfiEntry> CfiTable::EntryBySearchTable(uint64_t address) const {
  const auto start_of = [this](size_t i) {
    return sections_.header_address + uint64_t(int64_t(FieldAt<int32_t>(search_table_.data(), i * kTablePair)));
  };
  size_t low = 0, high = search_count_;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (start_of(middle) <= address) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == 0) return std::nullopt;
  const auto place = FieldAt<int32_t>(search_table_.data(), (low - 1) * kTablePair + sizeof(int32_t));
  const uint64_t position = sections_.header_address + uint64_t(int64_t(place)) - eh_frame_.address;
  if (position >= eh_frame_.bytes.size()) return std::nullopt;
  const auto record = ReadCfiRecord(eh_frame_, size_t(position));
  if (!record || !record->entry || !record->entry->Contains(address)) return std::nullopt;
  return record->entry;
}

std::optional<CfiEntry> CfiTable::EntryAt(uint64_t address) const {
  auto entry = search_count_ > 0 ? EntryBySearchTable(address) : EntryIn(eh_frame_, eh_frame_index_, address);
  return entry ? entry : EntryIn(debug_frame_, debug_frame_index_, address);
}

CfiRow CfiTable::RowAt(uint64_t address) const {
  CfiRow row;
  if (const auto entry = EntryAt(address)) RunCfiProgram(*entry, address, &row);
  return row;
}

}  // namespace austin
