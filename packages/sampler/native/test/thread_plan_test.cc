#include "sampler/thread_plan.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <vector>

#include "check.h"
#include "support/fake_python.h"
#include "support/layouts_under_test.h"

using namespace austin;
using austin::check::FakePython;
using austin::check::LayoutOf;
using austin::check::LayoutsUnderTest;
using Fit = ThreadPlan::Fit;

namespace {

constexpr Address kPage = 4096;
constexpr uint8_t kNewer[] = {11, 12, 13, 14, 15};

/// A process with one thread, and the plan for that thread.
struct Fixture {
  explicit Fixture(const Layout& layout)
      : python(layout), thread(python.AddThread()), plan(python.layout, thread.state) {
    for (int i = 0; i < 3; ++i) codes.push_back(python.Code("f", "a.py", 1));
  }

  Address Push() { return python.Push(thread, codes[thread.frames.size() % 3]); }

  std::vector<RemoteRange> Ranges() {
    std::vector<RemoteRange> ranges;
    const size_t bytes = plan.AppendRanges(&ranges);
    size_t sum = 0;
    for (const RemoteRange& range : ranges) sum += range.length;
    CHECK_EQ(bytes, sum);
    return ranges;
  }

  /// Reads what the plan names. Nothing when some of it is unreadable.
  std::optional<Fit> Copy() {
    const std::vector<RemoteRange> ranges = Ranges();
    size_t total = 0;
    for (const RemoteRange& range : ranges) total += range.length;
    bytes.resize(total);
    if (python.memory.ReadRanges(ranges, bytes.data()).bytes != total) return std::nullopt;
    return plan.Interpret(bytes.data(), &first, &second);
  }

  /// Whether both copies hold the whole stack as it is.
  bool HoldsStack() {
    if (Copy() != Fit::kFits) return false;
    for (const StackCopy* copy : {&first, &second}) {
      std::vector<WalkedFrame> frames;
      if (!WalkStack(python.layout, *copy, &frames).ok || frames.size() != thread.frames.size()) return false;
      for (size_t i = 0; i < frames.size(); ++i) {
        if (frames[i].frame != thread.frames[frames.size() - 1 - i]) return false;
      }
    }
    return true;
  }

  FakePython python;
  FakePython::Thread& thread;
  ThreadPlan plan;
  std::vector<Address> codes;
  std::vector<std::byte> bytes;
  StackCopy first;
  StackCopy second;
};

/// The positions of the ranges that hold an address.
std::vector<size_t> Holding(const std::vector<RemoteRange>& ranges, Address address) {
  std::vector<size_t> found;
  for (size_t i = 0; i < ranges.size(); ++i) {
    if (address - ranges[i].address < ranges[i].length) found.push_back(i);
  }
  return found;
}

}  // namespace

TEST(ThreadPlan, IdentifiesThreadStates) {
  for (const Layout& layout : LayoutsUnderTest()) {
    Fixture f(layout);
    const Address state = f.thread.state;
    f.python.AddThread();
    const auto identity = ReadThreadIdentity(f.python.memory, layout, f.python.threads.back().state);
    REQUIRE(identity.has_value());
    CHECK_EQ(identity->next, state);
    CHECK_EQ(identity->interpreter, FakePython::kInterpreter);
    CHECK(identity->thread_id != 0);
    CHECK_EQ(identity->native_thread_id != 0, layout.thread.native_thread_id != kAbsent);
    CHECK(!ReadThreadIdentity(f.python.memory, layout, 0x4000));
    Layout absurd = layout;
    absurd.thread.next = 4096;
    CHECK(!ReadThreadIdentity(f.python.memory, absurd, state));
  }
}

TEST(ThreadPlan, ReadsHeapFramesAroundTheirCallers) {
  for (const Layout& layout : LayoutsUnderTest()) {
    if (layout.frame_model != FrameModel::kHeapFrames) continue;
    Fixture f(layout);
    for (int i = 0; i < 5; ++i) f.Push();
    REQUIRE(f.plan.Learn(f.python.memory));
    const std::vector<RemoteRange> ranges = f.Ranges();
    CHECK_EQ(ranges.front().address, f.thread.state);
    const std::vector<size_t> tops = Holding(ranges, f.thread.state + layout.thread.top);
    REQUIRE(tops.size() == 2);
    // Innermost first: when it is read first and last.
    std::vector<size_t> first;
    std::vector<size_t> last;
    for (size_t i = f.thread.frames.size(); i-- > 0;) {
      const std::vector<size_t> copies = Holding(ranges, f.thread.frames[i]);
      REQUIRE(copies.size() >= 2);
      first.push_back(copies.front());
      last.push_back(copies.back());
    }
    CHECK(first[0] < tops[1] && tops[1] < last[0]);
    for (size_t i = 1; i < first.size(); ++i) CHECK(first[i - 1] < first[i] && first[i] < last[i - 1]);
  }
}

TEST(ThreadPlan, FindsHeapFramesFromTheOuterOnes) {
  for (const Layout& layout : LayoutsUnderTest()) {
    if (layout.frame_model != FrameModel::kHeapFrames) continue;
    Fixture f(layout);
    for (int i = 0; i < 4; ++i) f.Push();
    REQUIRE(f.plan.Learn(f.python.memory));
    REQUIRE(f.Copy() == Fit::kFits);
    std::vector<WalkedFrame> outer;
    REQUIRE(WalkStack(layout, f.first, &outer).ok);
    f.python.Pop(f.thread);
    for (int i = 0; i < 3; ++i) f.Push();
    CHECK(!f.HoldsStack());
    REQUIRE(f.plan.LearnFrom(f.python.memory, outer));
    CHECK(f.HoldsStack());
    f.python.Pop(f.thread);
    f.python.Pop(f.thread);
    REQUIRE(f.plan.LearnFrom(f.python.memory, outer));
    CHECK(f.HoldsStack());
    // Too far from what is known.
    for (int i = 0; i < 50; ++i) f.Push();
    CHECK(!f.plan.LearnFrom(f.python.memory, outer));
    CHECK(!f.plan.LearnFrom(f.python.memory, {}));
  }
}

TEST(ThreadPlan, ReadsTheCurrentChunkTwiceInTheMiddle) {
  for (const Layout& layout : LayoutsUnderTest()) {
    if (layout.frame_model == FrameModel::kHeapFrames) continue;
    Fixture f(layout);
    f.Push();
    const Address generator = f.python.Push(f.thread, f.codes[0], 0, check::kGeneratorOwned);
    for (int i = 0; i < 4; ++i) f.Push();
    REQUIRE(f.plan.Learn(f.python.memory));
    const std::vector<RemoteRange> ranges = f.Ranges();
    const bool has_cframe = layout.frame_model == FrameModel::kCFrame;
    const Address top = has_cframe ? f.thread.cframe + layout.cframe.current_frame : f.thread.state + layout.thread.top;
    const std::vector<size_t> tops = Holding(ranges, top);
    const std::vector<size_t> inner = Holding(ranges, f.thread.frames.back());
    const std::vector<size_t> outer = Holding(ranges, generator);
    const std::vector<size_t> ends = Holding(ranges, f.thread.state + layout.thread.datastack_chunk + 8);
    REQUIRE(inner.size() == 2 && outer.size() == 2 && !tops.empty() && ends.size() >= 2);
    CHECK_EQ(inner[1], inner[0] + 1);
    CHECK(tops[0] < inner[0]);
    CHECK(outer[0] < inner[0] && inner[1] < outer[1]);
    // The end of the data stack is read after the top frame, except where that is in a cframe to which the same range leads, and
    // once more after the copies.
    CHECK(std::any_of(ends.begin(), ends.end(), [&](size_t at) { return (has_cframe || tops[0] <= at) && at < inner[0]; }));
    CHECK(ends.back() > inner[1]);
    CHECK(f.HoldsStack());
  }
}

TEST(ThreadPlan, HoldsTheStackOfEachVersion) {
  for (const Layout& layout : LayoutsUnderTest()) {
    Fixture f(layout);
    REQUIRE(f.plan.Learn(f.python.memory));
    CHECK(f.HoldsStack());
    f.Push();
    f.Push();
    f.plan.Learn(f.python.memory);
    CHECK(f.HoldsStack());
    CHECK_EQ(f.plan.interpreter(), FakePython::kInterpreter);
    CHECK_EQ(f.plan.thread_id(), f.python.memory.Get<uint64_t>(f.thread.state + layout.thread.thread_id));
  }
}

TEST(ThreadPlan, NoticesAReturnBetweenTheCopies) {
  for (const Layout& layout : LayoutsUnderTest()) {
    Fixture f(layout);
    f.Push();
    f.Push();
    REQUIRE(f.plan.Learn(f.python.memory));
    // The last read of what says where the stack ends comes after the return.
    const bool on_heap = layout.frame_model == FrameModel::kHeapFrames;
    const Address end = f.thread.state + (on_heap ? layout.thread.top : layout.thread.datastack_chunk + 8);
    const size_t last = Holding(f.Ranges(), end).size();
    size_t seen = 0;
    f.python.memory.before_range = [&](const RemoteRange& range) {
      if (end - range.address < range.length && ++seen == last) f.python.Pop(f.thread);
    };
    CHECK(f.Copy() == Fit::kFits);
    std::vector<WalkedFrame> first;
    std::vector<WalkedFrame> second;
    CHECK(WalkStack(layout, f.first, &first).ok);
    CHECK(WalkStack(layout, f.second, &second).ok);
    CHECK_EQ(first.size(), 2u);
    CHECK_EQ(second.size(), 1u);
  }
}

TEST(ThreadPlan, JoinsFramesOnlyWithinPages) {
  for (const uint8_t minor : {uint8_t{8}, uint8_t{10}}) {
    const Layout& layout = LayoutOf(minor);
    Fixture f(layout);
    const auto size = static_cast<Address>(layout.frame.size);
    // Pages far from each other, each followed by a hole: two neighbours, two far apart, one at the very end.
    Address previous = 0;
    std::vector<Address> frames;
    for (Address page = 0x50000000; page < 0x50000000 + 16 * kPage; page += 2 * kPage) {
      f.python.memory.Map(page, kPage);
      for (const Address at : {Address{0}, size / 8 * 8 + 8, Address{2048}, (kPage - size) / 8 * 8}) {
        f.python.PutFrame(page + at, previous, f.codes[0], 0, 0);
        previous = page + at;
        frames.push_back(previous);
      }
    }
    f.python.SetTop(f.thread, previous);
    f.thread.frames = frames;
    REQUIRE(f.plan.Learn(f.python.memory));
    const std::vector<RemoteRange> ranges = f.Ranges();
    for (const RemoteRange& range : ranges) {
      CHECK(range.address / kPage == (range.address + range.length - 1) / kPage || range.address == f.thread.state);
    }
    CHECK(ranges.size() < 2 * frames.size());
    CHECK(f.HoldsStack());

    // A frame across the border of two pages is one range, and joins none on the second page that is far.
    f.python.memory.Map(0x60000000, 2 * kPage);
    f.python.PutFrame(0x60000000 + kPage - 16, previous, f.codes[0], 0, 0);
    f.thread.frames.push_back(0x60000000 + kPage - 16);
    f.python.SetTop(f.thread, f.thread.frames.back());
    REQUIRE(f.plan.Learn(f.python.memory));
    CHECK(f.HoldsStack());
  }
}

TEST(ThreadPlan, ExtendsAPlanThatTheStackOutgrew) {
  for (const uint8_t minor : kNewer) {
    Fixture f(LayoutOf(minor));
    f.Push();
    REQUIRE(f.plan.Learn(f.python.memory));
    CHECK(f.HoldsStack());
    // Within the margin no other plan is needed.
    f.Push();
    CHECK(f.HoldsStack());
    while (f.Copy() == Fit::kFits) f.Push();
    CHECK(f.HoldsStack());
    // A plan that copies far too much shrinks.
    while (f.thread.chunks.size() == 1) f.Push();
    f.python.Pop(f.thread);
    CHECK(f.Copy() == Fit::kGrown);
    CHECK(f.HoldsStack());
    const size_t large = f.bytes.size();
    while (f.thread.frames.size() > 1) f.python.Pop(f.thread);
    CHECK(f.HoldsStack());
    CHECK(f.HoldsStack());
    CHECK(f.bytes.size() < large / 2);
  }
}

TEST(ThreadPlan, NoticesAnotherChunk) {
  for (const uint8_t minor : kNewer) {
    Fixture f(LayoutOf(minor));
    while (f.thread.frames.size() < 100) f.Push();
    REQUIRE(f.plan.Learn(f.python.memory));
    CHECK(f.HoldsStack());
    while (f.thread.chunks.size() < 2) f.Push();
    CHECK(f.Copy() == Fit::kMoved);
    REQUIRE(f.plan.Learn(f.python.memory));
    CHECK(f.HoldsStack());
    while (f.thread.chunks.size() > 1) f.python.Pop(f.thread);
    // The chunk is gone, and the read ends there.
    CHECK(!f.Copy().has_value());
    REQUIRE(f.plan.Learn(f.python.memory));
    CHECK(f.HoldsStack());
  }
}

TEST(ThreadPlan, RemembersSomeCFrames) {
  for (const uint8_t minor : {uint8_t{11}, uint8_t{12}}) {
    Fixture f(LayoutOf(minor));
    f.Push();
    REQUIRE(f.plan.Learn(f.python.memory));
    CHECK(f.HoldsStack());
    const Address before = f.thread.cframe;
    f.python.MoveCFrame(f.thread);
    CHECK(f.Copy() == Fit::kMoved);
    REQUIRE(f.plan.Learn(f.python.memory));
    CHECK(f.HoldsStack());
    f.thread.cframe = before;
    f.python.memory.Put(f.thread.state + f.python.layout.thread.top, before);
    CHECK(f.HoldsStack());
    // Many places do not make the plan any longer.
    for (int i = 0; i < 50; ++i) {
      f.python.MoveCFrame(f.thread);
      REQUIRE(f.plan.Learn(f.python.memory));
      CHECK(f.HoldsStack());
    }
    CHECK(f.Ranges().size() < 20);
  }
}

TEST(ThreadPlan, HoldsDeepStacks) {
  for (const Layout& layout : LayoutsUnderTest()) {
    Fixture f(layout);
    while (f.thread.frames.size() < 700) f.Push();
    if (layout.frame_model != FrameModel::kHeapFrames) CHECK(f.thread.chunks.size() > 5);
    f.python.memory.reads = 0;
    REQUIRE(f.plan.Learn(f.python.memory));
    CHECK(f.HoldsStack());
    if (layout.frame_model != FrameModel::kHeapFrames) CHECK(f.python.memory.reads < 20);
  }
}

TEST(ThreadPlan, PredictsFramesOutsideOfChunksThatComeAndGo) {
  for (const uint8_t minor : kNewer) {
    Fixture f(LayoutOf(minor));
    for (int i = 0; i < 5; ++i) f.python.Push(f.thread, f.codes[0], 0, check::kGeneratorOwned);
    const std::vector<Address> base = f.thread.frames;
    // Functions that are called in turn, each with a frame of its own outside of the data stack.
    std::vector<Address> leaves;
    for (int i = 0; i < 4; ++i) {
      leaves.push_back(f.python.Push(f.thread, f.codes[1], 0, check::kGeneratorOwned));
      f.python.SetTop(f.thread, base.back());
      f.thread.frames = base;
    }
    const auto run = [&](Address leaf) {
      f.python.PutFrame(leaf, base.back(), f.codes[1], 0, check::kGeneratorOwned);
      f.python.SetTop(f.thread, leaf);
      f.thread.frames = base;
      f.thread.frames.push_back(leaf);
    };
    for (const Address leaf : leaves) {
      run(leaf);
      REQUIRE(f.plan.Learn(f.python.memory));
      CHECK(f.HoldsStack());
    }
    for (int round = 0; round < 3; ++round) {
      for (const Address leaf : leaves) {
        run(leaf);
        CHECK(f.HoldsStack());
      }
      // With none of them running, too.
      f.python.SetTop(f.thread, base.back());
      f.thread.frames = base;
      CHECK(f.HoldsStack());
    }
  }
}

TEST(ThreadPlan, LearnsFromACopyWithoutReadingItAgain) {
  for (const Layout& layout : LayoutsUnderTest()) {
    Fixture f(layout);
    for (int i = 0; i < 100; ++i) f.python.Push(f.thread, f.codes[0], 0, check::kGeneratorOwned);
    REQUIRE(f.plan.Learn(f.python.memory));
    CHECK(f.HoldsStack());
    f.python.Push(f.thread, f.codes[1], 0, check::kGeneratorOwned);
    CHECK(f.Copy() == Fit::kFits);
    f.python.memory.reads = 0;
    REQUIRE(f.plan.Learn(f.python.memory, &f.second));
    CHECK(f.python.memory.reads <= 4);
    CHECK(f.HoldsStack());
  }
}

TEST(ThreadPlan, SurvivesHostileChunkLists) {
  constexpr size_t kLargestPlan = size_t{300} << 20;
  for (const uint8_t minor : kNewer) {
    const auto learn = [&](const std::function<void(Fixture&)>& spoil) {
      Fixture f(LayoutOf(minor));
      while (f.thread.chunks.size() < 3) f.Push();
      spoil(f);
      f.python.memory.reads = 0;
      CHECK(f.plan.Learn(f.python.memory));
      CHECK(f.python.memory.reads < 70'000);
      size_t bytes = 0;
      for (const RemoteRange& range : f.Ranges()) bytes += range.length;
      CHECK(bytes < kLargestPlan);
      if (bytes < size_t{1} << 20) (void)f.Copy();
    };
    learn([](Fixture& f) { f.python.memory.Put(f.thread.chunks[2], f.thread.chunks[0]); });  // a cycle
    learn([](Fixture& f) { f.python.memory.Put(f.thread.chunks[0], f.thread.chunks[0]); });
    learn([](Fixture& f) { f.python.memory.Put<Address>(f.thread.chunks[1], 0x123450); });  // unmapped
    learn([](Fixture& f) { f.python.memory.Unmap(f.thread.chunks[1]); });
    learn([](Fixture& f) { f.python.memory.Unmap(f.thread.chunks[0]); });
    for (const uint64_t size : {uint64_t{0}, uint64_t{8}, uint64_t{1} << 26, uint64_t{1} << 40, ~uint64_t{0}}) {
      for (const size_t chunk : {0, 1, 2}) {
        learn([&](Fixture& f) { f.python.memory.Put(f.thread.chunks[chunk] + 8, size); });
        learn([&](Fixture& f) { f.python.memory.Put(f.thread.chunks[chunk] + 16, size); });
      }
    }
    for (const uint64_t top : {uint64_t{0}, uint64_t{1} << 20, FakePython::kFirstChunk + (1 << 30), ~uint64_t{0}}) {
      learn([&](Fixture& f) {
        f.python.memory.Put(f.thread.state + f.python.layout.thread.datastack_chunk + 8, top);
      });
      learn([&](Fixture& f) { f.python.memory.Put(f.thread.state + f.python.layout.thread.datastack_chunk, top); });
    }
  }
}

TEST(ThreadPlan, SurvivesHostileFrames) {
  for (const Layout& layout : LayoutsUnderTest()) {
    Fixture f(layout);
    f.python.Push(f.thread, f.codes[0], 0, check::kGeneratorOwned);
    f.python.Push(f.thread, f.codes[0], 0, check::kGeneratorOwned);
    f.python.memory.Put(f.thread.frames[0] + layout.frame.previous, f.thread.frames[1]);
    f.python.memory.reads = 0;
    CHECK(f.plan.Learn(f.python.memory));
    CHECK(f.python.memory.reads <= kMaxFrameDepth + 10);
    CHECK(f.Copy() == Fit::kFits);
    std::vector<WalkedFrame> frames;
    CHECK(!WalkStack(layout, f.first, &frames).ok);

    for (const Address nowhere : {Address{8}, Address{0x123450}, ~Address{0}, ~Address{0} - 7}) {
      f.python.SetTop(f.thread, nowhere);
      CHECK(f.plan.Learn(f.python.memory));
      (void)f.Copy();
    }
    f.python.memory.Put(f.thread.state + layout.thread.top, Address{0x123450});
    CHECK(f.plan.Learn(f.python.memory));
    CHECK(!ThreadPlan(layout, 0x123450).Learn(f.python.memory));
  }
}

TEST(ThreadPlan, LeavesALoopOfTornFrames) {
  for (const uint8_t minor : {uint8_t{12}, uint8_t{13}, uint8_t{14}, uint8_t{15}}) {
    const Layout& layout = LayoutOf(minor);
    Fixture f(layout);
    // A frame of the interpreter that is in use again links to what it once called.
    f.python.PushShim(f.thread);
    f.Push();
    f.python.memory.Put(f.thread.frames[0] + layout.frame.previous, f.thread.frames[1]);
    f.python.memory.reads = 0;
    CHECK(f.plan.Learn(f.python.memory));
    CHECK(f.python.memory.reads < 20);
    CHECK(f.Ranges().size() < 20);
  }
}
