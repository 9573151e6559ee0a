#include "cpython/thread_names.h"

#include <map>
#include <string>
#include <vector>

#include "check.h"
#include "child_process.h"
#include "cpython/layouts.h"
#include "memory/process_memory_reader.h"
#include "noise_reader.h"
#include "python_child.h"

using namespace austin;
using austin::check::PythonChild;

namespace {

#include "debug_offsets_samples.inc"

/// Counts calls, to see that a refresh is cheap.
class CountingReader final : public MemoryReader {
 public:
  explicit CountingReader(MemoryReader& memory) : memory_(memory) {}
  ReadOutcome ReadRanges(std::span<const RemoteRange> ranges, std::byte* out) override {
    ++calls;
    return memory_.ReadRanges(ranges, out);
  }
  size_t calls = 0;

 private:
  MemoryReader& memory_;
};

void Compare(const std::string& python, const std::vector<ThreadName>& got, const std::vector<std::vector<std::string>>& lines) {
  std::map<uint64_t, const ThreadName*> by_id;
  for (const ThreadName& thread : got) by_id[thread.thread_id] = &thread;
  CHECK_EQ(got.size(), lines.size());
  for (const auto& words : lines) {
    const auto found = by_id.find(std::stoull(words.at(0)));
    if (found == by_id.end()) FAIL_TEST(python + ": no thread " + check::FromHex(words.at(1)));
    if (found == by_id.end()) continue;
    CHECK_EQ(found->second->name, check::FromHex(words.at(1)));
    CHECK_EQ(found->second->native_id, std::stoull(words.at(2)));
  }
}

}  // namespace

TEST(ThreadNames, AgreeWithLiveInterpreters) {
  const std::vector<std::string> pythons = check::TestPythons();
  if (pythons.empty()) SKIP("no interpreter in AUSTIN_TEST_PYTHONS or on PATH");
  for (const std::string& python : pythons) {
    PythonChild child(python, R"(
import threading, _thread
done = threading.Event()
class Worker(threading.Thread):
    def __init__(self, n):
        super().__init__(name='worker-%d' % n, daemon=True)
        for i in range(n):
            setattr(self, 'attribute_%d' % i, i)
    def run(self):
        done.wait()
threads = [Worker(n) for n in (0, 1, 12, 40)]
threads += [threading.Thread(target=done.wait, name=n, daemon=True) for n in ('caf\xe9', '\u03c0', '\U0001f40d', 'x' * 300)]
vars(threads[-1])
threads += [threading.Thread(target=done.wait, daemon=True) for n in range(12)]
def foreign():
    threading.current_thread()
    started.set()
    done.wait()
started = threading.Event()
_thread.start_new_thread(foreign, ())
started.wait()
for t in threads:
    t.start()
def show():
    for t in threading.enumerate():
        line(t.ident, text(t.name), t.native_id or 0)
show()
)",
                      R"(
threads[0].name = 'renamed'
threads[5].name = '\u65e5\u672c'
late = threading.Thread(target=done.wait, name='late', daemon=True)
late.start()
show()
)");
    REQUIRE(child.started());
    const auto first = child.Lines();
    ProcessMemoryReader process(child.pid());
    CountingReader memory(process);
    const Result<Layout> layout = LayoutFor(child.version(), false, memory, child.runtime());
    REQUIRE(layout.has_value());
    ThreadNames names(*layout);
    Compare(python, names.Read(memory, child.interpreter()), first);
    CHECK_EQ(first.size(), 22u);
    child.GoOn();
    const auto second = child.Lines();
    memory.calls = 0;
    Compare(python, names.Read(memory, child.interpreter()), second);
    CHECK(memory.calls <= 4 + second.size() * 13);
    CHECK_EQ(second.size(), 23u);
  }
}

TEST(ThreadNames, NothingWithoutThreading) {
  const std::vector<std::string> pythons = check::TestPythons();
  if (pythons.empty()) SKIP("no interpreter in AUSTIN_TEST_PYTHONS or on PATH");
  for (const std::string& python : pythons) {
    PythonChild child(python, "sys.modules.pop('threading', None)\n", "import threading\n");
    REQUIRE(child.started());
    CHECK(child.Lines().empty());
    ProcessMemoryReader memory(child.pid());
    const Result<Layout> layout = LayoutFor(child.version(), false, memory, child.runtime());
    REQUIRE(layout.has_value());
    ThreadNames names(*layout);
    CHECK(names.Read(memory, child.interpreter()).empty());
    child.GoOn();
    CHECK(child.Lines().empty());
    CHECK_EQ(names.Read(memory, child.interpreter()).size(), 1u);
  }
}

TEST(ThreadNames, SurviveNoise) {
  check::NoiseReader memory(2);
  for (const Layout* layout : {&kExpected313, &kExpected314t, &kExpected315}) {
    ThreadNames names(*layout);
    for (int i = 0; i < 300; ++i) (void)names.Read(memory, 0x1000);
  }
}
