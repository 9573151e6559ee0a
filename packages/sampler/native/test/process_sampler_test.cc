#include "sampler/process_sampler.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "check.h"
#include "noise_reader.h"
#include "support/fake_python.h"
#include "support/layouts_under_test.h"

using namespace austin;
using austin::check::FakePython;
using austin::check::FreeThreadedLayoutOf;
using austin::check::LayoutOf;
using austin::check::LayoutsUnderTest;

namespace {

/// Fails every read with the same error.
class FailingReader final : public MemoryReader {
 public:
  explicit FailingReader(int error) : error_(error) {}
  ReadOutcome ReadRanges(std::span<const RemoteRange>, std::byte*) override { return {0, error_}; }

 private:
  int error_;
};

/// A process, and a sampler of it. One thread at first, in main -> work -> leaf.
struct Fixture {
  explicit Fixture(const Layout& layout) : python(layout), sampler(python.target, &python.memory, &frames) {
    for (const char* name : {"main", "work", "leaf"}) {
      codes.push_back(python.Code(name, "app.py", static_cast<int>(codes.size() + 1) * 100));
    }
    FakePython::Thread& thread = python.AddThread();
    for (size_t i = 0; i < codes.size(); ++i) python.Push(thread, codes[i], static_cast<int>(i) + 2);
    python.SetGil(thread.state, 1);
  }

  FakePython::Thread& thread() { return python.threads.front(); }

  std::string Stack(const SampledThread& sampled) const {
    std::string text;
    for (const FrameId id : sampled.stack) {
      const FrameTable::Frame& frame = frames.frame(id);
      if (!text.empty()) text += ' ';
      text += frames.string(frame.name) + ':' + std::to_string(frame.position.line);
    }
    return text;
  }

  /// The stack of the thread that is first in the list after one more round.
  std::string Sample() {
    CHECK_EQ(sampler.Round(), RoundOutcome::kSampled);
    return sampler.threads().empty() ? "no thread" : Stack(*sampler.threads().front());
  }

  FakePython python;
  FrameTable frames;
  ProcessSampler sampler;
  std::vector<Address> codes;
};

}  // namespace

TEST(ProcessSampler, SamplesEachVersion) {
  for (const Layout& layout : LayoutsUnderTest()) {
    Fixture f(layout);
    CHECK_EQ(f.Sample(), "main:102 work:203 leaf:304");
    REQUIRE(f.sampler.threads().size() == 1);
    const SampledThread& thread = *f.sampler.threads().front();
    CHECK_EQ(thread.quality, Quality::kRetried);  // its code was new
    CHECK(thread.has_sample && thread.settled);
    CHECK_EQ(thread.holds_gil, !layout.free_threaded);
    CHECK_EQ(f.Sample(), "main:102 work:203 leaf:304");
    CHECK_EQ(thread.quality, Quality::kExact);
    CHECK_EQ(f.sampler.interpreters().size(), 1u);

    f.python.Pop(f.thread());
    CHECK_EQ(f.Sample(), "main:102 work:203");
    f.python.Push(f.thread(), f.codes[0], 5, check::kGeneratorOwned);
    CHECK_EQ(f.Sample(), "main:102 work:203 main:105");
    while (!f.thread().frames.empty()) f.python.Pop(f.thread());
    CHECK_EQ(f.Sample(), "");
    CHECK_EQ(thread.quality, Quality::kExact);
  }
}

TEST(ProcessSampler, HidesFramesThatHaveNotBegun) {
  for (const uint8_t minor : {uint8_t{12}, uint8_t{13}, uint8_t{15}}) {
    Fixture f(LayoutOf(minor));
    const Address trampoline = f.python.Code("__init__", "__init__", 0);
    f.python.memory.Put<int32_t>(trampoline + f.python.layout.code.first_traceable, 4);
    f.python.Push(f.thread(), trampoline, 0);
    f.python.Push(f.thread(), f.codes[1], 7);
    CHECK_EQ(f.Sample(), "main:102 work:203 leaf:304 work:207");
  }
}

TEST(ProcessSampler, CutsWhatIsNotBackToBack) {
  for (const uint8_t minor : {uint8_t{12}, uint8_t{13}, uint8_t{14}, uint8_t{15}}) {
    Fixture f(LayoutOf(minor));
    // The caller of the innermost frame is larger than the distance between the two.
    f.python.memory.Put<uint32_t>(f.codes[1] + f.python.layout.code.frame_size, FakePython::kFrameWords + 2);
    CHECK_EQ(f.Sample(), "main:102 work:203");
    CHECK_EQ(f.sampler.threads().front()->quality, Quality::kCut);
    CHECK(f.sampler.reasons()[static_cast<size_t>(Reason::kBadFrame)] > 0);
  }
}

TEST(ProcessSampler, NoticesThreadsThatComeAndGo) {
  for (const Layout& layout : LayoutsUnderTest()) {
    Fixture f(layout);
    f.Sample();
    CHECK(f.sampler.TakeThreadsChanged());
    CHECK(!f.sampler.TakeThreadsChanged());
    FakePython::Thread& second = f.python.AddThread();
    f.python.Push(second, f.codes[2], 0);
    CHECK_EQ(f.Sample(), "leaf:300");
    CHECK_EQ(f.sampler.threads().size(), 2u);
    CHECK(f.sampler.TakeThreadsChanged());
    f.python.memory.Put(FakePython::kInterpreter + layout.interpreter.threads_head, f.thread().state);
    CHECK_EQ(f.Sample(), "main:102 work:203 leaf:304");
    CHECK_EQ(f.sampler.threads().size(), 1u);
    CHECK(f.sampler.TakeThreadsChanged());
  }
}

TEST(ProcessSampler, EndsListsThatLeadBackIntoThemselves) {
  for (const Layout& layout : LayoutsUnderTest()) {
    Fixture f(layout);
    FakePython::Thread& second = f.python.AddThread();
    FakePython::Thread& third = f.python.AddThread();
    f.python.memory.Put(f.thread().state + layout.thread.next, second.state);
    f.python.memory.Put(FakePython::kInterpreter + layout.interpreter.next, FakePython::kInterpreter);
    f.Sample();
    REQUIRE(f.sampler.threads().size() == 3);
    CHECK_EQ(f.sampler.threads().front()->plan.thread_state(), third.state);
    CHECK_EQ(f.sampler.interpreters().size(), 1u);
    CHECK_EQ(f.Stack(*f.sampler.threads().back()), "main:102 work:203 leaf:304");
  }
}

TEST(ProcessSampler, LeavesOutThreadsThatHaveNotRun) {
  for (const Layout& layout : LayoutsUnderTest()) {
    Fixture f(layout);
    FakePython::Thread& unborn = f.python.AddThread();
    const bool has_native = layout.thread.native_thread_id != kAbsent;
    const Offset id = has_native ? layout.thread.native_thread_id : layout.thread.thread_id;
    f.python.memory.Put<uint64_t>(unborn.state + id, 0);
    f.Sample();
    CHECK_EQ(f.sampler.threads().size(), 1u);
  }
}

TEST(ProcessSampler, ReadsOnlyThreadsThatMayHaveRun) {
  for (const Layout& layout : LayoutsUnderTest()) {
    if (layout.free_threaded) continue;
    Fixture f(layout);
    const Address first = f.thread().state;
    const Address second = f.python.AddThread().state;
    f.python.Push(f.python.threads.back(), f.codes[2], 0);
    std::vector<Address> read;
    f.python.memory.before_range = [&](const RemoteRange& range) {
      if (range.address == first || range.address == second) read.push_back(range.address);
    };
    const auto round = [&] {
      read.clear();
      CHECK_EQ(f.sampler.Round(), RoundOutcome::kSampled);
      std::sort(read.begin(), read.end());
      read.erase(std::unique(read.begin(), read.end()), read.end());
      return read;
    };
    round();
    // The holder alone, for as long as it keeps the GIL.
    CHECK(round() == std::vector<Address>({first}));
    CHECK(round() == std::vector<Address>({first}));
    // One switch: the old holder and the new one.
    f.python.SetGil(second, 2);
    CHECK(round() == std::vector<Address>({first, second}));
    CHECK(round() == std::vector<Address>({second}));
    CHECK(!f.sampler.threads().back()->holds_gil && f.sampler.threads().front()->holds_gil);
    // Several: anybody may have run.
    f.python.SetGil(second, 5);
    CHECK(round() == std::vector<Address>({first, second}));
  }
}

/// Without a GIL any thread may have run, and a GIL that is switched on at run time may be switched off again.
TEST(ProcessSampler, ReadsEveryThreadOfAFreeThreadedBuild) {
  for (const uint8_t minor : {uint8_t{13}, uint8_t{14}, uint8_t{15}}) {
    Fixture f(FreeThreadedLayoutOf(minor));
    FakePython::Thread& second = f.python.AddThread();
    f.python.Push(second, f.codes[2], 0);
    for (const int32_t is_enabled : {0, 1}) {
      f.python.memory.Put<int32_t>(f.python.gil + f.python.layout.gil.enabled, is_enabled);
      for (int instruction = 1; instruction < 5; ++instruction) {
        for (FakePython::Thread* thread : {&f.thread(), &second}) {
          const Address frame = thread->frames.back();
          f.python.RunCopy(frame, 0, f.codes[2] + f.python.layout.code.code_adaptive, instruction);
        }
        const std::string leaf = "leaf:30" + std::to_string(instruction);
        CHECK_EQ(f.Sample(), leaf);
        CHECK_EQ(f.Stack(*f.sampler.threads().back()), "main:102 work:203 " + leaf);
        CHECK_EQ(f.sampler.threads().back()->holds_gil, is_enabled == 1);
        CHECK(!f.sampler.threads().front()->holds_gil);
      }
    }
  }
}

/// From 3.14 on each thread runs a copy of the bytecode that lies elsewhere.
TEST(ProcessSampler, FindsLinesInCopiesOfTheBytecode) {
  for (const uint8_t minor : {uint8_t{14}, uint8_t{15}}) {
    Fixture f(FreeThreadedLayoutOf(minor));
    const Address leaf = f.codes[2];
    const Address original = leaf + f.python.layout.code.code_adaptive;
    const Address frame = f.thread().frames.back();
    const auto bad_frames = [&] { return f.sampler.reasons()[static_cast<size_t>(Reason::kBadFrame)]; };
    const Address second = f.python.Allocate(2 * FakePython::kInstructions);
    f.python.SetCopies(leaf, {original, 0, second});
    f.python.RunCopy(frame, 2, second, 6);
    CHECK_EQ(f.Sample(), "main:102 work:203 leaf:306");
    f.python.RunCopy(frame, 2, second, 7);
    CHECK_EQ(f.Sample(), "main:102 work:203 leaf:307");
    CHECK_EQ(f.sampler.threads().front()->quality, Quality::kExact);
    // A thread more: the array has been replaced by a longer one.
    const Address third = f.python.Allocate(2 * FakePython::kInstructions);
    f.python.SetCopies(leaf, {original, 0, second, third});
    f.python.RunCopy(frame, 3, third, 8);
    CHECK_EQ(f.Sample(), "main:102 work:203 leaf:308");
    // A copy was freed, and its index given to another thread.
    const Address another = f.python.Allocate(2 * FakePython::kInstructions);
    f.python.SetCopies(leaf, {original, 0, another, third});
    f.python.RunCopy(frame, 2, another, 9);
    CHECK_EQ(f.Sample(), "main:102 work:203 leaf:309");
    CHECK_EQ(bad_frames(), 0u);
    // Frames whose instruction is not in the copy they name are torn, or lie.
    for (const int32_t index : {1, 2, 4, -1, INT32_MAX, INT32_MIN}) {
      const uint64_t before = bad_frames();
      f.python.RunCopy(frame, index, third, 8);
      CHECK_EQ(f.Sample(), "main:102 work:203");
      CHECK_EQ(f.sampler.threads().front()->quality, Quality::kCut);
      CHECK(bad_frames() > before);
    }
  }
}

TEST(ProcessSampler, NoticesCodeThatWasReplaced) {
  for (const Layout& layout : LayoutsUnderTest()) {
    Fixture f(layout);
    f.Sample();
    f.python.FillCode(f.codes[2], "other", "b.py", 900);
    if (layout.interpreter.code_object_generation != kAbsent) {
      f.python.memory.Put<uint64_t>(FakePython::kInterpreter + layout.interpreter.code_object_generation, 1);
    }
    CHECK_EQ(f.Sample(), "main:102 work:203 other:904");
    CHECK(f.sampler.reasons()[static_cast<size_t>(Reason::kCodeChanged)] > 0);
  }
}

/// The generation of code objects, in 3.14 and later, grows before one is freed. Until then what living frames had is known.
TEST(ProcessSampler, ReadsNoSignaturesWhileTheGenerationStands) {
  for (const uint8_t minor : {uint8_t{14}, uint8_t{15}}) {
    Fixture f(LayoutOf(minor));
    const Layout& layout = f.python.layout;
    const Address generation = FakePython::kInterpreter + layout.interpreter.code_object_generation;
    size_t signatures = 0;
    f.python.memory.before_range = [&](const RemoteRange& range) {
      signatures += std::any_of(f.codes.begin(), f.codes.end(), [&](Address code) {
        return range.address >= code && range.address < code + layout.code.size;
      });
    };
    const auto read_by_round = [&] {
      signatures = 0;
      f.Sample();
      return signatures;
    };
    for (int i = 0; i < 3; ++i) f.Sample();
    CHECK_EQ(read_by_round(), 0u);
    f.python.memory.Put<uint64_t>(generation, 7);
    CHECK(read_by_round() >= f.codes.size());
    // What was read before the new generation was, is not known to have lived in it.
    CHECK(read_by_round() >= f.codes.size());
    CHECK_EQ(read_by_round(), 0u);
  }
}

/// A code object that no frame holds may have been freed already when the generation is read, and still look whole.
TEST(ProcessSampler, TrustsNoCodeThatNoFrameHeld) {
  for (const uint8_t minor : {uint8_t{14}, uint8_t{15}}) {
    Fixture f(LayoutOf(minor));
    for (int i = 0; i < 3; ++i) f.Sample();
    const Address generation = FakePython::kInterpreter + f.python.layout.interpreter.code_object_generation;
    const int instruction = 2;
    f.python.Pop(f.thread());
    // The leaf's code is destroyed; its memory is what it was.
    f.python.memory.Put<uint64_t>(generation, 1);
    for (int i = 0; i < 3; ++i) CHECK_EQ(f.Sample(), "main:102 work:203");
    // Another takes its place, without another being destroyed.
    f.python.FillCode(f.codes[2], "other", "b.py", 900);
    f.python.Push(f.thread(), f.codes[2], instruction);
    CHECK_EQ(f.Sample(), "main:102 work:203 other:902");
  }
}

TEST(ProcessSampler, CutsAtCodeThatCannotBeRead) {
  for (const Layout& layout : LayoutsUnderTest()) {
    Fixture f(layout);
    f.python.memory.Put<Address>(f.codes[1] + layout.code.filename, 0x123450);
    CHECK_EQ(f.Sample(), "main:102");
    CHECK_EQ(f.sampler.threads().front()->quality, Quality::kCut);
    f.python.memory.Put(f.codes[1] + layout.code.filename, f.python.Text("app.py"));
    CHECK_EQ(f.Sample(), "main:102 work:203 leaf:304");
  }
}

TEST(ProcessSampler, DoubtsFramesThatHaveReturned) {
  for (const uint8_t minor : {uint8_t{11}, uint8_t{12}, uint8_t{13}}) {
    Fixture f(LayoutOf(minor));
    f.Sample();
    f.python.Push(f.thread(), f.codes[0], FakePython::kInstructions - 1);
    // Found again unchanged, it was no accident.
    CHECK_EQ(f.Sample(), "main:102 work:203 leaf:304 main:119");
    CHECK_EQ(f.sampler.threads().front()->quality, Quality::kRetried);
    CHECK_EQ(f.sampler.reasons()[static_cast<size_t>(Reason::kReturned)], 1u);
  }
}

TEST(ProcessSampler, EndsAtTheFrameThatKeepsGoingOn) {
  for (const Layout& layout : LayoutsUnderTest()) {
    Fixture f(layout);
    f.Sample();
    const Address middle = f.thread().frames[1];
    int value = 0;
    f.python.memory.before_range = [&](const RemoteRange&) {
      const bool on_heap = layout.frame_model == FrameModel::kHeapFrames;
      value = value % 8 + 1;
      f.python.PutFrame(middle, f.python.memory.Get<Address>(middle + layout.frame.previous), f.codes[1], value,
                        on_heap ? 0 : check::kThreadOwned);
    };
    const std::string stack = f.Sample();
    CHECK_EQ(stack.substr(0, stack.size() - 1), "main:102 work:20");
    CHECK_EQ(f.sampler.threads().front()->quality, Quality::kBetween);
    CHECK(f.sampler.reasons()[static_cast<size_t>(Reason::kTorn)] >= 3u);
    f.python.memory.before_range = nullptr;
    CHECK_EQ(f.Sample(), "main:102 work:" + std::to_string(200 + value) + " leaf:304");
  }
}

TEST(ProcessSampler, ShowsWhatAnEarlierAttemptFound) {
  for (const Layout& layout : LayoutsUnderTest()) {
    Fixture f(layout);
    f.Sample();
    const Address outermost = f.thread().frames[0];
    const Address middle = f.thread().frames[1];
    const auto link = f.python.memory.Get<Address>(outermost + layout.frame.previous);
    const bool on_heap = layout.frame_model == FrameModel::kHeapFrames;
    int value = 0;
    f.python.memory.before_range = [&](const RemoteRange&) {
      const bool is_first_attempt = f.sampler.reasons()[static_cast<size_t>(Reason::kTorn)] == 0;
      if (!is_first_attempt) f.python.memory.Put(outermost + layout.frame.previous, middle);
      value = value % 8 + 1;
      f.python.PutFrame(middle, outermost, f.codes[1], value, on_heap ? 0 : check::kThreadOwned);
    };
    const std::string stack = f.Sample();
    CHECK_EQ(stack.substr(0, stack.size() - 1), "main:102 work:20");
    CHECK_EQ(f.sampler.threads().front()->quality, Quality::kBetween);
    f.python.memory.before_range = nullptr;
    f.python.memory.Put(outermost + layout.frame.previous, link);
    CHECK_EQ(f.Sample(), "main:102 work:" + std::to_string(200 + value) + " leaf:304");
  }
}

TEST(ProcessSampler, ShowsTheCallerOfWhatReturnsWheneverItIsLookedFor) {
  for (const Layout& layout : LayoutsUnderTest()) {
    if (layout.frame_model != FrameModel::kHeapFrames) continue;
    Fixture f(layout);
    f.Sample();
    const Address called = f.python.Push(f.thread(), f.codes[0]);
    // It runs when each of the copies is walked, and has returned when the stack is located for the next one.
    int reads = 0;
    f.python.memory.before_range = [&](const RemoteRange& range) {
      if (range.address != called) return;
      const bool runs = ++reads % 3 != 0;
      f.python.memory.Put(called + layout.frame.running,
                          static_cast<int8_t>(runs ? layout.frame.running_value : layout.frame.running_value ^ 1));
    };
    CHECK_EQ(f.Sample(), "main:102 work:203 leaf:304");
    CHECK_EQ(f.sampler.threads().front()->quality, Quality::kBetween);
  }
}

TEST(ProcessSampler, KeepsTheStackWhileAChunkIsPushed) {
  for (const uint8_t minor : {uint8_t{11}, uint8_t{12}, uint8_t{13}, uint8_t{14}, uint8_t{15}}) {
    const Layout& layout = LayoutOf(minor);
    Fixture f(layout);
    while (f.thread().chunks.size() < 2) f.python.Push(f.thread(), f.codes[1]);
    f.Sample();
    // Between the two copies the thread prepares a call whose frame needs a new chunk. Chunks are mapped downwards.
    const FakePython::Thread& thread = f.thread();
    const bool has_cframe = layout.frame_model == FrameModel::kCFrame;
    const Address top = has_cframe ? thread.cframe + layout.cframe.current_frame : thread.state + layout.thread.top;
    const Address data_stack = thread.state + layout.thread.datastack_chunk;
    const Address chunk = thread.chunks.front() - 0x100000;
    int seen = 0;
    f.python.memory.before_range = [&](const RemoteRange& range) {
      if (top - range.address >= range.length || ++seen != 2) return;
      f.python.memory.Put(data_stack, chunk);
      f.python.memory.Put(data_stack + 8, chunk + 24 + 8 * FakePython::kFrameWords);
    };
    f.Sample();
    const SampledThread& sampled = *f.sampler.threads().front();
    CHECK(!sampled.settled || sampled.stack.size() == thread.frames.size());
  }
}

TEST(ProcessSampler, TakesNoSuspendedGeneratorForAnEmptyStack) {
  for (const Layout& layout : LayoutsUnderTest()) {
    Fixture f(layout);
    const bool has_chunks = layout.frame_model != FrameModel::kHeapFrames;
    while (has_chunks && f.thread().chunks.size() < 2) f.python.Push(f.thread(), f.codes[1]);
    f.Sample();
    // On top is a generator that has been suspended since: it leads to no caller.
    const Address generator = f.python.Push(f.thread(), f.codes[2], 1, check::kGeneratorOwned);
    f.python.PutFrame(generator, 0, f.codes[2], 1, check::kGeneratorOwned);
    if (!has_chunks) f.python.memory.Put<int8_t>(generator + layout.frame.running, layout.frame.running_value + 1);
    f.Sample();
    const SampledThread& sampled = *f.sampler.threads().front();
    CHECK(!sampled.settled);
    CHECK(sampled.quality == Quality::kCut || sampled.quality == Quality::kBetween || sampled.quality == Quality::kInvalid);
  }
}

TEST(ProcessSampler, TakesNoNewCFrameForAnEmptyStack) {
  for (const uint8_t minor : {uint8_t{11}, uint8_t{12}}) {
    Fixture f(LayoutOf(minor));
    while (f.thread().chunks.size() < 2) f.python.Push(f.thread(), f.codes[1]);
    const std::string stack = f.Sample();
    f.python.MoveCFrame(f.thread());
    const Address top = f.python.memory.Get<Address>(f.thread().cframe + f.python.layout.cframe.current_frame);
    f.python.memory.Put(f.thread().cframe + f.python.layout.cframe.current_frame, Address{0});
    CHECK_EQ(f.Sample(), "");
    CHECK_EQ(f.sampler.threads().front()->quality, Quality::kInvalid);
    f.python.memory.Put(f.thread().cframe + f.python.layout.cframe.current_frame, top);
    CHECK_EQ(f.Sample(), stack);
  }
}

TEST(ProcessSampler, TellsAnEndedProcessFromALostInterpreter) {
  for (const Layout& layout : LayoutsUnderTest()) {
    Fixture f(layout);
    f.Sample();
    FailingReader gone(ESRCH);
    ProcessSampler of_gone(f.python.target, &gone, &f.frames);
    CHECK_EQ(of_gone.Round(), RoundOutcome::kGone);
    FailingReader unreadable(EFAULT);
    ProcessSampler of_unreadable(f.python.target, &unreadable, &f.frames);
    CHECK_EQ(of_unreadable.Round(), RoundOutcome::kLost);
    f.python.memory.Unmap(FakePython::kRuntime);
    f.python.memory.Unmap(FakePython::kInterpreter);
    // The list of interpreters is not looked at in every round.
    RoundOutcome outcome = RoundOutcome::kSampled;
    while (outcome == RoundOutcome::kSampled) outcome = f.sampler.Round();
    CHECK_EQ(outcome, RoundOutcome::kLost);
  }
}

TEST(ProcessSampler, DropsAThreadWhoseStateWasFreed) {
  for (const Layout& layout : LayoutsUnderTest()) {
    Fixture f(layout);
    f.Sample();
    f.python.memory.Put<Address>(f.thread().state + layout.thread.interp, 0);
    CHECK_EQ(f.sampler.Round(), RoundOutcome::kSampled);
    CHECK(f.sampler.threads().empty());
    CHECK_EQ(f.sampler.reasons()[static_cast<size_t>(Reason::kThreadGone)], 1u);
  }
}

namespace {

/// Changes words of a plausible process at random.
class Vandal {
 public:
  Vandal(FakePython* python, uint32_t seed) : python_(*python), random_(seed) {
    const Layout& layout = python_.layout;
    for (const FakePython::Thread& thread : python_.threads) {
      areas_.push_back({thread.state, 400});
      if (thread.cframe != 0) areas_.push_back({thread.cframe, 32});
      for (Address chunk : thread.chunks) areas_.push_back({chunk, 400});
      for (Address frame : thread.frames) areas_.push_back({frame, 88});
    }
    areas_.push_back({FakePython::kHeap, 8192});
    areas_.push_back({FakePython::kRuntime, static_cast<size_t>(layout.runtime.interpreters_head) + 8});
    areas_.push_back({FakePython::kInterpreter + layout.interpreter.threads_head, 8});
    areas_.push_back({python_.gil, 32});
  }

  void Strike() {
    const RemoteRange area = areas_[random_() % areas_.size()];
    const Address at = area.address + random_() % area.length / 8 * 8;
    switch (random_() % 4) {
      case 0:
        python_.memory.Put<uint8_t>(at + random_() % 8, static_cast<uint8_t>(random_()));
        break;
      case 1:
        python_.memory.Put<uint32_t>(at, static_cast<uint32_t>(random_()));
        break;
      default:
        python_.memory.Put<uint64_t>(at, Word());
    }
  }

  bool Chance(int in) { return random_() % in == 0; }

 private:
  uint64_t Word() {
    const RemoteRange area = areas_[random_() % areas_.size()];
    switch (random_() % 8) {
      case 0:
        return 0;
      case 1:
        return random_() % 4096;
      case 2:
        return uint64_t{random_()} << 32 | random_();
      case 3:
        return ~uint64_t{0} - random_() % 256;
      case 4:
        return random_();
      case 5:
        return area.address + random_() % area.length;
      default:
        return area.address + random_() % area.length / 8 * 8;
    }
  }

  FakePython& python_;
  std::mt19937 random_;
  std::vector<RemoteRange> areas_;
};

/// Threads with data stacks of several chunks, generators and frames of the interpreter.
FakePython BusyProcess(const Layout& layout) {
  FakePython python(layout);
  std::vector<Address> codes;
  for (const char* name : {"a", "b", "c", "d"}) codes.push_back(python.Code(name, "app.py", 10));
  for (const int depth : {3, 12, 150}) {
    FakePython::Thread& thread = python.AddThread();
    if (layout.version.minor >= 12) python.PushShim(thread);
    for (int i = 0; i < depth; ++i) {
      python.Push(thread, codes[i % 4], i % 10, i % 7 == 3 ? check::kGeneratorOwned : check::kThreadOwned);
      if (layout.version.minor >= 12 && i % 5 == 4) python.PushShim(thread);
    }
  }
  python.SetGil(python.threads.front().state, 7);
  return python;
}

}  // namespace

TEST(ProcessSampler, SurvivesHostileMemory) {
  constexpr int kLives = 60;
  constexpr int kRounds = 8;
  // A cycle of frames is followed to the depth limit, for each thread, in some attempts.
  constexpr size_t kMostReads = 4'000'000;
  constexpr size_t kMostBytes = size_t{4} << 30;
  size_t most_reads = 0;
  size_t most_bytes = 0;
  size_t sampled = 0;
  for (const Layout& layout : LayoutsUnderTest()) {
    const FakePython pristine = BusyProcess(layout);
    for (int life = 0; life < kLives; ++life) {
      FakePython python = pristine;
      Vandal vandal(&python, static_cast<uint32_t>(life * 1000 + layout.version.minor));
      FrameTable frames;
      ProcessSampler sampler(python.target, &python.memory, &frames);
      if (life % 4 == 3) {
        python.memory.before_range = [&](const RemoteRange&) {
          if (vandal.Chance(50)) vandal.Strike();
        };
      }
      if (life % 2 == 0) (void)sampler.Round();
      for (int round = 0; round < kRounds; ++round) {
        for (int i = 0; i < 1 << (life % 5); ++i) vandal.Strike();
        if (vandal.Chance(40)) python.memory.Unmap(std::prev(python.memory.regions().end())->first);
        python.memory.reads = 0;
        python.memory.bytes_wanted = 0;
        const RoundOutcome outcome = sampler.Round();
        most_reads = std::max(most_reads, python.memory.reads);
        most_bytes = std::max(most_bytes, python.memory.bytes_wanted);
        for (const auto& thread : sampler.threads()) {
          CHECK(thread->stack.size() <= kMaxFrameDepth);
          for (const FrameId id : thread->stack) CHECK(id < frames.frame_count());
          sampled += thread->stack.size();
        }
        if (outcome != RoundOutcome::kSampled) break;
      }
    }
  }
  CHECK(most_reads <= kMostReads);
  CHECK(most_bytes <= kMostBytes);
  CHECK(sampled > 10'000);
  if (std::getenv("AUSTIN_TEST_VERBOSE") != nullptr) {
    std::printf("hostile memory: at most %zu reads and %zu bytes a round, %zu frames sampled\n", most_reads, most_bytes,
                sampled);
  }
}

TEST(ProcessSampler, SurvivesNoise) {
  for (const Layout& layout : LayoutsUnderTest()) {
    const FakePython python(layout);
    check::NoiseReader noise(layout.version.minor);
    FrameTable frames;
    for (int life = 0; life < 50; ++life) {
      ProcessSampler sampler(python.target, &noise, &frames);
      // One that has lost its process is not asked again.
      for (int round = 0; round < 5 && sampler.Round() == RoundOutcome::kSampled; ++round) {
      }
    }
  }
}

TEST(ProcessSampler, ReadsEveryStackAnewWhenIdsMeanOtherThings) {
  for (const Layout& layout : LayoutsUnderTest()) {
    FakePython python(layout);
    FrameTable frames(/*max_frames=*/1);
    ProcessSampler sampler(python.target, &python.memory, &frames);
    // Two threads, of which the one without the GIL is not read again and again.
    for (const char* name : {"waits", "works"}) {
      FakePython::Thread& thread = python.AddThread();
      python.Push(thread, python.Code(name, "app.py", 100), 2);
      python.SetGil(thread.state, 1);
    }
    const auto names = [&] {
      std::string text;
      for (const auto& thread : sampler.threads()) {
        for (const FrameId id : thread->stack) text += frames.string(frames.frame(id).name) + ' ';
      }
      return text;
    };
    for (int round = 0; round < 3; ++round) CHECK_EQ(sampler.Round(), RoundOutcome::kSampled);
    const std::string before = names();
    CHECK_EQ(before, "works waits ");
    frames.ClearIfFull();
    CHECK_EQ(frames.epoch(), 1u);
    frames.InternFrame({frames.InternString("wrong"), frames.InternString("wrong.py"), {}});
    CHECK_EQ(sampler.Round(), RoundOutcome::kSampled);
    CHECK_EQ(names(), before);
  }
}
