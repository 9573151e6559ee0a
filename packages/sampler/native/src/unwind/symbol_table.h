#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "binary/elf_image.h"

namespace austin {

/// The functions of one file, by address.
class SymbolTable {
 public:
  struct Symbol {
    /// As the table has it; not demangled.
    std::string_view name;
    uint64_t start = 0;
    /// First address after it; where the table has no size, that of the next symbol.
    uint64_t end = 0;
  };

  SymbolTable() = default;
  SymbolTable(SymbolTable&&) = default;
  SymbolTable& operator=(SymbolTable&&) = default;

  /// Adds the symbols of code in one table of `image`.
  void Add(const ElfImage& image, const ElfSymbols& table);

  /// Adds the stubs through which `image` calls what it imports, as `name@plt`. Those of x86-64 are known.
  void AddStubs(const ElfImage& image);

  /// Must be called after all that adds, before Find.
  void Finish();

  bool empty() const { return entries_.empty(); }

  /// The symbol that covers an address; the innermost where they are nested. Its name is valid as long as this is.
  std::optional<Symbol> Find(uint64_t address) const;

 private:
  struct Entry {
    uint64_t start = 0;
    uint64_t end = 0;
    /// The table has no size; until Finish `end` is that of the segment.
    bool is_open = false;
    /// Position in `names_`.
    uint64_t name = 0;
    /// Which of several names of one place is given; the lowest.
    uint32_t rank = 0;
  };

  std::string_view NameOf(const Entry& entry) const { return names_.c_str() + entry.name; }

  std::vector<Entry> entries_;
  /// The furthest end among an entry and all before it.
  std::vector<uint64_t> furthest_;
  /// Names that end with a zero byte.
  std::string names_;
};

}  // namespace austin
