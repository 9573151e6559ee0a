#include "unwind/loop_parts.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "unwind/debug_files.h"
#include "unwind/registers.h"

namespace austin {
namespace {

constexpr std::string_view kLoop = "_PyEval_EvalFrameDefault";
constexpr std::string_view kHandlers = "_TAIL_CALL_";
// The loop has 40 to 90 KB.
constexpr uint64_t kMaxCodeBytes = 4 << 20;
constexpr size_t kMaxParts = 64;

std::vector<LoopPart> FindByNames(const ElfSymbols& table) {
  std::vector<LoopPart> parts;
  for (const ElfCodeSymbol& symbol : table.symbols) {
    const std::string_view name = table.strings.c_str() + symbol.name;
    if (symbol.size == 0) continue;
    const LoopPart part{symbol.address, symbol.address + symbol.size, false};
    if (name == kLoop) {
      parts.push_back(part);
    } else if (name.starts_with(kLoop) && name[kLoop.size()] == '.') {
      // ".cold" is jumped to; ".part.0" is called by what is left of the function. Other clones stand for the function.
      parts.push_back(part);
      parts.back().is_handler = name.find(".part.") != std::string_view::npos;
    } else if (name.starts_with(kHandlers)) {
      parts.push_back(part);
      parts.back().is_handler = true;
    }
  }
  return parts;
}

std::vector<std::byte> CodeOf(const ElfImage& image, uint64_t start, uint64_t end) {
  std::vector<std::byte> code(size_t(std::min(end - start, kMaxCodeBytes)));
  code.resize(image.ReadSome(start, code.data(), code.size()));
  return code;
}

bool BeginsWithinFunction(const CfiTable& table, const CfiEntry& entry) {
  const CfiRow row = table.RowAt(entry.start);
  if (!row.has_information) return false;
  const uint64_t saved = std::count_if(row.rules.begin(), row.rules.end(), [](const CfiRule& rule) {
    return rule.register_number != Architecture::kProgramCounter && rule.kind == CfiRule::Kind::kOffset;
  });
  // On entry only the return address has been pushed.
  return saved > 0 || row.cfa_register != Architecture::kStackPointer || row.cfa_offset != sizeof(uint64_t);
}

bool JumpsInto(const ElfImage& image, const CfiEntry& from, const std::vector<LoopPart>& parts) {
  bool found = false;
  ForEachJump(CodeOf(image, from.start, from.end), from.start, [&](uint64_t to) {
    found |= std::any_of(parts.begin(), parts.end(), [to](auto& part) { return to >= part.start && to < part.end; });
  });
  return found;
}

}  // namespace

// jmp rel32 is e9, jcc rel32 is 0f 80 to 0f 8f; the distance counts from the end of the instruction.
void ForEachJump(std::span<const std::byte> code, uint64_t address, const std::function<void(uint64_t)>& visit) {
  constexpr size_t kDistanceLength = 4;
  for (size_t at = 0; at + 1 + kDistanceLength <= code.size(); ++at) {
    size_t distance_at = 0;
    if (code[at] == std::byte(0xe9)) {
      distance_at = at + 1;
    } else if (code[at] == std::byte(0x0f) && (code[at + 1] & std::byte(0xf0)) == std::byte(0x80)) {
      distance_at = at + 2;
    }
    if (distance_at == 0 || distance_at + kDistanceLength > code.size()) continue;
    const auto distance = int64_t(FieldAt<int32_t>(code.data(), distance_at));
    visit(address + distance_at + kDistanceLength + uint64_t(distance));
  }
}

std::vector<LoopPart> FindSplitParts(const ElfImage& image, const CfiTable& table, uint64_t start, uint64_t end) {
  std::vector<LoopPart> parts{{start, end, false}};
  for (size_t i = 0; i < parts.size() && parts.size() < kMaxParts; ++i) {
    const LoopPart from = parts[i];
    ForEachJump(CodeOf(image, from.start, from.end), from.start, [&](uint64_t to) {
      for (const LoopPart& known : parts) {
        if (to >= known.start && to < known.end) return;
      }
      const auto entry = table.EntryAt(to);
      if (!entry || parts.size() >= kMaxParts) return;
      if (BeginsWithinFunction(table, *entry) && JumpsInto(image, *entry, parts))
        parts.push_back({entry->start, entry->end, false});
    });
  }
  return parts;
}

std::vector<LoopPart> FindLoopParts(const ModuleFile& file) {
  const ElfImage* const image = file.image();
  if (image == nullptr) return {};
  std::vector<LoopPart> parts = FindByNames(image->StaticCodeSymbols());
  if (parts.empty()) {
    if (const auto debug = FindDebugFile(file)) parts = FindByNames(debug->StaticCodeSymbols());
  }
  if (parts.empty()) {
    const CfiTable table(*image);
    for (const LoopPart& part : FindByNames(image->DynamicCodeSymbols())) {
      for (const LoopPart& found : FindSplitParts(*image, table, part.start, part.end)) parts.push_back(found);
    }
  }
  return parts;
}

}  // namespace austin
