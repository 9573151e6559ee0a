#include "binary/asyncio_section.h"

#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "binary/elf_image.h"
#include "binary/mapped_file.h"
#include "binary/process_info.h"
#include "binary/process_maps.h"
#include "binary/python_image_cache.h"
#include "binary/python_version.h"

namespace austin {
namespace {

constexpr const char* kSection = ".AsyncioDebug";

bool IsAsyncioModule(std::string_view path) {
  const size_t slash = path.rfind('/');
  return path.substr(slash == std::string_view::npos ? 0 : slash + 1).starts_with("_asyncio.");
}

std::optional<Address> SectionIn(pid_t pid, const MappedImage& mapped, MemoryReader& memory) {
  UniqueFd file = OpenMappedFile(pid, *mapped.rows.front(), mapped.is_program, memory);
  if (!file.valid()) return std::nullopt;
  const auto opened = ElfImage::FromFile(std::move(file));
  const auto* image = std::get_if<ElfImage>(&opened);
  const std::optional<ElfSection> section = image != nullptr ? image->FindSection(kSection) : std::nullopt;
  if (!section) return std::nullopt;
  for (const MapRow* row : mapped.rows) {
    if (row->offset == image->FirstPageOffset()) return section->address + image->BiasAt(row->start);
  }
  return std::nullopt;
}

}  // namespace

AsyncioSection FindAsyncioSection(pid_t pid, MemoryReader& memory) {
  AsyncioSection found;
  std::vector<MapRow> rows;
  if (ReadProcessMaps(pid, rows) != 0) return found;
  const FileId program = FileIdOf("/proc/" + std::to_string(pid) + "/exe");
  const std::vector<MappedImage> images = GroupImages(rows, program, ProgramOf(pid));
  for (const MappedImage& mapped : images) {
    if (!IsAsyncioModule(mapped.path)) continue;
    found.is_loaded = true;
    found.words = SectionIn(pid, mapped, memory).value_or(0);
    return found;
  }
  for (const MappedImage& mapped : images) {
    const auto name = ParsePythonName(mapped.path);
    if (!mapped.is_program && !(name && name->is_library)) continue;
    if (const auto words = SectionIn(pid, mapped, memory)) return {.is_loaded = true, .words = *words};
  }
  return found;
}

}  // namespace austin
