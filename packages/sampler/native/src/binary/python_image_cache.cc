#include "binary/python_image_cache.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "binary/mapped_file.h"
#include "binary/python_version.h"

namespace austin {
namespace {

// A process that lives long and starts others must not fill memory with what it has seen.
constexpr size_t kMaxImages = 4096;

int Rank(const MappedImage& mapped) {
  if (mapped.is_program) return 0;
  const auto name = ParsePythonName(mapped.path);
  return name && name->is_library ? 1 : 2;
}

std::shared_ptr<const PythonImage> Analyze(const std::variant<ElfProblem, ElfImage>& opened,
                                           const MappedImage& mapped) {
  if (const auto* image = std::get_if<ElfImage>(&opened)) {
    return std::make_shared<PythonImage>(AnalyzePythonImage(*image, mapped.path, mapped.is_program));
  }
  auto result = std::make_shared<PythonImage>();
  const auto name = ParsePythonName(mapped.path);
  if (std::get<ElfProblem>(opened) == ElfProblem::kUnsupportedClass && name && (name->is_library || name->major != 0)) {
    result->kind = PythonImage::Kind::kForeignClass;
  }
  return result;
}

}  // namespace

std::vector<MappedImage> GroupImages(const std::vector<MapRow>& rows, const FileId& program,
                                     const std::string& program_path) {
  std::vector<MappedImage> images;
  std::map<FileId, size_t> index;
  for (const MapRow& row : rows) {
    if (row.file.inode == 0) continue;
    const auto [entry, is_new] = index.emplace(row.file, images.size());
    if (is_new) {
      const bool same_file = row.file == program || (row.file.inode == program.inode && row.path == program_path);
      const bool same_name = program.inode == 0 && !row.path.empty() && row.path == program_path;
      images.push_back({row.file, row.path, {}, same_file || same_name, false});
    }
    MappedImage& image = images[entry->second];
    image.rows.push_back(&row);
    image.has_code |= row.executable;
  }
  std::erase_if(images, [](const MappedImage& image) { return !image.has_code; });
  std::stable_sort(images.begin(), images.end(),
                   [](const MappedImage& a, const MappedImage& b) { return Rank(a) < Rank(b); });
  return images;
}

PythonImageCache::Lookup PythonImageCache::FindInMemory(const MappedImage& mapped, MemoryReader& memory) {
  const uint64_t length = mapped.rows.back()->end - mapped.rows.front()->start;
  const Key key{mapped.file, mapped.is_program, mapped.rows.size(), length};
  if (const auto known = images_.find(key); known != images_.end()) return {known->second, 0};
  for (const MapRow* row : mapped.rows) {
    if (row->offset != 0) continue;
    std::byte first;
    const RemoteRange range{row->start, 1};
    const ReadOutcome outcome = memory.ReadRanges({&range, 1}, &first);
    if (outcome.bytes != 1) return {nullptr, outcome.sys_errno};
    const auto image = Analyze(ElfImage::FromMemory(memory, row->start), mapped);
    images_.emplace(key, image);
    return {image, 0};
  }
  return {nullptr, 0};
}

PythonImageCache::Lookup PythonImageCache::Find(pid_t pid, const MappedImage& mapped, MemoryReader& memory) {
  const Key key{mapped.file, mapped.is_program, 0, 0};
  if (const auto known = images_.find(key); known != images_.end()) return {known->second, 0};
  if (images_.size() >= kMaxImages) images_.clear();
  const auto first = std::find_if(mapped.rows.begin(), mapped.rows.end(), [](auto* row) { return row->offset == 0; });
  const MapRow& row = first != mapped.rows.end() ? **first : *mapped.rows.front();
  UniqueFd file = OpenMappedFile(pid, row, mapped.is_program, memory);
  if (!file.valid()) return FindInMemory(mapped, memory);
  const auto image = Analyze(ElfImage::FromFile(std::move(file)), mapped);
  images_.emplace(key, image);
  return {image, 0};
}

}  // namespace austin
