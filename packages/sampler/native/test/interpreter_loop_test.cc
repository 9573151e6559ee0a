#include "unwind/interpreter_loop.h"

#include <unistd.h>

#include <algorithm>
#include <string>

#include "binary/runtime_locator.h"
#include "check.h"
#include "child_process.h"
#include "memory/process_memory_reader.h"
#include "support/stopped_thread.h"
#include "unwind/loop_parts.h"

using namespace austin;
using austin::check::ChildProcess;

namespace {

// Python calls C that calls Python: `<module>`, `outer`, `inner` and `Waiter.__del__` each in a loop of its own, on all versions.
constexpr char kScript[] = R"(
import sys, time
class Waiter:
    def __del__(self):
        print('ready', flush=True)
        time.sleep(600)
def inner(value):
    waiter = [Waiter()]
    waiter.pop()
def outer(value):
    return max([value], key=inner)
sorted([1], key=outer)
)";
constexpr size_t kActivations = 4;

struct Stopped {
  explicit Stopped(const std::string& python)
      : child({python, "-I", "-c", kScript}), memory(child.pid()), modules(child.pid(), &memory) {
    is_ready = child.ReadLine() == "ready";
    modules.Refresh();
  }
  ChildProcess child;
  ProcessMemoryReader memory;
  Modules modules;
  bool is_ready = false;
};

size_t CountActivations(const InterpreterLoop& loop, const std::vector<NativeFrame>& frames) {
  size_t count = 0;
  for (size_t at = 0; at < frames.size();) {
    const size_t length = loop.ActivationAt(frames, at);
    count += length > 0;
    at += std::max<size_t>(length, 1);
  }
  return count;
}

}  // namespace

TEST(InterpreterLoop, IsFoundInEveryVersion) {
  const std::vector<std::string> pythons = check::TestPythons();
  if (pythons.empty()) SKIP("no interpreter in AUSTIN_TEST_PYTHONS or on PATH");
  for (const std::string& python : pythons) {
    Stopped target(python);
    if (!target.is_ready) {
      FAIL_TEST(python + " does not get ready");
      continue;
    }
    const auto located = RuntimeLocator(target.child.pid()).Locate(target.memory);
    REQUIRE(located.has_value());
    const InterpreterLoop loop = InterpreterLoop::Find(target.modules, *located);
    CHECK(!loop.empty());
    CHECK(!loop.Contains(0));
    CHECK(!loop.Contains(located->runtime));

    const check::StoppedThread thread(target.child.pid());
    REQUIRE(thread.stopped());
    const check::CopiedStack stack(target.memory, thread.registers());
    std::vector<NativeFrame> frames;
    Unwinder unwinder(&target.modules);
    CHECK(unwinder.Unwind(thread.registers(), stack.memory(), &frames) == UnwindEnd::kOutermost);
    if (CountActivations(loop, frames) != kActivations) {
      FAIL_TEST(python + ": " + std::to_string(CountActivations(loop, frames)) + " activations in " +
                std::to_string(frames.size()) + " frames");
    }
    // The same frames a second time, from what is kept.
    std::vector<NativeFrame> again;
    unwinder.Unwind(thread.registers(), stack.memory(), &again);
    CHECK_EQ(again.size(), frames.size());
  }
}

#if defined(__x86_64__)

TEST(LoopParts, JumpsAreFollowed) {
  // jmp +1; jne -8; a call, which is no jump; a jump that is cut off.
  const uint8_t code[] = {0xe9, 1, 0, 0, 0, 0x0f, 0x85, 0xf8, 0xff, 0xff, 0xff, 0xe8, 2, 0, 0, 0, 0xe9, 1, 2};
  std::vector<uint64_t> targets;
  ForEachJump(std::as_bytes(std::span(code)), 0x1000, [&](uint64_t to) { targets.push_back(to); });
  REQUIRE(targets.size() == 2);
  CHECK_EQ(targets[0], 0x1006u);
  CHECK_EQ(targets[1], 0x1003u);
}

// Where symbols tell the parts of the loop, they have to be found without symbols, too, if they jump back.
TEST(LoopParts, SplitPartsAreFoundWithoutSymbols) {
  const std::vector<std::string> pythons = check::TestPythons();
  size_t split = 0;
  for (const std::string& python : pythons) {
    Stopped target(python);
    if (!target.is_ready) continue;
    const auto located = RuntimeLocator(target.child.pid()).Locate(target.memory);
    REQUIRE(located.has_value());
    for (const Module& module : target.modules.all()) {
      if (module.file == nullptr || !module.file->HoldsAddress(module.FileAddress(located->runtime))) continue;
      const ElfImage* const image = module.file->Load(target.memory);
      REQUIRE(image != nullptr);
      const auto exported = image->FindDynamicSymbol("_PyEval_EvalFrameDefault");
      if (!exported) continue;
      const std::vector<LoopPart> parts =
          FindSplitParts(*image, CfiTable(*image), exported->address, exported->address + exported->size);
      REQUIRE(!parts.empty());
      CHECK_EQ(parts[0].start, exported->address);
      split += parts.size() > 1;
      // With symbols: nothing but what has the loop's name.
      const ElfSymbols table = image->StaticCodeSymbols();
      if (table.symbols.empty()) continue;
      for (const LoopPart& part : parts) {
        const bool has_name = std::any_of(table.symbols.begin(), table.symbols.end(), [&](const ElfCodeSymbol& symbol) {
          return symbol.address == part.start &&
                 std::string_view(table.strings.c_str() + symbol.name).starts_with("_PyEval_EvalFrameDefault");
        });
        CHECK(has_name);
      }
    }
  }
  if (split == 0) SKIP("no interpreter whose loop is split, without symbols or with a part that jumps back");
}

#endif
