#include "unwind/modules.h"

#include <algorithm>
#include <cerrno>
#include <set>
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
         module.path == row.path && module.id == row.file;
}

bool IsCode(const MapRow& row) { return row.executable && row.path != kVsyscall; }

std::vector<FileMapping> MappingsOfCode(const std::vector<MapRow>& rows) {
  std::set<FileId> files;
  for (const MapRow& row : rows) {
    if (IsCode(row) && row.file.inode != 0) files.insert(row.file);
  }
  std::vector<FileMapping> mappings;
  for (const MapRow& row : rows) {
    if (files.contains(row.file)) mappings.push_back({row.start, row.end, row.path});
  }
  return mappings;
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
  module.id = row.file;
  const bool has_file = row.file.inode != 0;
  if (!has_file && row.path != kVdso) return module;

  const MapRow& first = FirstRowOf(rows, row);
  std::shared_ptr<ModuleFile> file = has_file ? files_->Find(row.file) : nullptr;
  // The number of a file that is gone may have been given to another.
  if (file == nullptr || (first.offset == 0 && !HasMark(*file, first.start))) {
    const std::string exe = "/proc/" + std::to_string(pid_) + "/exe";
    const bool is_program = has_file && (row.file == FileIdOf(exe) || row.path == ReadProcLink(exe));
    file = std::make_shared<ModuleFile>(pid_, first, is_program, *memory_);
    if (has_file) files_->Add(row.file, file);
  }
  const auto bias = file->BiasOf(row);
  if (!bias) return module;
  module.bias = *bias;
  module.build_id = file->build_id();
  module.first = first.offset == 0 ? first.start : 0;
  module.file = std::move(file);
  return module;
}

/// Whether a file begins in memory as it is known to begin. What cannot be told is not denied.
bool Modules::HasMark(const ModuleFile& file, Address first) {
  const std::span<const std::byte> mark = file.mark();
  bytes_.resize(std::max(bytes_.size(), mark.size()));
  return mark.empty() || !memory_->Read(first, bytes_.data(), mark.size()) ||
         std::equal(mark.begin(), mark.end(), bytes_.begin());
}

bool Modules::ForgetReplaced(std::span<const Address> addresses) {
  suspects_.clear();
  const Module* last = nullptr;
  for (const Address address : addresses) {
    if (last != nullptr && last->Contains(address)) continue;
    last = Find(address);
    const bool is_new = last != nullptr && std::find(suspects_.begin(), suspects_.end(), last) == suspects_.end();
    if (!is_new) continue;
    suspects_.push_back(last);
    asked_.insert(last->first);
  }
  return ForgetReplacedOf(suspects_);
}

bool Modules::ForgetReplaced() {
  suspects_.clear();
  for (const Module& module : modules_) {
    if (asked_.contains(module.first)) suspects_.push_back(&module);
  }
  return ForgetReplacedOf(suspects_);
}

bool Modules::ForgetReplacedOf(const std::vector<const Module*>& suspects) {
  std::vector<const Module*> marked;
  ranges_.clear();
  size_t total = 0;
  for (const Module* const module : suspects) {
    if (module->first == 0 || module->file == nullptr || module->file->mark().empty()) continue;
    marked.push_back(module);
    ranges_.push_back({module->first, module->file->mark().size()});
    total += module->file->mark().size();
  }
  bytes_.resize(std::max(bytes_.size(), total));
  std::set<Address> replaced;
  // A read ends where nothing is mapped any more.
  for (size_t next = 0; next < marked.size();) {
    const ReadOutcome outcome = memory_->ReadRanges(std::span(ranges_).subspan(next), bytes_.data());
    if (outcome.sys_errno == ESRCH) return false;
    size_t offset = 0;
    for (; next < marked.size(); ++next) {
      const std::span<const std::byte> mark = marked[next]->file->mark();
      const bool is_read = offset + mark.size() <= outcome.bytes;
      if (!is_read || !std::equal(mark.begin(), mark.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(offset))) {
        replaced.insert(marked[next]->first);
      }
      offset += mark.size();
      if (is_read) continue;
      ++next;
      break;
    }
  }
  if (replaced.empty()) return false;
  std::erase_if(modules_, [&replaced](const Module& module) { return replaced.contains(module.first); });
  ++generation_;
  return true;
}

bool Modules::Refresh() {
  suspects_.clear();
  for (const Module& module : modules_) suspects_.push_back(&module);
  const bool has_forgotten = ForgetReplacedOf(suspects_);
  std::vector<MapRow> rows;
  if (ReadProcessMaps(pid_, rows) != 0) return has_forgotten;
  const auto count = std::count_if(rows.begin(), rows.end(), IsCode);
  if (count == 0) return has_forgotten;
  mappings_ = MappingsOfCode(rows);
  std::vector<Module> modules;
  size_t unchanged = 0;
  for (const MapRow& row : rows) {
    if (!IsCode(row)) continue;
    const Module* const found = Find(row.start);
    const bool is_known = found != nullptr && SameMapping(*found, row);
    modules.push_back(is_known && found->file != nullptr ? *found : MakeModule(rows, row));
    // What was no image before may be one that the dynamic loader was still mapping.
    if (is_known && modules.back().file == found->file) ++unchanged;
  }
  if (unchanged == modules.size() && modules.size() == modules_.size()) return has_forgotten;
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
