#include "sampler/mojo_recorder.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "check.h"
#include "support/mojo_events.h"
#include "support/sampled_threads.h"

using namespace austin;
using austin::check::FrameOf;
using austin::check::ThreadOf;

namespace {

using Lines = std::vector<std::string>;

struct Fixture {
  Lines Take() {
    Lines events = check::MojoEvents(out);
    out.clear();
    return events;
  }
  FrameId Frame(const char* name, const char* file, int line) {
    return FrameOf(frames, name, file, {.line = line, .line_end = line, .column = 1, .column_end = 9});
  }

  FrameTable frames;
  std::string out;
  MojoRecorder recorder{&frames, &out};
};

void CheckLines(const Lines& got, const Lines& expected) {
  CHECK_EQ(got.size(), expected.size());
  for (size_t i = 0; i < std::min(got.size(), expected.size()); ++i) CHECK_EQ(got[i], expected[i]);
}

}  // namespace

TEST(MojoRecorder, DefinesBeforeUseAndOnce) {
  Fixture f;
  const auto thread = ThreadOf(0x2a);
  thread->stack = {f.Frame("main", "app.py", 1), f.Frame("work", "app.py", 2)};
  f.recorder.Sample(7, *thread, {.time_us = 100});
  CheckLines(f.Take(), {"stack 7 0 2a", "string 2 app.py", "string 3 main", "frame 2 2 3 1 1 1 9", "string 4 work",
                        "frame 3 2 4 2 2 1 9", "ref 2", "ref 3", "time 100"});
  // A frame twice in one stack, and one that is known.
  thread->stack.push_back(thread->stack[1]);
  f.recorder.Sample(7, *thread, {.time_us = 101});
  CheckLines(f.Take(), {"stack 7 0 2a", "ref 2", "ref 3", "ref 3", "time 101"});
}

TEST(MojoRecorder, WritesStacksOutForReadersWithoutRepeats) {
  Fixture f;
  MojoRecorder recorder(&f.frames, &f.out, /*repeats=*/false);
  recorder.Header();
  const auto thread = ThreadOf(1);
  thread->stack = {f.Frame("main", "app.py", 1)};
  for (int round = 0; round < 2; ++round) recorder.Sample(7, *thread, {.time_us = 9});
  CheckLines(f.Take(), {"header 3", "stack 7 0 1", "string 2 app.py", "string 3 main", "frame 2 2 3 1 1 1 9", "ref 2",
                        "time 9", "stack 7 0 1", "ref 2", "time 9"});
}

TEST(MojoRecorder, DefinesForEachProcess) {
  Fixture f;
  const auto thread = ThreadOf(1);
  thread->stack = {f.Frame("main", "app.py", 1)};
  f.recorder.Sample(7, *thread, {.time_us = 1});
  f.Take();
  f.recorder.Sample(8, *thread, {.time_us = 1});
  CheckLines(f.Take(), {"stack 8 0 1", "string 2 app.py", "string 3 main", "frame 2 2 3 1 1 1 9", "ref 2", "time 1"});
  f.recorder.Sample(7, *thread, {.time_us = 1});
  CheckLines(f.Take(), {"stack 7 0 1", "repeat", "time 1"});
}

TEST(MojoRecorder, RepeatsUnchangedStacksOfAThread) {
  Fixture f;
  const auto thread = ThreadOf(1);
  const auto other = ThreadOf(2);
  thread->stack = {f.Frame("main", "app.py", 1), f.Frame("<module>", "<string>", 1)};
  other->stack = {f.Frame("main", "app.py", 1)};
  f.recorder.Sample(7, *thread, {.time_us = 1});
  f.recorder.Sample(7, *other, {.time_us = 1});
  f.Take();
  f.recorder.Sample(7, *thread, {.time_us = 2});
  CheckLines(f.Take(), {"stack 7 0 1", "repeat", "time 2"});
  f.recorder.Sample(7, *other, {.time_us = 2});
  CheckLines(f.Take(), {"stack 7 0 2", "repeat", "time 2"});
  // A longer stack is written out, although it begins with the last one.
  thread->stack.push_back(thread->stack[0]);
  f.recorder.Sample(7, *thread, {.time_us = 3});
  CheckLines(f.Take(), {"stack 7 0 1", "ref 2", "ref 3", "ref 2", "time 3"});
  thread->stack.pop_back();
  f.recorder.Sample(7, *thread, {.time_us = 4});
  CheckLines(f.Take(), {"stack 7 0 1", "ref 2", "ref 3", "time 4"});
}

TEST(MojoRecorder, RepeatsNoStackAcrossInterpretersOfAThread) {
  Fixture f;
  const auto thread = ThreadOf(1);
  const auto other = ThreadOf(1, /*iid=*/1);
  thread->stack = {f.Frame("main", "app.py", 1)};
  other->stack = {f.Frame("other", "app.py", 1)};
  f.recorder.Sample(7, *thread, {.time_us = 1});
  f.recorder.Sample(7, *other, {.time_us = 1});
  f.Take();
  // Readers that know a thread by its process and name alone would repeat the stack of the other.
  f.recorder.Sample(7, *thread, {.time_us = 2});
  CheckLines(f.Take(), {"stack 7 0 1", "ref 2", "time 2"});
  f.recorder.Sample(7, *thread, {.time_us = 3});
  CheckLines(f.Take(), {"stack 7 0 1", "repeat", "time 3"});
}

TEST(MojoRecorder, RepeatsNoStackThatReadersCouldMisjudge) {
  for (const char* file : {"/usr/bin/tool", "a.pyc", "<half", "half>", "", "a.PY"}) {
    Fixture f;
    const auto thread = ThreadOf(1);
    thread->stack = {f.Frame("main", "app.py", 1), f.Frame("f", file, 1)};
    f.recorder.Sample(7, *thread, {.time_us = 1});
    f.Take();
    f.recorder.Sample(7, *thread, {.time_us = 2});
    CheckLines(f.Take(), {"stack 7 0 1", "ref 2", "ref 3", "time 2"});
  }
  Fixture f;
  const auto empty = ThreadOf(1);
  for (const uint64_t time : {1u, 2u}) {
    f.recorder.Sample(7, *empty, {.time_us = time});
    CheckLines(f.Take(), {"stack 7 0 1", "time " + std::to_string(time)});
  }
}

TEST(MojoRecorder, FlagsStacksThatAreNotWhole) {
  Fixture f;
  const auto thread = ThreadOf(1);
  thread->stack = {f.Frame("main", "app.py", 1)};
  thread->quality = Quality::kCut;
  f.recorder.Sample(7, *thread, {.time_us = 1});
  CheckLines(f.Take(), {"stack 7 0 1", "invalid", "string 2 app.py", "string 3 main", "frame 2 2 3 1 1 1 9", "ref 2",
                        "time 1"});
  // The same again is flagged again; the whole stack afterwards does not repeat it.
  f.recorder.Sample(7, *thread, {.time_us = 2});
  CheckLines(f.Take(), {"stack 7 0 1", "invalid", "ref 2", "time 2"});
  thread->quality = Quality::kRetried;
  f.recorder.Sample(7, *thread, {.time_us = 3});
  CheckLines(f.Take(), {"stack 7 0 1", "ref 2", "time 3"});
  f.recorder.Sample(7, *thread, {.time_us = 4});
  CheckLines(f.Take(), {"stack 7 0 1", "repeat", "time 4"});
  thread->quality = Quality::kInvalid;
  thread->stack.clear();
  f.recorder.Sample(7, *thread, {.time_us = 5});
  CheckLines(f.Take(), {"stack 7 0 1", "invalid", "time 5"});
}

TEST(MojoRecorder, WritesTheMetricsOfEachMode) {
  Fixture f;
  const auto thread = ThreadOf(1);
  f.recorder.Sample(7, *thread, {.memory = -4096});
  CheckLines(f.Take(), {"stack 7 0 1", "memory -4096"});
  f.recorder.Sample(7, *thread, {.time_us = 9, .memory = 0, .is_idle = true, .is_collecting = true});
  CheckLines(f.Take(), {"stack 7 0 1", "gc", "time 9", "idle", "memory 0"});
}

TEST(MojoRecorder, ForgetsProcessesThatEnded) {
  Fixture f;
  const auto thread = ThreadOf(1);
  thread->stack = {f.Frame("main", "app.py", 1)};
  for (const pid_t pid : {7, 8}) f.recorder.Sample(pid, *thread, {.time_us = 1});
  f.recorder.ForgetProcess(7);
  f.Take();
  f.recorder.Sample(8, *thread, {.time_us = 1});
  CheckLines(f.Take(), {"stack 8 0 1", "repeat", "time 1"});
  // Another process with the same number has nothing in common with the first.
  f.recorder.Sample(7, *thread, {.time_us = 1});
  CheckLines(f.Take(), {"stack 7 0 1", "string 2 app.py", "string 3 main", "frame 2 2 3 1 1 1 9", "ref 2", "time 1"});
}

TEST(MojoRecorder, NamesThreadsInMetadata) {
  Fixture f;
  f.recorder.writer().Metadata(ThreadKey("x-thread-name", 7, *ThreadOf(0xabc)), "Main Thread");
  f.recorder.writer().Metadata(ThreadKey("x-thread-start", 7, *ThreadOf(0xffffffffffffffff, -1)), "12");
  CheckLines(f.Take(), {"metadata x-thread-name:7:0:abc Main Thread",
                        "metadata x-thread-start:7:-1:ffffffffffffffff 12"});
}

TEST(MojoRecorder, ForgetsThreadsThatEnded) {
  Fixture f;
  std::vector<std::unique_ptr<SampledThread>> threads;
  for (const uint64_t tid : {1, 2}) {
    threads.push_back(ThreadOf(tid));
    threads.back()->stack = {f.Frame("main", "app.py", 1)};
    for (const pid_t pid : {7, 8}) f.recorder.Sample(pid, *threads.back(), {.time_us = 1});
  }
  const auto ended = std::move(threads[1]);
  threads.pop_back();
  f.recorder.ForgetOtherThreads(7, threads);
  f.Take();
  f.recorder.Sample(7, *threads[0], {.time_us = 2});
  f.recorder.Sample(7, *ended, {.time_us = 2});
  f.recorder.Sample(8, *ended, {.time_us = 2});
  CheckLines(f.Take(), {"stack 7 0 1", "repeat", "time 2", "stack 7 0 2", "ref 2", "time 2", "stack 8 0 2", "repeat",
                        "time 2"});
}

TEST(MojoRecorder, DefinesAnewForAnotherFile) {
  Fixture f;
  const auto thread = ThreadOf(1);
  thread->stack = {f.Frame("main", "app.py", 1)};
  f.recorder.Sample(7, *thread, {.time_us = 1});
  const Lines first = f.Take();
  f.recorder.Forget();
  f.recorder.Sample(7, *thread, {.time_us = 1});
  CheckLines(f.Take(), first);
}

TEST(MojoRecorder, DefinesAnewWhenIdsMeanOtherThings) {
  FrameTable frames(/*max_frames=*/2);
  std::string out;
  MojoRecorder recorder(&frames, &out);
  const Position at{.line = 1, .line_end = 1, .column = 1, .column_end = 9};
  const auto thread = ThreadOf(1);
  thread->stack = {FrameOf(frames, "main", "app.py", at), FrameOf(frames, "work", "app.py", at)};
  recorder.Sample(7, *thread, {.time_us = 1});
  out.clear();
  frames.ClearIfFull();
  // The same ids, and other functions.
  thread->stack = {FrameOf(frames, "other", "b.py", at), FrameOf(frames, "function", "b.py", at)};
  recorder.Sample(7, *thread, {.time_us = 1});
  CheckLines(check::MojoEvents(out), {"stack 7 0 1", "string 2 b.py", "string 3 other", "frame 2 2 3 1 1 1 9",
                                      "string 4 function", "frame 3 2 4 1 1 1 9", "ref 2", "ref 3", "time 1"});
}

// The files of fixtures/mojo/native-vectors are what this recorder writes for some made-up rounds, and their events as
// text; the tests of the TypeScript codec read both. AUSTIN_WRITE_VECTORS=FOLDER writes them anew.
namespace {

std::string ManyKeys() {
  Fixture f;
  f.recorder.writer().Header();
  f.recorder.writer().Metadata("mode", "wall");
  const auto thread = ThreadOf(0x5c1f);
  // Keys of one, two and three bytes, and every line length of a varint.
  for (int i = 0; i < 9000; i += i < 70 ? 1 : 577) {
    const std::string name = "f" + std::to_string(i);
    const int line = 1 << (i % 31);
    const Position position{.line = line, .line_end = line, .column = i, .column_end = i + 9};
    thread->stack = {f.Frame("main", "app.py", 1), FrameOf(f.frames, name, "app.py", position)};
    for (int unused = 0; unused < i; ++unused) f.frames.InternString(name + std::to_string(unused));
    f.recorder.Sample(70'000, *thread, {.time_us = uint64_t{1} << (i % 50)});
  }
  return f.out;
}

std::string SeveralThreads() {
  Fixture f;
  f.recorder.writer().Header();
  f.recorder.writer().Metadata("austin", "4.0.0");
  f.recorder.writer().Metadata("mode", "wall");
  std::vector<std::unique_ptr<SampledThread>> threads;
  threads.push_back(ThreadOf(0x2a));
  threads.push_back(ThreadOf(0x2b));
  threads.push_back(ThreadOf(0x2a, /*iid=*/1));
  threads.push_back(ThreadOf(0xffffffffffffffff, /*iid=*/-1));
  f.recorder.writer().Metadata(ThreadKey("x-thread-name", 42, *threads[0]), "MainThread");
  f.recorder.writer().Metadata(ThreadKey("x-thread-name", 42, *threads[1]), "w\xc3\xb6rker \xf0\x9f\x90\x8d");
  const FrameId module = f.Frame("<module>", "app.py", 1);
  for (const pid_t pid : {42, 43}) {
    for (int round = 0; round < 4; ++round) {
      threads[0]->stack = {module, f.Frame("main", "app.py", 10 + round / 2)};
      threads[1]->stack = {module, f.Frame("tool", "/usr/bin/tool", 3)};
      threads[2]->stack = {f.Frame("<module>", "<string>", 0)};
      threads[3]->stack = {};
      for (const auto& thread : threads) f.recorder.Sample(pid, *thread, {.time_us = 100 + round});
    }
  }
  f.recorder.writer().Metadata("duration", "824");
  return f.out;
}

std::string DamagedStacks() {
  Fixture f;
  f.recorder.writer().Header();
  f.recorder.writer().Metadata("mode", "wall");
  const auto thread = ThreadOf(1);
  // A name in bytes that are no text, and an empty one.
  const FrameId strange = f.Frame("caf\xe9", "\xff.py", 1);
  const FrameId empty = f.Frame("", "", 0);
  for (const Quality quality : {Quality::kExact, Quality::kCut, Quality::kCut, Quality::kRetried, Quality::kExact}) {
    thread->quality = quality;
    thread->stack = {f.Frame("main", "app.py", 1), strange};
    f.recorder.Sample(1, *thread, {.time_us = 10});
  }
  thread->stack = {empty};
  f.recorder.Sample(1, *thread, {.time_us = 10});
  thread->quality = Quality::kInvalid;
  thread->stack = {};
  f.recorder.Sample(1, *thread, {.time_us = 10});
  return f.out;
}

std::string FullMode() {
  Fixture f;
  f.recorder.writer().Header();
  f.recorder.writer().Metadata("mode", "full");
  f.recorder.writer().Metadata("gc", "on");
  const auto busy = ThreadOf(1);
  const auto idle = ThreadOf(2);
  const int64_t changes[] = {0, 63, 64, -64, -8192, int64_t{1} << 40, -(int64_t{1} << 53) + 1};
  for (const int64_t change : changes) {
    busy->stack = {f.Frame("main", "app.py", 1), f.Frame("grow", "app.py", change < 0 ? 2 : 3)};
    idle->stack = {f.Frame("wait", "app.py", 9)};
    f.recorder.Sample(1, *busy, {.time_us = 1000, .memory = change, .is_collecting = change < 0});
    f.recorder.Sample(1, *idle, {.time_us = 1000, .memory = 0, .is_idle = true});
  }
  f.recorder.writer().Metadata("gc", "3000");
  return f.out;
}

std::string MemoryMode() {
  Fixture f;
  f.recorder.writer().Header();
  f.recorder.writer().Metadata("mode", "memory");
  const auto thread = ThreadOf(1);
  thread->stack = {f.Frame("main", "app.py", 1)};
  for (const int64_t change : {int64_t{4096}, int64_t{-4096}, int64_t{1} << 31}) {
    f.recorder.Sample(1, *thread, {.memory = change});
  }
  return f.out;
}

void CheckFile(const std::string& name, const std::string& content) {
  if (const char* folder = std::getenv("AUSTIN_WRITE_VECTORS")) {
    std::ofstream(std::filesystem::path(folder) / name, std::ios::binary) << content;
  }
  const auto committed = std::filesystem::path(__FILE__).parent_path() / "../../../../fixtures/mojo/native-vectors";
  std::ifstream file(committed / name, std::ios::binary);
  const std::string expected{std::istreambuf_iterator<char>(file), {}};
  if (content != expected) FAIL_TEST(name + " is not what was committed: AUSTIN_WRITE_VECTORS=FOLDER writes it anew");
}

}  // namespace

TEST(MojoRecorder, WritesTheSharedVectors) {
  const struct {
    const char* name;
    std::string bytes;
  } vectors[] = {{"many-keys.mojo", ManyKeys()},
                 {"several-threads.mojo", SeveralThreads()},
                 {"damaged-stacks.mojo", DamagedStacks()},
                 {"full-mode.mojo", FullMode()},
                 {"memory-mode.mojo", MemoryMode()}};
  for (const auto& [name, bytes] : vectors) {
    std::string events;
    for (const std::string& event : check::MojoEvents(bytes)) events += event + '\n';
    CheckFile(name, bytes);
    CheckFile(std::string(name) + ".events.txt", events);
  }
}

TEST(MojoRecorder, NeverRepeatsWhatReadersStrip) {
  Fixture f;
  const FrameId python = f.Frame("main", "app.py", 1);
  const FrameId native = FrameOf(f.frames, "deflate", "native@7f01", {.line = 12});
  const std::vector<std::string> kernel = {"do_syscall_64", "ep_poll"};
  const std::vector<FrameId> with_native = {python, native};
  const std::vector<FrameId> without = {python};
  f.recorder.Sample(7, RecordedStack{.tid = 0x2a, .frames = with_native}, {.time_us = 1});
  CheckLines(f.Take(), {"stack 7 0 2a", "string 2 app.py", "string 3 main", "frame 2 2 3 1 1 1 9", "string 4 native@7f01",
                        "string 5 deflate", "frame 3 4 5 12 0 0 0", "ref 2", "ref 3", "time 1"});
  f.recorder.Sample(7, RecordedStack{.tid = 0x2a, .frames = with_native}, {.time_us = 2});
  CheckLines(f.Take(), {"stack 7 0 2a", "ref 2", "ref 3", "time 2"});
  // Functions of the kernel come last, and are not part of what the next sample may repeat.
  for (const uint64_t time : {uint64_t{3}, uint64_t{4}}) {
    f.recorder.Sample(7, RecordedStack{.tid = 0x2a, .frames = without, .kernel = kernel}, {.time_us = time});
    CheckLines(f.Take(), {"stack 7 0 2a", "ref 2", "kernel do_syscall_64", "kernel ep_poll", "time " + std::to_string(time)});
  }
  f.recorder.Sample(7, RecordedStack{.tid = 0x2a, .frames = without}, {.time_us = 5});
  CheckLines(f.Take(), {"stack 7 0 2a", "ref 2", "time 5"});
  f.recorder.Sample(7, RecordedStack{.tid = 0x2a, .frames = without}, {.time_us = 6});
  CheckLines(f.Take(), {"stack 7 0 2a", "repeat", "time 6"});
  f.recorder.Sample(7, RecordedStack{.tid = 0x2a, .frames = without, .kernel = kernel}, {.time_us = 7});
  CheckLines(f.Take(), {"stack 7 0 2a", "ref 2", "kernel do_syscall_64", "kernel ep_poll", "time 7"});
}
