#include "sampler/code_cache.h"

namespace austin {

namespace {

/// Programs of this many live functions are rare, and refilling is cheap.
constexpr size_t kMaxEntries = 1 << 16;
constexpr size_t kMaxHeldBytes = size_t{64} << 20;

/// Larger functions are generated tables; they are sampled without a look at their instructions.
constexpr size_t kMaxInstructionBytes = 1 << 20;

size_t HeldBytes(const CachedCode& code) { return code.instructions.size() + code.info.line_table.size(); }

}  // namespace

CachedCode* CodeCache::Find(Address code) {
  const auto at = codes_.find(code);
  return at == codes_.end() ? nullptr : &at->second;
}

CachedCode* CodeCache::Fill(MemoryReader& memory, Address code) {
  std::optional<CodeInfo> info = ReadCode(memory, layout_, code);
  if (!info) return nullptr;
  std::vector<std::byte> instructions;
  if (layout_.code.code_adaptive != kAbsent && info->code_bytes <= kMaxInstructionBytes) {
    instructions.resize(info->code_bytes);
    if (!memory.Read(code + layout_.code.code_adaptive, instructions.data(), instructions.size())) return nullptr;
  }
  CachedCode& entry = codes_[code];
  held_bytes_ -= HeldBytes(entry);
  entry.info = std::move(*info);
  entry.instructions = std::move(instructions);
  entry.file = frames_.InternString(entry.info.filename);
  entry.name = frames_.InternString(entry.info.name);
  entry.confirmed = entry.info.signature.version != 0;
  entry.checked_pass = 0;
  entry.checked_generation = 0;
  entry.frames.clear();
  held_bytes_ += HeldBytes(entry);
  return &entry;
}

bool CodeCache::Confirm(MemoryReader& memory, Address code, CachedCode* entry) {
  const std::optional<CodeInfo> again = ReadCode(memory, layout_, code);
  const CodeInfo& info = entry->info;
  entry->confirmed = again && again->signature == info.signature && again->name == info.name &&
                     again->filename == info.filename && again->line_table == info.line_table;
  if (!entry->confirmed) Fill(memory, code);
  return entry->confirmed;
}

void CodeCache::Check(MemoryReader& memory, const std::vector<Address>& codes, uint64_t pass, uint64_t generation) {
  size_t next = 0;
  while (next < codes.size()) {
    ranges_.clear();
    size_t bytes = 0;
    for (size_t i = next; i < codes.size(); ++i) {
      ranges_.push_back(SignatureRange(layout_, codes[i]));
      bytes += ranges_.back().length;
    }
    bytes_.resize(bytes);
    size_t left = memory.ReadRanges(ranges_, bytes_.data()).bytes;
    const std::byte* at = bytes_.data();
    for (const RemoteRange& range : ranges_) {
      if (left < range.length) break;
      CachedCode* entry = Find(codes[next++]);
      if (entry != nullptr && entry->info.signature == SignatureFrom(layout_, at)) {
        entry->checked_pass = pass;
        entry->checked_generation = generation;
      }
      at += range.length;
      left -= range.length;
    }
    // The one that ended the read is gone; go on behind it.
    if (at != bytes_.data() + bytes) ++next;
  }
}

FrameId CodeCache::FrameAt(CachedCode* code, int64_t offset) {
  const auto known = code->frames.find(offset);
  if (known != code->frames.end()) return known->second;
  const CodeInfo& info = code->info;
  const Position position = FindPosition(layout_.line_table_format, info.line_table, info.first_line,
                                         static_cast<int32_t>(offset));
  const FrameId frame = frames_.InternFrame({code->file, code->name, position});
  code->frames.emplace(offset, frame);
  return frame;
}

bool CodeCache::Trim() {
  const bool is_other_epoch = epoch_ != frames_.epoch();
  if (!is_other_epoch && codes_.size() <= kMaxEntries && held_bytes_ <= kMaxHeldBytes) return false;
  codes_.clear();
  held_bytes_ = 0;
  epoch_ = frames_.epoch();
  return is_other_epoch;
}

}  // namespace austin
