#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "binary/elf_image.h"

namespace austin {

/// The functions of one file, by address: from its own tables, and from its debug file where it was stripped.
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

  /// Adds the symbols of an image: .symtab, else .dynsym with the .symtab inside .gnu_debugdata; then the stubs of the
  /// dynamic linker as `name@plt`.
  void Add(const ElfImage& image);

  /// Must be called after the last Add, before the other functions.
  void Finish();

  /// The symbol that covers an address; the innermost where they are nested. Names are valid as long as this is.
  std::optional<Symbol> Find(uint64_t address) const;

  /// Calls `visit` for each symbol, by address; where several have the same range, for the one that Find gives only, unless
  /// `with_aliases`.
  void ForEach(const std::function<void(const Symbol&)>& visit, bool with_aliases = false) const;

  /// Has symbols of a .symtab, which has functions that are not exported, too.
  bool is_complete() const { return is_complete_; }

 private:
  struct Entry {
    uint64_t start = 0;
    uint64_t end = 0;
    /// In `names_`.
    uint64_t name = 0;
    /// Which of several names of one place is given; the lowest.
    uint32_t rank = 0;
  };

  void AddTable(const ElfSymbols& table);
  void AddStubs(const ElfImage& image);
  std::string_view NameOf(const Entry& entry) const { return names_.c_str() + entry.name; }

  std::vector<Entry> entries_;
  /// The furthest end among an entry and all before it.
  std::vector<uint64_t> furthest_;
  /// Names that end with a zero byte.
  std::string names_;
  bool is_complete_ = false;
};

}  // namespace austin
