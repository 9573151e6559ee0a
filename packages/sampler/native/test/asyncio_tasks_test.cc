#include "cpython/asyncio_tasks.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

#include "binary/asyncio_section.h"
#include "check.h"
#include "child_process.h"
#include "cpython/layouts.h"
#include "memory/bounded_reader.h"
#include "memory/process_memory_reader.h"
#include "noise_reader.h"
#include "python_child.h"
#include "support/fake_memory.h"
#include "support/layouts_under_test.h"

using namespace austin;
using austin::check::PythonChild;

namespace {

/// What `_asyncio` of 3.14.10 and 3.15.2 say of themselves.
constexpr std::array<uint64_t, kAsyncioWords> kWords314 = {168, 136, 96, 108, 109, 128, 152, 225864, 10880, 936, 864, 872, 880};

std::array<uint64_t, kAsyncioWords> WordsFor(const Layout& layout) {
  std::array<uint64_t, kAsyncioWords> words = kWords314;
  words[7] = uint64_t(layout.interpreter.size);
  words[9] = uint64_t(layout.thread.size) + 200;
  words[10] = uint64_t(layout.thread.size) + 32;
  words[11] = words[10] + 8;
  words[12] = words[10] + 16;
  return words;
}

}  // namespace

TEST(AsyncioLayout, TakesWhatFitsTogetherOnly) {
  const Layout& layout = check::LayoutOf(14);
  const auto words = WordsFor(layout);
  const auto asyncio = AsyncioLayoutFrom(layout, words);
  REQUIRE(asyncio.has_value());
  CHECK_EQ(asyncio->task.coroutine, 128);
  CHECK_EQ(asyncio->interpreter_tasks, 10880);
  // Each word far out, or unaligned, or within the header, makes the whole unusable.
  for (size_t i = 0; i < words.size(); ++i) {
    for (const uint64_t wrong : {~uint64_t{0}, uint64_t{1} << 20, words[i] + 300'000, uint64_t{0}}) {
      auto changed = words;
      changed[i] = wrong;
      const bool may_be_zero = wrong == 0 && (i == 3 || i == 4 || i == 8 || i == 10);
      if (!may_be_zero && AsyncioLayoutFrom(layout, changed)) {
        FAIL_TEST("word " + std::to_string(i) + " may be " + std::to_string(wrong));
      }
    }
  }
  auto unaligned = words;
  unaligned[5] += 4;
  CHECK(!AsyncioLayoutFrom(layout, unaligned));
}

TEST(AsyncioTasks, AgreeWithLiveInterpreters) {
  bool any = false;
  for (const std::string& python : check::TestPythons()) {
    PythonChild child(python, R"(
import asyncio
if sys.version_info >= (3, 14):
    kept = []
    class Task(asyncio.Task):
        pass
    async def forever(future):
        await future
    async def outer(future):
        kept.append((asyncio.create_task(forever(future), name='n\u00e4me'), 'n\u00e4me', 'forever'))
        kept.append((Task(forever(future), name='x' * 300), 'x' * 120 + '\u2026', 'forever'))
        plain = asyncio.create_task(forever(future))
        kept.append((plain, plain.get_name(), 'forever'))
        not_begun = asyncio.get_running_loop().create_task
        await asyncio.sleep(0)
        kept.append((not_begun(forever(future), name='created'), 'created', 'forever'))
        for task, name, function in kept:
            line('task', id(task), text(name), id(task.get_loop()), text(function))
        line('current', id(asyncio.current_task()))
        sys.stdout.write('.\n')
        sys.stdout.flush()
        sys.stdin.buffer.raw.read(1)
    async def main():
        await outer(asyncio.get_running_loop().create_future())
    asyncio.run(main())
)");
    REQUIRE(child.started());
    if (!child.version().AtLeast(3, 14)) continue;
    any = true;
    ProcessMemoryReader memory(child.pid());
    const Result<Layout> layout = LayoutFor(child.version(), false, memory, child.runtime());
    REQUIRE(layout.has_value());
    const auto lines = child.Lines();
    const AsyncioSection section = FindAsyncioSection(child.pid(), memory);
    CHECK(section.is_loaded);
    REQUIRE(section.words != 0);
    const auto words = memory.ReadValue<std::array<uint64_t, kAsyncioWords>>(section.words);
    REQUIRE(words.has_value());
    const auto asyncio = AsyncioLayoutFrom(*layout, *words);
    REQUIRE(asyncio.has_value());

    TaskReader reader(memory, *layout, *asyncio);
    const auto thread =
        memory.ReadValue<Address>(child.interpreter() + uint64_t(layout->interpreter.threads_head)).value_or(0);
    const auto listed = reader.TasksOfThread(thread);
    REQUIRE(listed.has_value());
    CHECK_EQ(reader.TasksOfEndedThreads(child.interpreter()).value_or(std::vector<Address>(1)).size(), 0u);
    size_t seen = 0;
    for (const auto& line : lines) {
      const Address address = std::stoull(line.at(1));
      CHECK(std::find(listed->begin(), listed->end(), address) != listed->end());
      const auto task = reader.Read(address);
      REQUIRE(task.has_value());
      if (line.at(0) == "current") {
        CHECK(task->state == TaskState::kRunning);
        const auto running = reader.Running(thread);
        REQUIRE(running.has_value());
        CHECK_EQ(running->task, address);
        CHECK_EQ(running->loop, task->loop);
        continue;
      }
      ++seen;
      CHECK_EQ(task->name, check::FromHex(line.at(2)));
      CHECK_EQ(task->loop, std::stoull(line.at(3)));
      CHECK(task->awaited_by.empty());
      CHECK((task->state == TaskState::kCreated) == (task->name == "created"));
      CHECK_EQ(task->frames.size(), 1u);
      CHECK_EQ(reader.LoopName(task->loop), "asyncio.unix_events._UnixSelectorEventLoop");
    }
    CHECK_EQ(seen, 4u);
    CHECK_EQ(listed->size(), 5u);
    CHECK(!reader.Read(thread));
  }
  if (!any) SKIP("no interpreter of 3.14 or later in AUSTIN_TEST_PYTHONS or on PATH");
}

TEST(AsyncioTasks, RefuseListsWhoseLinksDisagree) {
  const Layout& layout = check::LayoutOf(14);
  const auto asyncio = AsyncioLayoutFrom(layout, WordsFor(layout));
  REQUIRE(asyncio.has_value());
  check::FakeMemory memory;
  const Address thread = 0x10000;
  memory.Map(thread, 0x10000);
  const Address head = thread + uint64_t(asyncio->thread.tasks);
  const auto link = [&memory](Address from, Address to) {
    memory.Put(from, to);
    memory.Put(to + 8, from);
  };
  TaskReader reader(memory, layout, *asyncio);
  link(head, head);
  CHECK_EQ(reader.TasksOfThread(thread)->size(), 0u);
  const Address first = thread + 0x8000 + uint64_t(asyncio->task.node);
  const Address second = first + 0x1000;
  link(head, first);
  link(first, second);
  link(second, head);
  REQUIRE(reader.TasksOfThread(thread).has_value());
  CHECK_EQ(reader.TasksOfThread(thread)->at(1), thread + 0x9000);
  // A ring that never comes back to its head.
  link(second, first);
  CHECK(!reader.TasksOfThread(thread));
  memory.Put(second, Address{0x99999});
  CHECK(!reader.TasksOfThread(thread));
}

TEST(AsyncioTasks, SurviveNoise) {
  for (const uint8_t minor : {14, 15}) {
    const Layout& layout = check::LayoutOf(minor);
    const auto asyncio = AsyncioLayoutFrom(layout, WordsFor(layout));
    REQUIRE(asyncio.has_value());
    for (uint32_t seed = 0; seed < 300; ++seed) {
      check::NoiseReader noise(seed);
      BoundedReader memory(noise, {.reads = 5000, .bytes = 1 << 22, .time = std::chrono::seconds(10)});
      TaskReader reader(memory, layout, *asyncio);
      reader.TasksOfThread(0x7f0000001000);
      for (Address task = 0x7f0000002000; task < 0x7f0000002000 + 20 * 8; task += 8) reader.Read(task);
      reader.LoopName(seed);
    }
  }
}
