#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "unwind/modules.h"
#include "unwind/symbol_table.h"

namespace austin {

inline constexpr const char kUnknownSymbol[] = "<unknown>";

struct NativeName {
  /// Readable: demangled; `name@plt` for a stub of the dynamic linker; kUnknownSymbol where no symbol covers the address.
  std::string symbol = kUnknownSymbol;
  /// Bytes from the start of the symbol; 0 if unknown.
  uint64_t offset = 0;
};

/// Names addresses by symbol tables: .symtab of the file or of its debug file, .dynsym, and what .gnu_debugdata holds. They are
/// read whole when the first address in a file is asked for, which is slow.
/// Not safe for use by several threads at once.
class Symbols {
 public:
  /// Looks up an address of the file, which must have been loaded (an unwinder has done so for what it has met). Names are not
  /// guessed: an address between two symbols has none.
  NativeName Find(const Module& module, uint64_t address);

 private:
  struct Known {
    /// Keeps the key alive.
    std::shared_ptr<ModuleFile> file;
    SymbolTable table;
  };

  const SymbolTable& TableOf(const Module& module);

  std::unordered_map<const ModuleFile*, Known> files_;
};

}  // namespace austin
