#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace austin {

/// Names of the kernel's functions by address.
class KernelSymbols {
 public:
  /// Parses /proc/kallsyms: a line for each symbol, `ffffffff81000000 T _text`, with a tab and `[module]` behind those of modules.
  static KernelSymbols Parse(std::string_view text);
  /// Reads those of the running kernel, which takes some tens of milliseconds. Empty where it keeps its addresses to itself
  /// (kernel.kptr_restrict, CAP_SYSLOG).
  static KernelSymbols Read();

  bool empty() const { return symbols_.empty(); }

  /// The function that has the address, as `nfs_wait_bit [nfs]` where it is one of a module. Nothing for an address before the first.
  std::optional<std::string_view> Find(uint64_t address) const;

 private:
  struct Symbol {
    uint64_t address = 0;
    uint32_t name = 0;
    uint32_t length = 0;
  };

  /// By address.
  std::vector<Symbol> symbols_;
  std::string names_;
};

}  // namespace austin
