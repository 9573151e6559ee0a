#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "binary/process_maps.h"
#include "memory/memory_reader.h"
#include "unwind/module_file.h"

namespace austin {

/// One executable mapping of a process. A file may have several. A copy of it stays usable when the process is gone.
struct Module {
  Address start = 0;
  /// First address after the mapping.
  Address end = 0;
  /// Of the first byte in the file.
  uint64_t file_offset = 0;
  /// What to add to an address of the file to get one of the process. Wraps around modulo 2^64; 0 without a file.
  uint64_t bias = 0;
  /// As the process names it; "[vdso]", or empty for memory without a file.
  std::string path;
  /// In hexadecimal digits; empty where there is none.
  std::string build_id;
  /// Null for memory that is no ELF image: code made at run time.
  std::shared_ptr<ModuleFile> file;
  FileId id;
  /// Where the first byte of the file is mapped, or 0.
  Address first = 0;

  bool Contains(Address address) const { return address >= start && address < end; }
  /// The address in the file.
  uint64_t FileAddress(Address pc) const { return pc - bias; }
};

/// A mapping of a file, of code or anything else.
struct FileMapping {
  Address start = 0;
  Address end = 0;
  std::string path;
};

/// Files that are known already, by device and inode, so that processes that share them share what is known of them.
/// Not safe for use by several threads at once.
class ModuleFiles {
 public:
  std::shared_ptr<ModuleFile> Find(const FileId& id) const;
  void Add(const FileId& id, std::shared_ptr<ModuleFile> file);

 private:
  std::map<FileId, std::shared_ptr<ModuleFile>> files_;
};

/// The executable mappings of one process.
class Modules {
 public:
  /// `memory` reads the same process and outlives this.
  Modules(pid_t pid, MemoryReader* memory, std::shared_ptr<ModuleFiles> files = std::make_shared<ModuleFiles>());

  /// Reads the mappings again. True if they have changed; then all pointers to modules are invalid. Where they cannot be
  /// read (the process has ended), those known remain.
  bool Refresh();

  /// Looks whether the modules at these addresses are still in memory, and forgets those that are not: their places may hold other
  /// libraries now. True if there was one; then all pointers to modules are invalid.
  bool ForgetReplaced(std::span<const Address> addresses);

  /// The same of all modules that have been asked about before. While a thread is stopped that loads and unloads libraries, nothing can be
  /// replaced twice in between.
  bool ForgetReplaced();

  /// The module that holds an address, or null. Valid until Refresh or ForgetReplaced changes something.
  const Module* Find(Address pc) const;

  /// In order of address.
  const std::vector<Module>& all() const { return modules_; }

  /// All mappings of the files that have code, in order of address: those of constants and data, too. As of the last change.
  const std::vector<FileMapping>& mappings() const { return mappings_; }

  /// Counts the changes; what is derived from the modules holds for one generation.
  uint64_t generation() const { return generation_; }

  MemoryReader& memory() const { return *memory_; }

 private:
  Module MakeModule(const std::vector<MapRow>& rows, const MapRow& row);
  bool HasMark(const ModuleFile& file, Address first);
  bool ForgetReplacedOf(const std::vector<const Module*>& suspects);

  const pid_t pid_;
  MemoryReader* const memory_;
  const std::shared_ptr<ModuleFiles> files_;
  std::vector<Module> modules_;
  std::vector<FileMapping> mappings_;
  /// Module::first of those that have been asked about.
  std::set<Address> asked_;
  uint64_t generation_ = 0;

  // Buffers kept between calls.
  std::vector<const Module*> suspects_;
  std::vector<RemoteRange> ranges_;
  std::vector<std::byte> bytes_;
};

}  // namespace austin
