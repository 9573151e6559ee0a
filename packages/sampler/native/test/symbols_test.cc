#include "unwind/symbols.h"

#include <dlfcn.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "binary/mapped_file.h"
#include "check.h"
#include "child_process.h"
#include "memory/process_memory_reader.h"
#include "unwind/debug_files.h"
#include "unwind/namer.h"

using namespace austin;
using austin::check::ChildProcess;
using austin::check::TemporaryFolder;

namespace austin_symbols_test {

__attribute__((noinline)) int ForSymbols(int value) { return value * 3 + 1; }
static __attribute__((noinline, used)) int LocalForSymbols(int value) { return value * 5 + 1; }

}  // namespace austin_symbols_test

namespace {

Address AddressOf(const void* function) { return reinterpret_cast<Address>(function); }

/// This process's modules, opened.
struct Own {
  Own() : memory(getpid()), modules(getpid(), &memory) {
    modules.Refresh();
    for (const Module& module : modules.all()) {
      if (module.file != nullptr) module.file->Load(memory);
    }
  }
  NativeName NameOf(Address address) {
    const Module* const module = modules.Find(address);
    return module != nullptr ? symbols.Find(*module, module->FileAddress(address)) : NativeName{};
  }
  ProcessMemoryReader memory;
  Modules modules;
  Symbols symbols;
};

/// Runs a line of the shell; false where it fails, or a program is missing.
bool Shell(const std::string& line) {
  ChildProcess child({"sh", "-c", "(" + line + ") >/dev/null 2>&1 && echo done || echo failed"});
  return child.ReadLine() == "done";
}

/// A file on its own, as a module that starts it.
std::shared_ptr<ModuleFile> FileAt(const std::string& path, MemoryReader& memory) {
  MapRow row;
  row.path = path;
  row.file = FileIdOf(path);
  row.end = std::filesystem::file_size(path);
  auto file = std::make_shared<ModuleFile>(getpid(), row, false, memory);
  return file->Load(memory) != nullptr ? file : nullptr;
}

constexpr char kLibrary[] = R"(
#include <string.h>
static __attribute__((noinline)) int hidden_function(int value) { volatile int copy = value * 7; return copy; }
int exported_function(const char* text) { return hidden_function((int)strlen(text)) + 1; }
)";

struct Built {
  TemporaryFolder folder;
  std::string path;
  uint64_t hidden = 0;
  bool ok = false;
};

/// A shared library; `hidden` is where its function without an exported name is.
void BuildLibrary(Built* built) {
  built->path = built->folder.path() + "/libsymbols.so";
  const std::string source = built->folder.path() + "/symbols.c";
  std::ofstream(source) << kLibrary;
  if (!Shell("cc -O1 -g -fPIC -fno-builtin -shared -Wl,--build-id -Wl,-z,lazy -o " + built->path + " " + source))
    return;
  ProcessMemoryReader memory(getpid());
  const auto file = FileAt(built->path, memory);
  if (file == nullptr) return;
  const ElfSymbols table = file->image()->StaticCodeSymbols();
  for (const ElfCodeSymbol& symbol : table.symbols) {
    if (std::string_view(table.strings.c_str() + symbol.name) == "hidden_function") built->hidden = symbol.address;
  }
  built->ok = built->hidden != 0;
}

std::string NameIn(const std::string& path, uint64_t address) {
  ProcessMemoryReader memory(getpid());
  Module module;
  module.path = path;
  module.file = FileAt(path, memory);
  return Symbols().Find(module, address).symbol;
}

}  // namespace

TEST(Symbols, NameTheirOwnFunctions) {
  Own own;
  const Address function = AddressOf(reinterpret_cast<const void*>(&austin_symbols_test::ForSymbols));
  const NativeName name = own.NameOf(function + 2);
  CHECK_EQ(name.symbol, "austin_symbols_test::ForSymbols(int)");
  CHECK_EQ(name.offset, 2u);
  CHECK_EQ(own.NameOf(AddressOf(reinterpret_cast<const void*>(&austin_symbols_test::LocalForSymbols))).symbol,
           "austin_symbols_test::LocalForSymbols(int)");
  // Exported by a library; of its names, the one that programs call.
  CHECK_EQ(own.NameOf(AddressOf(dlsym(RTLD_DEFAULT, "getpid"))).symbol, "getpid");
  CHECK_EQ(own.NameOf(1).symbol, kUnknownSymbol);
  CHECK_EQ(own.NameOf(1).offset, 0u);
}

TEST(Symbols, AreNotGuessed) {
  SymbolTable table;
  Own own;
  const Module* const module =
      own.modules.Find(AddressOf(reinterpret_cast<const void*>(&austin_symbols_test::ForSymbols)));
  REQUIRE(module != nullptr);
  const ElfImage& image = *module->file->image();
  uint64_t base = 0;
  for (const ElfSegment& segment : image.segments()) {
    if (segment.executable) base = segment.address;
  }
  ElfSymbols symbols;
  const auto add = [&](const std::string& name, uint64_t start, uint64_t size, bool is_global) {
    symbols.symbols.push_back({base + start, size, symbols.strings.size(), true, is_global, false});
    symbols.strings += name;
    symbols.strings.push_back('\0');
  };
  add("outer", 0, 100, true);
  add("inner", 20, 10, true);
  add("__outer_alias", 0, 100, true);
  add("local_alias", 0, 100, false);
  add("label", 200, 0, true);
  add("after", 230, 8, true);
  table.Add(image, symbols);
  table.Finish();
  const auto name = [&](uint64_t at) {
    const auto symbol = table.Find(base + at);
    return symbol ? std::string(symbol->name) : std::string("-");
  };
  CHECK_EQ(name(0), "outer");
  CHECK_EQ(name(19), "outer");
  CHECK_EQ(name(20), "inner");
  CHECK_EQ(name(29), "inner");
  CHECK_EQ(name(30), "outer");
  CHECK_EQ(name(99), "outer");
  CHECK_EQ(name(100), "-");
  CHECK_EQ(name(199), "-");
  CHECK_EQ(name(229), "label");
  CHECK_EQ(name(230), "after");
  CHECK_EQ(name(238), "-");
}

TEST(Symbols, AreFoundInDebugFiles) {
  Built built;
  BuildLibrary(&built);
  if (!built.ok || !Shell("objcopy --version && strip --version")) SKIP("no compiler, or no binutils");
  const std::string stripped = built.folder.path() + "/stripped.so", linked = built.folder.path() + "/linked.so";
  const std::string debug = built.folder.path() + "/linked.debug";
  CHECK_EQ(NameIn(built.path, built.hidden), "hidden_function");
  REQUIRE(Shell("strip -o " + stripped + " " + built.path));
  CHECK_EQ(NameIn(stripped, built.hidden), kUnknownSymbol);
  // Not in the folder of the file: .debug, below it, counts too.
  REQUIRE(Shell("objcopy --only-keep-debug " + built.path + " " + debug + " && cd " + built.folder.path() +
                " && objcopy --add-gnu-debuglink=linked.debug stripped.so linked.so"));
  CHECK_EQ(NameIn(linked, built.hidden), "hidden_function");
  REQUIRE(Shell("mkdir " + built.folder.path() + "/.debug && mv " + debug + " " + built.folder.path() + "/.debug/"));
  CHECK_EQ(NameIn(linked, built.hidden), "hidden_function");
  // One that does not fit is not taken.
  REQUIRE(Shell("echo >> " + built.folder.path() + "/.debug/linked.debug"));
  CHECK_EQ(NameIn(linked, built.hidden), kUnknownSymbol);
}

TEST(Symbols, AreFoundInEmbeddedDebugData) {
  Built built;
  BuildLibrary(&built);
  if (!built.ok || !Shell("objcopy --version && xz --version")) SKIP("no compiler, no binutils, or no xz");
  if (dlopen("liblzma.so.5", RTLD_NOW) == nullptr) SKIP("no liblzma");
  const std::string folder = built.folder.path() + "/";
  REQUIRE(Shell("cd " + folder + " && strip -o stripped.so libsymbols.so && objcopy -S --remove-section .comment " +
                "--keep-symbol=hidden_function libsymbols.so mini && xz mini && " +
                "objcopy --add-section .gnu_debugdata=mini.xz stripped.so embedded.so"));
  CHECK_EQ(NameIn(folder + "embedded.so", built.hidden), "hidden_function");
}

TEST(Symbols, NameStubs) {
  Built built;
  BuildLibrary(&built);
  if (!built.ok) SKIP("no compiler");
  ProcessMemoryReader memory(getpid());
  const auto file = FileAt(built.path, memory);
  REQUIRE(file != nullptr);
  bool has_import = false;
  for (const ElfImport& import : file->image()->Imports()) has_import |= import.name == "strlen";
  CHECK(has_import);
#if defined(__x86_64__)
  const auto stubs = file->image()->FindSection(".plt.sec") ? file->image()->FindSection(".plt.sec")
                                                            : file->image()->FindSection(".plt");
  REQUIRE(stubs.has_value());
  bool is_named = false;
  for (uint64_t at = 0; at < stubs->size; at += 16) is_named |= NameIn(built.path, stubs->address + at) == "strlen@plt";
  CHECK(is_named);
#endif
}

TEST(Namer, AnswersEachQuestionOnce) {
  Own own;
  const Address function = AddressOf(reinterpret_cast<const void*>(&austin_symbols_test::ForSymbols));
  const Module* const module = own.modules.Find(function);
  REQUIRE(module != nullptr);
  Namer namer;
  const Namer::Id exact = namer.Ask(*module, function, true);
  // A return address that is the first byte after a function belongs to the call before it.
  const Namer::Id caller = namer.Ask(*module, function + 3, false);
  CHECK(exact != caller);
  CHECK_EQ(namer.Ask(*module, function, true), exact);
  const Namer::Id nowhere = namer.Ask(Module(), 12345, true);
  namer.WaitForAll();
  REQUIRE(namer.Find(exact) != nullptr && namer.Find(caller) != nullptr && namer.Find(nowhere) != nullptr);
  CHECK_EQ(namer.Find(exact)->symbol, "austin_symbols_test::ForSymbols(int)");
  CHECK_EQ(namer.Find(exact)->offset, 0u);
  CHECK_EQ(namer.Find(caller)->symbol, "austin_symbols_test::ForSymbols(int)");
  CHECK_EQ(namer.Find(caller)->offset, 3u);
  CHECK_EQ(namer.Find(nowhere)->symbol, kUnknownSymbol);
  CHECK(namer.Find(1000) == nullptr);
}

TEST(Namer, EndsWithQuestionsOpen) {
  Own own;
  const Address function = AddressOf(reinterpret_cast<const void*>(&austin_symbols_test::ForSymbols));
  const Module* const module = own.modules.Find(function);
  for (int round = 0; round < 20; ++round) {
    Namer namer;
    for (Address at = 0; at < 100; ++at) namer.Ask(*module, function + at, true);
  }
}
