#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "binary/elf_image.h"
#include "unwind/cfi_entry.h"
#include "unwind/cfi_row.h"

namespace austin {

/// The call frame information of one image: .eh_frame, searched through the table of .eh_frame_hdr, and .debug_frame for what the first
/// does not cover. All addresses are those of the file. May be used by several threads at once.
class CfiTable {
 public:
  /// Of an image without such information.
  CfiTable() = default;
  // Spans point into it.
  CfiTable(const CfiTable&) = delete;
  CfiTable& operator=(const CfiTable&) = delete;

  /// Reads the sections of an image, which is not needed afterwards.
  explicit CfiTable(const ElfImage& image);

  /// Takes sections as they are; empty ones are absent. For tests.
  struct Sections {
    std::vector<std::byte> header;
    uint64_t header_address = 0;
    std::vector<std::byte> eh_frame;
    uint64_t eh_frame_address = 0;
    std::vector<std::byte> debug_frame;
  };
  explicit CfiTable(Sections sections);

  /// The entry that covers an address.
  std::optional<CfiEntry> EntryAt(uint64_t address) const;

  /// The rules that hold at an address; has_information is false where nothing is known. They point into this table.
  CfiRow RowAt(uint64_t address) const;

 private:
  /// A part of the code and the position of the entry about it.
  struct Indexed {
    uint64_t start = 0;
    uint64_t end = 0;
    size_t position = 0;
  };

  bool ReadSearchTable();
  static std::vector<Indexed> IndexOf(const CfiSection& section);
  static std::optional<CfiEntry> EntryIn(const CfiSection& section, const std::vector<Indexed>& index,
                                         uint64_t address);
  std::optional<CfiEntry> EntryBySearchTable(uint64_t address) const;

  Sections sections_;
  CfiSection eh_frame_;
  CfiSection debug_frame_;
  /// Pairs of 32-bit numbers, relative to the header: where code starts, where its entry is. In order of the former.
  std::span<const std::byte> search_table_;
  size_t search_count_ = 0;
  /// Where there is no search table.
  std::vector<Indexed> eh_frame_index_;
  std::vector<Indexed> debug_frame_index_;
};

}  // namespace austin
