#include "cpython/locals.h"

#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "check.h"
#include "child_process.h"
#include "cpython/layouts.h"
#include "memory/bounded_reader.h"
#include "memory/process_memory_reader.h"
#include "memory/recorded_memory_reader.h"
#include "noise_reader.h"
#include "python_child.h"
#include "sampler/process_sampler.h"
#include "support/layouts_under_test.h"

using namespace austin;
using austin::check::PythonChild;

namespace {

/// The program's own account of its frames, innermost first: a line for each frame, then one for each of its locals.
constexpr const char* kScript = R"(
import threading, types
def report():
    frame = sys._getframe(1)
    while frame is not None:
        line('frame', text(frame.f_code.co_name))
        for name, value in frame.f_locals.items():
            if frame.f_code.co_flags & 1 or not (name.startswith('__') and name.endswith('__')):
                line('local', text(name), text(short(value)))
        frame = frame.f_back
    line('end')
def short(value):
    value = repr(value)
    return value if not value.startswith('<') or 'object at' in value or value.startswith(('<function', '<class', '<built-in')) else '?'

def leaf(a, b=2.5, *args, key='k', **rest):
    unset = 1
    del unset
    total = [a, b]
    report()
    sys.stdout.write('.\n')
    sys.stdout.flush()
    sys.stdin.buffer.raw.read(1)
    if a is None:
        never = 1

def with_cells(argument, plain):
    inside = 'cell'
    empty_later = 3
    del empty_later
    def closure(x):
        here = x
        leaf(argument, args_of_leaf=inside)
        if x is None:
            return empty_later
    closure({'x': 1})

def generator(n):
    for i in range(n):
        with_cells((i, 'argument'), b'plain')
        yield i

class Body:
    attribute = 17
    other = 'text'
    numbers = [len([w for w in 'ab']), 3]
    for step in generator(1):
        pass
)";

/// Memory in which a frame has not begun to run.
class NewFrameReader final : public MemoryReader {
 public:
  NewFrameReader(MemoryReader* memory, const Layout& layout, const FrameIdentity& frame)
      : memory_(*memory), field_(frame.frame + layout.frame.instruction), first_(frame.code + layout.code.code_adaptive) {}

  ReadOutcome ReadRanges(std::span<const RemoteRange> ranges, std::byte* out) override {
    const ReadOutcome outcome = memory_.ReadRanges(ranges, out);
    for (const RemoteRange& range : ranges) {
      const Address offset = field_ - range.address;
      if (offset < range.length) std::memcpy(out + offset, &first_, sizeof first_);
      out += range.length;
    }
    return outcome;
  }

 private:
  MemoryReader& memory_;
  const Address field_;
  const Address first_;
};

std::vector<FrameIdentity> IdentitiesOf(const SampledThread& thread) {
  std::vector<FrameIdentity> identities;
  for (const WalkedFrame& frame : thread.frames) identities.push_back({frame.frame, frame.code, frame.instruction, false});
  if (!identities.empty()) identities.back().is_innermost = true;
  return identities;
}

}  // namespace

TEST(Locals, AgreeWithLiveInterpreters) {
  const std::vector<std::string> pythons = check::TestPythons();
  if (pythons.empty()) SKIP("no interpreter in AUSTIN_TEST_PYTHONS or on PATH");
  for (const std::string& python : pythons) {
    PythonChild child(python, kScript);
    REQUIRE(child.started());
    std::vector<std::string> names;
    std::vector<std::map<std::string, std::string>> expected;
    for (const auto& words : child.Lines()) {
      if (words.at(0) == "frame") {
        names.push_back(check::FromHex(words.at(1)));
        expected.emplace_back();
      } else if (words.at(0) == "local") {
        expected.back()[check::FromHex(words.at(1))] = check::FromHex(words.at(2));
      }
    }
    REQUIRE(names.size() == 6);

    ProcessMemoryReader memory(child.pid());
    const Result<Layout> layout = LayoutFor(child.version(), false, memory, child.runtime());
    REQUIRE(layout.has_value());
    Target target{.pid = child.pid(), .runtime = child.runtime(), .layout = *layout, .executable = python, .version_text = ""};
    FrameTable frames;
    RoundOptions options;
    options.frames = true;
    ProcessSampler sampler(target, &memory, &frames, options);
    // The script has printed its report and is about to wait.
    for (int round = 0; round < 1000; ++round) {
      REQUIRE(sampler.Round() == RoundOutcome::kSampled);
      REQUIRE(sampler.threads().size() == 1);
      if (sampler.threads().front()->settled && frames.frame(sampler.threads().front()->stack.back()).position.line != 0) break;
    }
    const SampledThread& thread = *sampler.threads().front();
    REQUIRE(thread.frames.size() == names.size());
    REQUIRE(thread.frames.size() == thread.stack.size());

    LocalsReader reader(memory, *layout);
    const std::vector<FrameIdentity> identities = IdentitiesOf(thread);
    for (size_t i = 0; i < names.size(); ++i) {
      const auto locals = reader.Read(identities[identities.size() - 1 - i]);
      if (!locals) FAIL_TEST(python + ": no locals of " + names[i]);
      if (!locals) continue;
      std::map<std::string, std::string> got;
      for (const LocalVariable& local : *locals) got[local.name] = local.value;
      for (const auto& [name, value] : expected[i]) {
        const auto same = got.find(name);
        if (same == got.end()) {
          FAIL_TEST(python + ": " + names[i] + " lacks " + name);
        } else if (value != "?" && value.find("object at") == std::string::npos && same->second != value) {
          FAIL_TEST(python + ": " + names[i] + "." + name + " is " + same->second + ", expected " + value);
        }
      }
      if (got.size() != expected[i].size()) {
        FAIL_TEST(python + ": " + names[i] + " has " + std::to_string(got.size()) + " locals, expected " +
                  std::to_string(expected[i].size()));
      }
    }
    // A frame that is at another instruction, or runs other code, is not the one that was shown.
    FrameIdentity moved = identities.front();
    moved.instruction += 2;
    CHECK(!reader.Read(moved));
    // The innermost one may go on; one that is only being made has no variables yet.
    FrameIdentity innermost = identities.back();
    innermost.instruction += 2;
    CHECK(reader.Read(innermost).has_value());
    NewFrameReader before_first(&memory, *layout, innermost);
    const bool knows_beginning = layout->frame_model != FrameModel::kHeapFrames;
    CHECK_EQ(LocalsReader(before_first, *layout).Read(innermost).has_value(), !knows_beginning);
    FrameIdentity other = identities.front();
    other.code = identities.back().code;
    CHECK(!reader.Read(other));
  }
}

TEST(Locals, SurviveNoise) {
  for (uint32_t seed = 0; seed < 200; ++seed) {
    for (const Layout& layout : check::LayoutsUnderTest()) {
      check::NoiseReader noise(seed);
      BoundedReader memory(noise, {.reads = 5000, .bytes = 1 << 22, .time = std::chrono::seconds(10)});
      LocalsReader reader(memory, layout);
      for (Address frame = 0x7f0000002000; frame < 0x7f0000002000 + 20 * 8; frame += 8) {
        const auto locals = reader.Read({frame, frame & 7, 0, true});
        if (locals) CHECK(locals->size() <= LocalsReader::kMaxLocals);
      }
    }
  }
}
