#include "unwind/modules.h"

#include <algorithm>
#include <utility>

#include "binary/mapped_file.h"
#include "binary/proc_file.h"

namespace austin {
namespace {

constexpr std::string_view kVdso = "[vdso]";
// A page of the kernel that old programs call; nothing can be read from it.
constexpr std::string_view kVsyscall = "[vsyscall]";
constexpr size_t kMaxFiles = 4096;

bool SameMapping(const Module& module, const MapRow& row) {
  return module.start == row.start && module.end == row.end && module.file_offset == row.offset &&
         module.path == row.path;
}

/// The mapping that starts the file of `row`: the nearest one before it.
const MapRow& FirstRowOf(const std::vector<MapRow>& rows, const MapRow& row) {
  for (size_t i = size_t(&row - rows.data()) + 1; i-- > 0;) {
    if (rows[i].file == row.file && rows[i].path == row.path && rows[i].offset == 0) return rows[i];
  }
  return row;
}

}  // namespace

std::shared_ptr<ModuleFile> ModuleFiles::Find(const FileId& id) const {
  const auto found = files_.find(id);
  return found == files_.end() ? nullptr : found->second;
}

void ModuleFiles::Add(const FileId& id, std::shared_ptr<ModuleFile> file) {
  if (files_.size() >= kMaxFiles) files_.clear();
  files_[id] = std::move(file);
}

Modules::Modules(pid_t pid, MemoryReader* memory, std::shared_ptr<ModuleFiles> files)
    : pid_(pid), memory_(memory), files_(std::move(files)) {}

Module Modules::MakeModule(const std::vector<MapRow>& rows, const MapRow& row) {
  Module module;
  module.start = row.start;
  module.end = row.end;
  module.file_offset = row.offset;
  module.path = row.path;
  const bool has_file = row.file.inode != 0;
  if (!has_file && row.path != kVdso) return module;

  const MapRow& first = FirstRowOf(rows, row);
  std::shared_ptr<ModuleFile> file = has_file ? files_->Find(row.file) : nullptr;
  if (file == nullptr) {
    const std::string exe = "/proc/" + std::to_string(pid_) + "/exe";
    const bool is_program = has_file && (row.file == FileIdOf(exe) || row.path == ReadProcLink(exe));
    file = std::make_shared<ModuleFile>(pid_, first, is_program, *memory_);
    if (has_file) files_->Add(row.file, file);
  }
  const auto bias = file->BiasOf(row);
  if (!bias) return module;
  module.bias = *bias;
  module.build_id = file->build_id();
  module.file = std::move(file);
  return module;
}

bool Modules::Refresh() {
  std::vector<MapRow> rows;
  if (ReadProcessMaps(pid_, rows) != 0) return false;
  const auto is_code = [](const MapRow& row) { return row.executable && row.path != kVsyscall; };
  const auto count = std::count_if(rows.begin(), rows.end(), is_code);
  if (count == 0) return false;
  std::vector<Module> modules;
  size_t unchanged = 0;
  for (const MapRow& row : rows) {
    if (!is_code(row)) continue;
    const Module* const found = Find(row.start);
    const bool is_known = found != nullptr && SameMapping(*found, row);
    modules.push_back(is_known && found->file != nullptr ? *found : MakeModule(rows, row));
    // What was no image before may be one that the dynamic loader was still mapping.
    if (is_known && modules.back().file == found->file) ++unchanged;
  }
  if (unchanged == modules.size() && modules.size() == modules_.size()) return false;
  modules_ = std::move(modules);
  ++generation_;
  return true;
}

const Module* Modules::Find(Address pc) const {
  auto at = std::upper_bound(modules_.begin(), modules_.end(), pc,
                             [](Address wanted, const Module& module) { return wanted < module.start; });
  if (at == modules_.begin()) return nullptr;
  --at;
  return at->Contains(pc) ? &*at : nullptr;
}

}  // namespace austin
