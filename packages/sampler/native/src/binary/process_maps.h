#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "memory/memory_reader.h"

namespace austin {

/// What tells one file from another while it is in use.
struct FileId {
  uint32_t device_major = 0;
  uint32_t device_minor = 0;
  uint64_t inode = 0;

  auto operator<=>(const FileId&) const = default;
};

/// One mapping: a row of /proc/PID/maps.
struct MapRow {
  Address start = 0;
  /// First address after the mapping.
  Address end = 0;
  bool readable = false;
  bool writable = false;
  bool executable = false;
  bool shared = false;
  /// Of the first byte in the file.
  uint64_t offset = 0;
  /// The inode is 0 for memory without a file.
  FileId file;
  /// As rendered for the reader's root folder; without " (deleted)"; a name such as "[heap]", or empty.
  std::string path;
  /// The file has lost its name. A file whose name really ends in " (deleted)" looks the same.
  bool deleted = false;

  bool Contains(Address address) const { return address >= start && address < end; }
};

/// Parses the text of /proc/PID/maps. Rows are kept in order; lines that are no rows are skipped.
std::vector<MapRow> ParseProcessMaps(std::string_view text);

/// Reads the mappings of a process, by address. Returns 0 or the error number: ENOENT and ESRCH (gone), EACCES and
/// EPERM (no ptrace-read rights). A zombie and a kernel thread have no rows.
int ReadProcessMaps(pid_t pid, std::vector<MapRow>& rows);

/// The row that holds an address, or null. The rows must be in order of address.
const MapRow* FindRow(const std::vector<MapRow>& rows, Address address);

}  // namespace austin
