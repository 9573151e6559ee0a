#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace austin {

/// A .eh_frame or .debug_frame section. Its bytes are owned elsewhere.
struct CfiSection {
  std::span<const std::byte> bytes;
  /// Of the first byte, in the addresses of the file.
  uint64_t address = 0;
  /// The two differ in how entries are told apart and refer to each other.
  bool is_debug_frame = false;
};

/// A common information entry: what the entries of several functions share.
struct CfiCommon {
  uint64_t code_alignment = 0;
  int64_t data_alignment = 0;
  uint64_t return_column = 0;
  uint8_t pointer_encoding = 0;
  bool has_augmentation_data = false;
  bool is_signal_frame = false;
  std::span<const std::byte> instructions;
};

/// A frame description entry: how to unwind from the code of one range.
struct CfiEntry {
  /// In the addresses of the file.
  uint64_t start = 0;
  uint64_t end = 0;
  CfiCommon common;
  std::span<const std::byte> instructions;
  /// Of the first byte of `instructions`.
  uint64_t instructions_address = 0;

  bool Contains(uint64_t address) const { return address >= start && address < end; }
};

/// What there is at a position of a section.
struct CfiRecord {
  /// Position after it.
  size_t next = 0;
  /// Absent for a common entry, and for one that makes no sense.
  std::optional<CfiEntry> entry;
};

/// Reads what is at a position. Nothing at the end of the section, at its terminator, and where the length makes no sense,
/// so that a walk cannot go on.
std::optional<CfiRecord> ReadCfiRecord(const CfiSection& section, size_t position);

}  // namespace austin
