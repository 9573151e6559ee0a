#include "binary/elf_image.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

#include "binary/process_maps.h"
#include "binary/python_image.h"
#include "check.h"
#include "memory/process_memory_reader.h"

// A symbol to find in this program's own file.
extern "C" const char austin_elf_test_text[16] = "known contents!";

namespace austin {
namespace {

const ElfImage* Opened(const std::variant<ElfProblem, ElfImage>& opened) { return std::get_if<ElfImage>(&opened); }

std::variant<ElfProblem, ElfImage> OpenPath(const std::string& path) {
  return ElfImage::FromFile(UniqueFd(open(path.c_str(), O_RDONLY | O_CLOEXEC)));
}

std::vector<MapRow> OwnMaps() {
  std::vector<MapRow> rows;
  CHECK_EQ(ReadProcessMaps(getpid(), rows), 0);
  return rows;
}

/// The first row of the library that holds a function.
MapRow FirstRowOf(const void* function) {
  const auto rows = OwnMaps();
  const MapRow* const row = FindRow(rows, reinterpret_cast<Address>(function));
  if (row == nullptr) return {};
  return *std::find_if(rows.begin(), rows.end(), [&](const MapRow& other) { return other.file == row->file; });
}

std::string ReadWhole(const std::string& path, size_t limit) {
  std::string bytes(limit, '\0');
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  const ssize_t got = read(file.get(), bytes.data(), bytes.size());
  bytes.resize(got > 0 ? size_t(got) : 0);
  return bytes;
}

std::variant<ElfProblem, ElfImage> OpenBytes(const std::string& bytes) {
  UniqueFd file(open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  CHECK(file.valid());
  CHECK_EQ(write(file.get(), bytes.data(), bytes.size()), bytes.size());
  return ElfImage::FromFile(std::move(file));
}

TEST(ElfImage, FindsItsOwnStaticSymbol) {
  const auto opened = OpenPath("/proc/self/exe");
  REQUIRE(Opened(opened) != nullptr);
  const ElfImage& image = *Opened(opened);
  const std::array<std::string_view, 2> names{"no_such_symbol_anywhere", "austin_elf_test_text"};
  const auto symbols = image.FindStaticSymbols(names);
  CHECK(!symbols[0].has_value());
  REQUIRE(symbols[1].has_value());
  CHECK_EQ(symbols[1]->size, 16u);
  char text[16] = {};
  REQUIRE(image.ReadAt(symbols[1]->address, text, sizeof(text)));
  CHECK_EQ(std::string(text), "known contents!");

  const MapRow first = FirstRowOf(austin_elf_test_text);
  CHECK_EQ(first.offset, image.FirstPageOffset());
  CHECK_EQ(symbols[1]->address + image.BiasAt(first.start), reinterpret_cast<Address>(austin_elf_test_text));

  const auto section = image.FindSection(".rodata");
  REQUIRE(section.has_value());
  CHECK(symbols[1]->address >= section->address && symbols[1]->address < section->address + section->size);
  CHECK(!image.FindSection(".PyRuntime").has_value());
  CHECK(!image.FindSection(".symtab").has_value());
}

TEST(ElfImage, FindsDynamicSymbolsInFileAndMemory) {
  void* const function = dlsym(RTLD_DEFAULT, "getpid");
  REQUIRE(function != nullptr);
  const MapRow first = FirstRowOf(function);
  const auto from_file = OpenPath(first.path);
  REQUIRE(Opened(from_file) != nullptr);
  ProcessMemoryReader memory(getpid());
  const auto from_memory = ElfImage::FromMemory(memory, first.start);
  REQUIRE(Opened(from_memory) != nullptr);
  for (const ElfImage* image : {Opened(from_file), Opened(from_memory)}) {
    const auto symbol = image->FindDynamicSymbol("getpid");
    REQUIRE(symbol.has_value());
    CHECK_EQ(symbol->address + image->BiasAt(first.start), reinterpret_cast<Address>(function));
    CHECK(!image->FindDynamicSymbol("no_such_symbol_anywhere").has_value());
    CHECK(!image->FindDynamicSymbol("").has_value());
    CHECK(!image->FindDynamicSymbol(std::string(5000, 'x')).has_value());
  }
}

TEST(ElfImage, RejectsWhatIsNoElf) {
  CHECK(std::get<ElfProblem>(ElfImage::FromFile(UniqueFd())) == ElfProblem::kNotElf);
  CHECK(std::get<ElfProblem>(OpenPath("/")) == ElfProblem::kNotElf);
  CHECK(std::get<ElfProblem>(OpenPath("/dev/null")) == ElfProblem::kNotElf);
  CHECK(std::get<ElfProblem>(OpenBytes("")) == ElfProblem::kNotElf);
  CHECK(std::get<ElfProblem>(OpenBytes(std::string(4096, 'x'))) == ElfProblem::kNotElf);
  std::string header = ReadWhole("/proc/self/exe", 64);
  CHECK(std::get<ElfProblem>(OpenBytes(header)) == ElfProblem::kMalformed);
  header[4] = 1;
  CHECK(std::get<ElfProblem>(OpenBytes(header)) == ElfProblem::kUnsupportedClass);
}

// Each damaged image must be refused or give some answer, and never read outside the file or run for ever.
TEST(ElfImage, SurvivesDamagedFiles) {
  void* const function = dlsym(RTLD_DEFAULT, "dlsym");
  REQUIRE(function != nullptr);
  const std::string library = ReadWhole(FirstRowOf(function).path, 4 << 20);
  REQUIRE(library.size() > 10000);
  uint64_t random = 12345;
  const auto next = [&random] { return random = random * 6364136223846793005 + 1442695040888963407, random >> 33; };
  int opened_count = 0;
  for (int round = 0; round < 150; ++round) {
    std::string damaged = library.substr(0, round % 3 == 0 ? next() % library.size() : library.size());
    const size_t changes = 1 + next() % 20;
    for (size_t i = 0; i < changes && !damaged.empty(); ++i) {
      // Headers and hash tables are at the start, section headers at the end.
      const size_t area = std::min<size_t>(damaged.size(), 8192);
      const size_t at = i % 4 == 3   ? damaged.size() - 1 - next() % area
                        : i % 2 == 0 ? next() % std::min<size_t>(area, 1024)
                                     : next() % area;
      damaged[at] = char(i % 3 == 0 ? 0xff : next());
    }
    const auto opened = OpenBytes(damaged);
    const ElfImage* const image = Opened(opened);
    if (image == nullptr) continue;
    ++opened_count;
    (void)image->FindDynamicSymbol("getpid");
    (void)AnalyzePythonImage(*image, "/usr/bin/python3.8", true);
  }
  CHECK(opened_count > 10);
}

}  // namespace
}  // namespace austin
