#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/unique_fd.h"
#include "memory/memory_reader.h"

namespace austin {

/// A PT_LOAD segment, in the addresses of the file (before the load bias).
struct ElfSegment {
  uint64_t address = 0;
  uint64_t memory_size = 0;
  uint64_t file_offset = 0;
  uint64_t file_size = 0;
  bool writable = false;
  bool executable = false;
};

struct ElfSymbol {
  uint64_t address = 0;
  uint64_t size = 0;
};

struct ElfSection {
  uint64_t address = 0;
  uint64_t size = 0;
};

/// A symbol of a function or of code without a type, in a whole table.
struct ElfCodeSymbol {
  uint64_t address = 0;
  /// 0 where the table does not tell.
  uint64_t size = 0;
  /// Position of the name in the string table.
  uint64_t name = 0;
  bool is_function = false;
  bool is_global = false;
  bool is_weak = false;
};

/// The code symbols of a table, with its strings. A zero byte ends each name; the last one included.
struct ElfSymbols {
  std::vector<ElfCodeSymbol> symbols;
  std::string strings;
};

/// A place that the dynamic linker fills with the address of a function.
struct ElfImport {
  /// Of the pointer.
  uint64_t address = 0;
  std::string name;
};

/// The name of the file with the debug information, and its CRC-32 (.gnu_debuglink).
struct ElfDebugLink {
  std::string name;
  uint32_t checksum = 0;
};

enum class ElfProblem {
  kNotElf,
  /// A 32-bit image, or one of the other byte order.
  kUnsupportedClass,
  /// Says it is ELF, but its headers make no sense or could not be read.
  kMalformed,
};

/// Program headers of a 64-bit ELF image with what can be looked up through them. All addresses are those of the
/// file: add the load bias to get an address in the process. Nothing in the image is trusted; what lies outside
/// it, or passes a fixed bound, is treated as absent.
class ElfImage {
 public:
  /// Takes a file. Reads only what is asked for.
  static std::variant<ElfProblem, ElfImage> FromFile(UniqueFd file);

  /// Takes an image from the memory of a process, where `base` is the address of its first byte. Such an image has
  /// no sections and only dynamic symbols. `memory` must outlive it.
  static std::variant<ElfProblem, ElfImage> FromMemory(MemoryReader& memory, Address base);

  /// In order of address; never empty.
  const std::vector<ElfSegment>& segments() const { return segments_; }

  /// File offset of the page where the first segment starts: the `offset` of its row in the process maps.
  uint64_t FirstPageOffset() const;

  /// What to add to an address of the file, where `row_start` is the address of FirstPageOffset() in the process.
  /// Wraps around modulo 2^64.
  uint64_t BiasAt(Address row_start) const;

  /// Looks a defined symbol up in the dynamic symbol table, through its hash table.
  std::optional<ElfSymbol> FindDynamicSymbol(std::string_view name) const;

  /// Looks defined symbols up in .symtab, in one pass. The answers are in the order of the names.
  std::vector<std::optional<ElfSymbol>> FindStaticSymbols(std::span<const std::string_view> names) const;

  /// Finds a section that is loaded into memory.
  std::optional<ElfSection> FindSection(std::string_view name) const;

  /// Reads a section that is not loaded into memory, from the file. Empty where there is none, and where it is compressed or
  /// longer than `max_bytes`.
  std::vector<std::byte> ReadUnloadedSection(std::string_view name, size_t max_bytes) const;

  /// The search table of the call frame information: the segment PT_GNU_EH_FRAME.
  std::optional<ElfSection> exception_header() const { return exception_header_; }

  /// The identifier that the linker gave it, in hexadecimal digits; empty where there is none.
  std::string BuildId() const;

  /// The symbols of code in .symtab; none in an image from memory.
  ElfSymbols StaticCodeSymbols() const;

  /// The symbols of code that it exports.
  ElfSymbols DynamicCodeSymbols() const;

  /// The functions that it imports.
  std::vector<ElfImport> Imports() const;

  std::optional<ElfDebugLink> DebugLink() const;

  /// Reads up to `size` bytes from an address on, through segments that adjoin.
  std::vector<std::byte> ReadThrough(uint64_t address, uint64_t size) const;

  /// How many initialised bytes its segment has from an address on; 0 outside of all segments.
  uint64_t BytesFrom(uint64_t address) const;

  /// Reads bytes at an address. False unless all of them belong to one segment.
  bool ReadAt(uint64_t address, void* out, size_t length) const;

  /// Reads as many of `length` bytes as the segment has initialised, and returns how many.
  size_t ReadSome(uint64_t address, std::byte* out, size_t length) const;

  /// Walks the initialised bytes of a segment in blocks that overlap by `overlap` bytes; stops when `visit` returns
  /// true. Returns whether it did. All scans of one image together read 512 MiB at most.
  bool Scan(const ElfSegment& segment, size_t overlap,
            const std::function<bool(uint64_t address, std::span<const std::byte>)>& visit) const;

 private:
  struct DynamicTable {
    uint64_t symbols = 0;
    uint64_t strings = 0;
    uint64_t strings_size = 0;
    uint64_t gnu_hash = 0;
    uint64_t sysv_hash = 0;
    uint64_t relocations = 0;
    uint64_t relocations_size = 0;
    uint64_t stub_relocations = 0;
    uint64_t stub_relocations_size = 0;
  };

  /// A section header, with its name.
  struct SectionHeader {
    std::string name;
    uint32_t type = 0;
    uint64_t flags = 0;
    uint64_t address = 0;
    uint64_t offset = 0;
    uint64_t size = 0;
    uint32_t link = 0;
  };

  ElfImage() = default;
  bool ReadFile(uint64_t offset, void* out, size_t length) const;
  bool LoadHeaders(std::span<const std::byte> header, bool in_memory, Address base, ElfProblem& problem);
  void LoadDynamicTable();
  uint64_t DynamicAddress(uint64_t value) const;
  bool InSegment(uint64_t address) const;
  const ElfSegment* SegmentAt(uint64_t address) const;
  std::optional<ElfSymbol> SymbolIfNamed(uint64_t index, std::string_view name) const;
  std::optional<ElfSymbol> FindByGnuHash(std::string_view name) const;
  std::optional<ElfSymbol> FindBySysvHash(std::string_view name) const;
  std::vector<SectionHeader> Sections() const;
  uint64_t CountDynamicSymbols() const;
  std::optional<ElfCodeSymbol> CodeSymbolFrom(std::span<const std::byte> entry) const;
  void ReadImports(uint64_t relocations, uint64_t size, std::vector<ElfImport>* imports) const;

  UniqueFd file_;
  uint64_t file_size_ = 0;
  MemoryReader* memory_ = nullptr;
  uint64_t bias_ = 0;
  std::vector<ElfSegment> segments_;
  uint64_t dynamic_address_ = 0;
  uint64_t dynamic_size_ = 0;
  DynamicTable dynamic_;
  std::optional<ElfSection> exception_header_;
  std::vector<ElfSection> notes_;
  uint64_t section_offset_ = 0;
  uint32_t section_count_ = 0;
  uint32_t section_names_ = 0;
  mutable uint64_t scan_budget_ = uint64_t(512) << 20;
};

}  // namespace austin
