#include "unwind/symbol_table.h"

#include <algorithm>
#include <unordered_map>

namespace austin {
namespace {

// A position in the strings has 32 bits of room in the ELF format itself; several tables may be joined.
constexpr size_t kMaxNames = size_t(1) << 31;
constexpr uint64_t kMaxStubBytes = 16 << 20;
/// jmp *displacement(%rip)
constexpr std::byte kJumpThrough[] = {std::byte(0xff), std::byte(0x25)};
constexpr size_t kJumpLength = 6;

/// Lower is better: functions rather than labels, sizes rather than none, exported names, and of those what programmers call:
/// `malloc` rather than `__libc_malloc`.
uint32_t RankOf(const ElfCodeSymbol& symbol, std::string_view name) {
  const uint32_t underscores = uint32_t(std::min<size_t>(name.find_first_not_of('_'), 15));
  const bool is_local = !symbol.is_global && !symbol.is_weak;
  return uint32_t(!symbol.is_function) << 26 | uint32_t(symbol.size == 0) << 25 | uint32_t(is_local) << 24 |
         underscores << 16 | uint32_t(std::min<size_t>(name.size(), 0xffff));
}

}  // namespace

void SymbolTable::Add(const ElfImage& image, const ElfSymbols& table) {
  if (names_.size() + table.strings.size() >= kMaxNames) return;
  const uint64_t base = names_.size();
  names_ += table.strings;
  names_.push_back('\0');
  for (const ElfCodeSymbol& symbol : table.symbols) {
    const std::string_view name = names_.c_str() + base + symbol.name;
    // "$x" and the like tell code from data in it (aarch64).
    if (name.empty() || name.starts_with('$')) continue;
    const bool is_open = symbol.size == 0;
    const uint64_t end = symbol.address + (is_open ? image.BytesFrom(symbol.address) : symbol.size);
    if (end <= symbol.address) continue;
    entries_.push_back({symbol.address, end, is_open, base + symbol.name, RankOf(symbol, name)});
  }
}

void SymbolTable::AddStubs(const ElfImage& image) {
  std::unordered_map<uint64_t, std::string> imports;
  for (ElfImport& import : image.Imports()) imports.emplace(import.address, std::move(import.name));
  if (imports.empty()) return;
  for (const std::string_view section_name : {".plt", ".plt.sec", ".plt.got"}) {
    const auto section = image.FindSection(section_name);
    if (!section) continue;
    std::vector<std::byte> code(size_t(std::min(section->size, kMaxStubBytes)));
    code.resize(image.ReadSome(section->address, code.data(), code.size()));
    // Stubs have 16 bytes; those of .plt.got 8 where they do not start with endbr64.
    const bool is_short =
        section_name == ".plt.got" && code.size() >= 2 && std::equal(kJumpThrough, kJumpThrough + 2, code.begin());
    const size_t length = is_short ? 8 : 16;
    for (size_t at = 0; at + kJumpLength <= code.size(); ++at) {
      if (!std::equal(kJumpThrough, kJumpThrough + 2, code.begin() + ptrdiff_t(at))) continue;
      const auto displacement = int64_t(FieldAt<int32_t>(code.data(), at + 2));
      const auto import = imports.find(section->address + at + kJumpLength + uint64_t(displacement));
      if (import == imports.end() || names_.size() >= kMaxNames) continue;
      const uint64_t start = section->address + at / length * length;
      entries_.push_back({start, start + length, false, names_.size(), 0});
      names_ += import->second + "@plt";
      names_.push_back('\0');
    }
  }
}

void SymbolTable::Finish() {
  // Find goes backwards: the innermost and best must be last.
  std::sort(entries_.begin(), entries_.end(), [this](const Entry& a, const Entry& b) {
    if (a.start != b.start) return a.start < b.start;
    if (a.is_open != b.is_open) return a.is_open;
    if (a.end != b.end) return a.end > b.end;
    if (a.rank != b.rank) return a.rank > b.rank;
    return NameOf(a) > NameOf(b);
  });
  uint64_t next = ~uint64_t(0);
  for (size_t i = entries_.size(); i-- > 0;) {
    if (i + 1 < entries_.size() && entries_[i + 1].start != entries_[i].start) next = entries_[i + 1].start;
    if (entries_[i].is_open) entries_[i].end = std::min(entries_[i].end, next);
  }
  furthest_.clear();
  uint64_t furthest = 0;
  for (const Entry& entry : entries_) furthest_.push_back(furthest = std::max(furthest, entry.end));
}

std::optional<SymbolTable::Symbol> SymbolTable::Find(uint64_t address) const {
  auto after = std::upper_bound(entries_.begin(), entries_.end(), address,
                                [](uint64_t wanted, const Entry& entry) { return wanted < entry.start; });
  for (size_t i = size_t(after - entries_.begin()); i-- > 0 && furthest_[i] > address;) {
    if (entries_[i].end > address) return Symbol{NameOf(entries_[i]), entries_[i].start, entries_[i].end};
  }
  return std::nullopt;
}

}  // namespace austin
