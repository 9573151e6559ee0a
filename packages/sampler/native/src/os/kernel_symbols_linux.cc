#include <algorithm>
#include <charconv>
#include <iterator>

#include "binary/proc_file.h"
#include "os/kernel_symbols.h"

namespace austin {

namespace {

constexpr size_t kMostBytes = size_t{64} << 20;

/// Takes the next line off a text.
std::string_view NextLine(std::string_view* text) {
  const size_t end = text->find('\n');
  const std::string_view line = text->substr(0, end);
  text->remove_prefix(end == std::string_view::npos ? text->size() : end + 1);
  return line;
}

/// Functions, also those that others may replace.
bool IsCode(char kind) { return kind == 't' || kind == 'T' || kind == 'w' || kind == 'W'; }

}  // namespace

KernelSymbols KernelSymbols::Parse(std::string_view text) {
  KernelSymbols parsed;
  while (!text.empty()) {
    const std::string_view line = NextLine(&text);
    uint64_t address = 0;
    const auto [rest, error] = std::from_chars(line.data(), line.data() + line.size(), address, 16);
    const auto at = static_cast<size_t>(rest - line.data());
    if (error != std::errc() || address == 0 || line.size() < at + 4 || !IsCode(line[at + 1])) continue;
    std::string name(line.substr(at + 3));
    std::replace(name.begin(), name.end(), '\t', ' ');
    parsed.symbols_.push_back({address, static_cast<uint32_t>(parsed.names_.size()), static_cast<uint32_t>(name.size())});
    parsed.names_ += name;
  }
  std::stable_sort(parsed.symbols_.begin(), parsed.symbols_.end(),
                   [](const Symbol& a, const Symbol& b) { return a.address < b.address; });
  return parsed;
}

KernelSymbols KernelSymbols::Read() {
  std::string text;
  return ReadProcFile("/proc/kallsyms", text, kMostBytes) == 0 ? Parse(text) : KernelSymbols();
}

std::optional<std::string_view> KernelSymbols::Find(uint64_t address) const {
  const auto after = std::upper_bound(symbols_.begin(), symbols_.end(), address,
                                      [](uint64_t wanted, const Symbol& symbol) { return wanted < symbol.address; });
  if (after == symbols_.begin()) return std::nullopt;
  const Symbol& symbol = *std::prev(after);
  return std::string_view(names_).substr(symbol.name, symbol.length);
}

}  // namespace austin
