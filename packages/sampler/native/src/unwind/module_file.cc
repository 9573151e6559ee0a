#include "unwind/module_file.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "binary/mapped_file.h"
#include "unwind/cfi_table.h"
#include "unwind/loop_parts.h"

namespace austin {
namespace {

// Of an image that has no file and is copied from memory.
constexpr uint64_t kMaxCopiedBytes = uint64_t(256) << 20;
constexpr size_t kBlock = 1 << 20;
// Reaches over the program headers, which tell sizes, to the build id and the beginning of the symbol table.
constexpr size_t kMarkBytes = 1024;

}  // namespace

ModuleFile::ModuleFile(pid_t pid, const MapRow& row, bool is_program, MemoryReader& memory)
    : pid_(pid), row_(row), is_program_(is_program), path_(row.path), root_("/proc/" + std::to_string(pid) + "/root") {
  const auto look = [this](const std::variant<ElfProblem, ElfImage>& opened) {
    const auto* const image = std::get_if<ElfImage>(&opened);
    if (image == nullptr) return;
    segments_ = image->segments();
    build_id_ = image->BuildId();
  };
  look(ElfImage::FromFile(Open(memory)));
  if (segments_.empty() && row_.offset == 0) look(ElfImage::FromMemory(memory, row_.start));
  if (row_.offset != 0 || row_.file.inode == 0) return;
  mark_.resize(std::min<size_t>(kMarkBytes, row_.end - row_.start));
  if (!memory.Read(row_.start, mark_.data(), mark_.size())) mark_.clear();
}

UniqueFd ModuleFile::Open(MemoryReader& memory) const {
  return row_.file.inode == 0 ? UniqueFd() : OpenMappedFile(pid_, row_, is_program_, memory);
}

std::optional<uint64_t> ModuleFile::BiasOf(const MapRow& row) const {
  // Two segments may share a page of the file, and then the page is mapped twice.
  const ElfSegment* found = nullptr;
  for (const ElfSegment& segment : segments_) {
    if (!segment.executable || segment.file_offset + segment.file_size <= row.offset) continue;
    if (segment.file_offset >= row.offset + (row.end - row.start)) continue;
    if (found == nullptr) found = &segment;
  }
  if (found == nullptr) return std::nullopt;
  return row.start - (found->address - found->file_offset + row.offset);
}

bool ModuleFile::HoldsAddress(uint64_t address) const {
  return std::any_of(segments_.begin(), segments_.end(), [address](const ElfSegment& segment) {
    return address >= segment.address && address - segment.address < segment.memory_size;
  });
}

std::optional<ElfImage> ModuleFile::CopyFromMemory(MemoryReader& memory) {
  if (segments_.empty() || row_.offset != 0) return std::nullopt;
  const uint64_t first = segments_.front().address - segments_.front().file_offset;
  uint64_t budget = kMaxCopiedBytes;
  for (const ElfSegment& segment : segments_) {
    // Unwinding and naming need what the file has of constants and code.
    if (segment.writable && segment.file_size > kBlock) continue;
    const Address start = row_.start + (segment.address - first);
    std::vector<std::byte> bytes(size_t(std::min(segment.file_size, budget)));
    budget -= bytes.size();
    const RemoteRange range{start, bytes.size()};
    bytes.resize(memory.ReadRanges({&range, 1}, bytes.data()).bytes);
    copy_.Add(start, bytes);
  }
  auto opened = ElfImage::FromMemory(copy_, row_.start);
  if (auto* const image = std::get_if<ElfImage>(&opened)) return std::move(*image);
  return std::nullopt;
}

const ElfImage* ModuleFile::Load(MemoryReader& memory) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!loaded_) {
    loaded_ = true;
    auto opened = ElfImage::FromFile(Open(memory));
    if (auto* const image = std::get_if<ElfImage>(&opened)) {
      image_ = std::move(*image);
    } else {
      image_ = CopyFromMemory(memory);
    }
  }
  return image_or_null();
}

const ElfImage* ModuleFile::image() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return image_or_null();
}

std::shared_ptr<const CfiTable> ModuleFile::FrameInformation(MemoryReader& memory) {
  const ElfImage* const image = Load(memory);
  const std::lock_guard<std::mutex> lock(mutex_);
  if (frame_information_ == nullptr) {
    frame_information_ =
        image != nullptr ? std::make_shared<const CfiTable>(*image) : std::make_shared<const CfiTable>();
  }
  return frame_information_;
}

std::shared_ptr<const std::vector<LoopPart>> ModuleFile::LoopParts() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (loop_parts_ != nullptr) return loop_parts_;
  }
  auto found = std::make_shared<const std::vector<LoopPart>>(FindLoopParts(*this));
  const std::lock_guard<std::mutex> lock(mutex_);
  if (loop_parts_ == nullptr) loop_parts_ = std::move(found);
  return loop_parts_;
}

}  // namespace austin
