#include "sampler/code_cache.h"

namespace austin {

namespace {

/// Programs of this many live functions are rare, and refilling is cheap.
constexpr size_t kMaxEntries = 1 << 16;
/// All code of a large program is some ten megabytes.
constexpr size_t kMaxBytesHeld = size_t{128} << 20;
constexpr size_t kBytesPerFrame = 64;

size_t BytesOf(const CachedCode& entry) {
  const CodeInfo& info = entry.info;
  return info.name.size() + info.filename.size() + info.line_table.size() + entry.instructions.size() +
         entry.frames.size() * kBytesPerFrame;
}

/// Larger functions are generated tables; they are sampled without a look at their instructions.
constexpr size_t kMaxInstructionBytes = 1 << 20;

/// Copies remembered of one code object: a bound on what frames that lie about their copy can make of it.
constexpr size_t kMaxCopies = 1024;

}  // namespace

CachedCode* CodeCache::Find(Address code) {
  const auto at = codes_.find(code);
  return at == codes_.end() ? nullptr : &at->second;
}

CachedCode* CodeCache::Fill(MemoryReader& memory, Address code) {
  if (bytes_held_ > kMaxBytesHeld) return nullptr;
  std::optional<CodeInfo> info = ReadCode(memory, layout_, code);
  if (!info) return nullptr;
  std::vector<std::byte> instructions;
  if (layout_.code.code_adaptive != kAbsent && info->code_bytes <= kMaxInstructionBytes) {
    instructions.resize(info->code_bytes);
    if (!memory.Read(code + layout_.code.code_adaptive, instructions.data(), instructions.size())) return nullptr;
  }
  CachedCode& entry = codes_[code];
  bytes_held_ -= BytesOf(entry);
  entry.info = std::move(*info);
  entry.instructions = std::move(instructions);
  entry.file = frames_.InternString(entry.info.filename);
  entry.name = frames_.InternString(entry.info.name);
  entry.confirmed = entry.info.signature.version != 0;
  ++entry.fills;
  entry.checked_pass = 0;
  entry.living_generation = 0;
  entry.copies.clear();
  entry.frames.clear();
  bytes_held_ += BytesOf(entry);
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

void CodeCache::Check(MemoryReader& memory, const std::vector<Address>& codes, uint64_t pass) {
  for (size_t next = 0; next < codes.size();) {
    const std::vector<Address> rest(codes.begin() + static_cast<std::ptrdiff_t>(next), codes.end());
    ranges_.clear();
    bytes_.resize(AppendSignatures(rest, &ranges_));
    const size_t read = memory.ReadRanges(ranges_, bytes_.data()).bytes;
    // The one that ended the read is gone; go on behind it.
    next += Compare(rest, bytes_.data(), read, pass) + 1;
  }
}

size_t CodeCache::AppendSignatures(const std::vector<Address>& codes, std::vector<RemoteRange>* ranges) const {
  size_t bytes = 0;
  for (const Address code : codes) {
    ranges->push_back(SignatureRange(layout_, code));
    bytes += ranges->back().length;
  }
  return bytes;
}

size_t CodeCache::Compare(std::span<const Address> codes, const std::byte* bytes, size_t available, uint64_t pass) {
  const size_t length = codes.empty() ? 0 : SignatureRange(layout_, 0).length;
  size_t compared = 0;
  for (; compared < codes.size() && available >= length; ++compared) {
    CachedCode* entry = Find(codes[compared]);
    if (entry != nullptr && entry->info.signature == SignatureFrom(layout_, bytes)) {
      entry->checked_pass = pass;
    }
    bytes += length;
    available -= length;
  }
  return compared;
}

std::optional<int64_t> CodeCache::OffsetInCopy(MemoryReader& memory, Address address, CachedCode* code, int32_t copy,
                                               Address instruction) {
  const auto within = [&](Address start) { return instruction >= start && instruction - start < code->info.code_bytes; };
  const auto known = code->copies.find(copy);
  if (known != code->copies.end() && within(known->second)) return static_cast<int64_t>(instruction - known->second);
  const std::optional<Address> start = ReadCodeCopy(memory, layout_, address, copy);
  if (!start || !within(*start)) return std::nullopt;
  if (code->copies.size() >= kMaxCopies) code->copies.clear();
  code->copies[copy] = *start;
  return static_cast<int64_t>(instruction - *start);
}

FrameId CodeCache::FrameAt(CachedCode* code, int64_t offset) {
  const auto known = code->frames.find(offset);
  if (known != code->frames.end()) return known->second;
  const CodeInfo& info = code->info;
  const Position position = FindPosition(layout_.line_table_format, info.line_table, info.first_line,
                                         static_cast<int32_t>(offset));
  const FrameId frame = frames_.InternFrame({code->file, code->name, position});
  code->frames.emplace(offset, frame);
  bytes_held_ += kBytesPerFrame;
  return frame;
}

bool CodeCache::Trim() {
  const bool is_other_epoch = epoch_ != frames_.epoch();
  if (!is_other_epoch && codes_.size() <= kMaxEntries && bytes_held_ <= kMaxBytesHeld) return false;
  codes_.clear();
  ++clears_;
  bytes_held_ = 0;
  epoch_ = frames_.epoch();
  return is_other_epoch;
}

}  // namespace austin
