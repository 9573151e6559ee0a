#include "unwind/modules.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "check.h"
#include "child_process.h"
#include "memory/process_memory_reader.h"

using namespace austin;
using austin::check::ChildProcess;
using austin::check::TemporaryFolder;

namespace {

Address AddressOf(const void* function) { return reinterpret_cast<Address>(function); }

/// More than the code of the libraries that are mapped here.
constexpr size_t kMapped = 4 << 20;

/// Puts a copy of a library where another file may have been, and maps it at `place`, or anywhere.
void* MapCopy(const std::string& library, const std::string& path, void* place) {
  std::error_code error;
  std::filesystem::remove(path, error);
  std::filesystem::copy_file(library, path, error);
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (error || !fd.valid()) return MAP_FAILED;
  return mmap(place, kMapped, PROT_READ | PROT_EXEC, MAP_PRIVATE | (place != nullptr ? MAP_FIXED : 0), fd.get(), 0);
}

/// The file of the library that has a function.
std::string LibraryOf(const char* function) {
  Dl_info info{};
  return dladdr(dlsym(RTLD_DEFAULT, function), &info) != 0 ? info.dli_fname : "";
}

bool IsHex(const std::string& text) { return text.find_first_not_of("0123456789abcdef") == std::string::npos; }

}  // namespace

TEST(Modules, KnowWhereCodeIsInTheirFiles) {
  ProcessMemoryReader memory(getpid());
  Modules modules(getpid(), &memory);
  CHECK(modules.all().empty());
  REQUIRE(modules.Refresh());
  CHECK(!modules.Refresh());
  CHECK_EQ(modules.generation(), 1u);

  void* const function = dlsym(RTLD_DEFAULT, "getpid");
  const Module* const library = modules.Find(AddressOf(function));
  REQUIRE(library != nullptr && library->file != nullptr);
  CHECK(library->path.find("libc") != std::string::npos);
  CHECK(!library->build_id.empty() && IsHex(library->build_id));
  const ElfImage* const image = library->file->Load(memory);
  REQUIRE(image != nullptr);
  const auto symbol = image->FindDynamicSymbol("getpid");
  REQUIRE(symbol.has_value());
  CHECK_EQ(library->FileAddress(AddressOf(function)), symbol->address);
  CHECK(library->file->HoldsAddress(symbol->address));
  CHECK(!library->file->HoldsAddress(~uint64_t(0)));

  CHECK(modules.Find(0) == nullptr);
  CHECK(modules.Find(~Address(0)) == nullptr);
  CHECK(modules.Find(library->end) == nullptr || modules.Find(library->end) != library);
  CHECK(std::is_sorted(modules.all().begin(), modules.all().end(), [](auto& a, auto& b) { return a.start < b.start; }));
}

TEST(Modules, ReadTheVdsoFromMemory) {
  ProcessMemoryReader memory(getpid());
  Modules modules(getpid(), &memory);
  modules.Refresh();
  const auto vdso =
      std::find_if(modules.all().begin(), modules.all().end(), [](auto& module) { return module.path == "[vdso]"; });
  if (vdso == modules.all().end()) SKIP("this kernel maps no vDSO");
  REQUIRE(vdso->file != nullptr);
  const ElfImage* const image = vdso->file->Load(memory);
  REQUIRE(image != nullptr);
  CHECK(!image->DynamicCodeSymbols().symbols.empty());
  CHECK(image->exception_header().has_value());
}

TEST(Modules, NoticeNewCode) {
  ProcessMemoryReader memory(getpid());
  Modules modules(getpid(), &memory);
  modules.Refresh();
  const size_t count = modules.all().size();
  void* const page = mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  REQUIRE(page != MAP_FAILED);
  CHECK(modules.Find(AddressOf(page)) == nullptr);
  CHECK(modules.Refresh());
  CHECK(!modules.Refresh());
  const Module* const made = modules.Find(AddressOf(page));
  REQUIRE(made != nullptr);
  CHECK(made->file == nullptr && made->path.empty());
  munmap(page, 4096);
  CHECK(modules.Refresh());
  CHECK_EQ(modules.all().size(), count);
  CHECK_EQ(modules.generation(), 3u);
}

TEST(Modules, ForgetWhatHasBeenReplaced) {
  const TemporaryFolder folder;
  const std::string libraries[] = {LibraryOf("getpid"), LibraryOf("__cxa_throw")};
  // Under its own name, and where the other one was: that may give it the same inode, too.
  for (const char* second : {"/second", "/first"}) {
    ProcessMemoryReader memory(getpid());
    const auto files = std::make_shared<ModuleFiles>();
    Modules modules(getpid(), &memory, files);
    void* const place = MapCopy(libraries[0], folder.path() + "/first", nullptr);
    REQUIRE(place != MAP_FAILED);
    modules.Refresh();
    const Address address = AddressOf(place) + 0x3000;
    REQUIRE(modules.Find(address) != nullptr && modules.Find(address)->file != nullptr);
    const std::string build_id = modules.Find(address)->build_id;
    const Address other = AddressOf(dlsym(RTLD_DEFAULT, "getpid"));
    CHECK(!modules.ForgetReplaced(std::vector<Address>{other, address, address}));

    REQUIRE(MapCopy(libraries[1], folder.path() + second, place) == place);
    CHECK(!modules.ForgetReplaced(std::vector<Address>{other}));
    CHECK(modules.Find(address) != nullptr);
    const uint64_t generation = modules.generation();
    CHECK(modules.ForgetReplaced(std::vector<Address>{other, address}));
    CHECK(modules.generation() > generation);
    CHECK(modules.Find(address) == nullptr);
    CHECK(modules.Find(other) != nullptr);
    CHECK(modules.Refresh());
    REQUIRE(modules.Find(address) != nullptr);
    CHECK_EQ(modules.Find(address)->path, folder.path() + second);
    CHECK(!modules.Find(address)->build_id.empty() && modules.Find(address)->build_id != build_id);

    // Refresh notices by itself, too; and what is gone altogether.
    REQUIRE(MapCopy(libraries[0], folder.path() + second, place) == place);
    CHECK(modules.ForgetReplaced());
    CHECK(modules.Find(address) == nullptr && modules.Find(other) != nullptr);
    CHECK(modules.Refresh());
    CHECK_EQ(modules.Find(address)->build_id, build_id);
    munmap(place, kMapped);
    CHECK(modules.ForgetReplaced(std::vector<Address>{address}));
    CHECK(!modules.Refresh());
    CHECK(modules.Find(address) == nullptr);
  }
}

TEST(Modules, ListFilesWithCodeFromTheirLowestAddress) {
  ProcessMemoryReader memory(getpid());
  Modules modules(getpid(), &memory);
  modules.Refresh();
  const Module& library = *modules.Find(AddressOf(dlsym(RTLD_DEFAULT, "getpid")));
  std::vector<FileMapping> own;
  for (const FileMapping& mapping : modules.mappings()) {
    if (mapping.path == library.path) own.push_back(mapping);
  }
  // Constants before the code, and data behind it.
  REQUIRE(own.size() > 2);
  CHECK_EQ(own.front().start, library.first);
  CHECK(own.front().start < library.start && own.back().end > library.end);
  CHECK(std::is_sorted(modules.mappings().begin(), modules.mappings().end(),
                       [](auto& a, auto& b) { return a.start < b.start; }));
}

TEST(Modules, ShareWhatIsKnownOfFiles) {
  ProcessMemoryReader memory(getpid());
  const auto files = std::make_shared<ModuleFiles>();
  Modules first(getpid(), &memory, files), second(getpid(), &memory, files);
  first.Refresh();
  second.Refresh();
  const Address address = AddressOf(dlsym(RTLD_DEFAULT, "getpid"));
  CHECK(first.Find(address)->file == second.Find(address)->file);
}

TEST(Modules, OutliveFilesAndProcesses) {
  const TemporaryFolder folder;
  const std::string program = folder.path() + "/program";
  std::error_code error;
  std::filesystem::copy_file("/bin/cat", program, error);
  REQUIRE(!error);
  // Its output is a pipe that nobody reads, so it waits.
  ChildProcess child({program, "/dev/zero"});
  REQUIRE(child.pid() != 0);
  ProcessMemoryReader memory(child.pid());
  Modules modules(child.pid(), &memory);
  const auto find = [&] {
    return std::find_if(modules.all().begin(), modules.all().end(),
                        [&](auto& module) { return module.path == program; });
  };
  for (int tries = 0; tries < 1000; ++tries) {
    modules.Refresh();
    if (find() != modules.all().end()) break;
    usleep(10'000);
  }
  REQUIRE(find() != modules.all().end());
  std::filesystem::remove(program);
  Modules late(child.pid(), &memory);
  late.Refresh();
  const auto module =
      std::find_if(late.all().begin(), late.all().end(), [&](auto& each) { return each.path == program; });
  REQUIRE(module != late.all().end());
  REQUIRE(module->file != nullptr);
  CHECK_EQ(module->build_id, find()->build_id);
  CHECK_EQ(module->bias, find()->bias);
  REQUIRE(module->file->Load(memory) != nullptr);
  child.Kill();
  CHECK(!late.Refresh());
  CHECK(!late.all().empty());
  CHECK(module->file->image()->BuildId() == module->build_id);
}

TEST(Modules, SeeFilesAsTheProcessDoes) {
  // A mount namespace of its own, with a program that exists nowhere else.
  ChildProcess child(
      {"unshare", "-m", "sh", "-c",
       "mount -t tmpfs none /mnt && cp /bin/sleep /mnt/austin-hidden && echo mounted && exec /mnt/austin-hidden 600"});
  if (child.pid() == 0 || child.ReadLine() != "mounted") SKIP("may not make a mount namespace");
  ProcessMemoryReader memory(child.pid());
  Modules modules(child.pid(), &memory);
  const Module* hidden = nullptr;
  for (int tries = 0; tries < 1000 && hidden == nullptr; ++tries) {
    modules.Refresh();
    for (const Module& module : modules.all()) {
      if (module.path == "/mnt/austin-hidden") hidden = &module;
    }
    usleep(10'000);
  }
  REQUIRE(hidden != nullptr && hidden->file != nullptr);
  CHECK(!std::filesystem::exists("/mnt/austin-hidden"));
  CHECK_EQ(hidden->file->root(), "/proc/" + std::to_string(child.pid()) + "/root");
  const ElfImage* const image = hidden->file->Load(memory);
  REQUIRE(image != nullptr);
  // From the file, not from memory: only that has sections.
  CHECK(image->FindSection(".eh_frame").has_value());
}

TEST(Modules, CopyImagesThatHaveNoFile) {
  // As if the file could not be opened: the row says that another file is mapped there.
  std::vector<MapRow> rows;
  REQUIRE(ReadProcessMaps(getpid(), rows) == 0);
  const auto row = FindRow(rows, AddressOf(dlsym(RTLD_DEFAULT, "getpid")));
  REQUIRE(row != nullptr);
  MapRow first =
      *std::find_if(rows.begin(), rows.end(), [&](auto& each) { return each.file == row->file && each.offset == 0; });
  ProcessMemoryReader memory(getpid());
  ModuleFile original(getpid(), first, false, memory);
  first.file.inode ^= uint64_t(1) << 40;
  ModuleFile copied(getpid(), first, false, memory);
  CHECK_EQ(copied.build_id(), original.build_id());
  CHECK(copied.BiasOf(*row) == original.BiasOf(*row));
  const ElfImage* const image = copied.Load(memory);
  REQUIRE(image != nullptr);
  CHECK_EQ(image->DynamicCodeSymbols().symbols.size(), original.Load(memory)->DynamicCodeSymbols().symbols.size());
  const auto header = image->exception_header();
  REQUIRE(header.has_value());
  CHECK(image->ReadThrough(header->address, header->size) ==
        original.image()->ReadThrough(header->address, header->size));
}
