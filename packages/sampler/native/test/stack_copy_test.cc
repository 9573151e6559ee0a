#include "sampler/stack_copy.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "check.h"
#include "support/fake_python.h"
#include "support/layouts_under_test.h"
#include "support/thread_simulator.h"

using namespace austin;
using austin::check::FakePython;
using austin::check::LayoutOf;
using austin::check::LayoutsUnderTest;

namespace {

constexpr uint8_t kNewer[] = {11, 12, 13, 14, 15};

/// A process with one thread and three functions, of which each calls the next.
struct Fixture {
  explicit Fixture(const Layout& layout) : python(layout), thread(python.AddThread()) {
    for (const char* name : {"outer", "middle", "inner"}) codes.push_back(python.Code(name, "a.py", 1));
  }

  WalkResult Walk() { return Walk(python.Copy(thread)); }
  WalkResult Walk(const StackCopy& copy) { return WalkStack(python.layout, copy, &walked); }

  /// The codes of the walk, outermost first.
  std::vector<Address> Walked() const {
    std::vector<Address> found;
    for (size_t i = walked.size(); i-- > 0;) found.push_back(walked[i].code);
    return found;
  }

  void PushAll() {
    for (size_t i = 0; i < codes.size(); ++i) python.Push(thread, codes[i], static_cast<int>(i) + 1);
  }

  template <typename T>
  void PutInFrame(size_t index, Offset offset, T value) {
    python.memory.Put<T>(thread.frames[index] + static_cast<Address>(offset), value);
  }

  FakePython python;
  FakePython::Thread& thread;
  std::vector<Address> codes;
  std::vector<WalkedFrame> walked;
};

WalkedFrame Frame(Address frame, Address code, uint64_t instruction = 0) {
  return {.frame = frame, .code = code, .instruction = instruction, .owner = 0, .in_chunk = true};
}

}  // namespace

TEST(StackCopy, WalksWholeChains) {
  for (const Layout& layout : LayoutsUnderTest()) {
    Fixture f(layout);
    CHECK(f.Walk().ok);
    CHECK(f.walked.empty());
    f.PushAll();
    CHECK(f.Walk().ok);
    CHECK(f.Walked() == f.codes);
    REQUIRE(f.walked.size() == 3);
    CHECK_EQ(f.walked[0].frame, f.thread.frames[2]);
    CHECK_EQ(f.walked[0].in_chunk, layout.frame_model != FrameModel::kHeapFrames);
    if (layout.frame_model == FrameModel::kHeapFrames) {
      const bool in_units = layout.line_table_format == LineTableFormat::kPep626;
      CHECK_EQ(f.walked[0].instruction, in_units ? 3u : 6u);
    } else {
      CHECK_EQ(f.walked[0].instruction - f.codes[2], static_cast<uint64_t>(layout.code.code_adaptive) + 6);
    }
  }
}

TEST(StackCopy, KeepsTheSignOfHeapFrameInstructions) {
  Fixture f(LayoutOf(9));
  f.PushAll();
  f.PutInFrame<int32_t>(2, f.python.layout.frame.last_instruction, -1);
  CHECK(f.Walk().ok);
  REQUIRE(!f.walked.empty());
  CHECK_EQ(static_cast<int64_t>(f.walked[0].instruction), -1);
}

TEST(StackCopy, PassesOverShimsAndFollowsGenerators) {
  for (const uint8_t minor : kNewer) {
    Fixture f(LayoutOf(minor));
    if (minor >= 12) f.python.PushShim(f.thread);
    f.python.Push(f.thread, f.codes[0]);
    if (minor == 14) {
      f.python.Push(f.thread, 0, 0, check::kCStackShim);
    } else if (minor >= 12) {
      f.python.PushShim(f.thread);
    }
    f.python.Push(f.thread, f.codes[1], 0, check::kGeneratorOwned);
    f.python.Push(f.thread, f.codes[2]);
    const WalkResult result = f.Walk();
    CHECK(result.ok);
    CHECK(f.Walked() == f.codes);
    REQUIRE(f.walked.size() == 3);
    CHECK_EQ(f.walked[1].owner, check::kGeneratorOwned);
    CHECK(!f.walked[1].in_chunk);
  }
}

TEST(StackCopy, StripsTagsFromReferences) {
  Fixture f(LayoutOf(14));
  f.PushAll();
  f.PutInFrame(1, f.python.layout.frame.code, f.codes[1]);      // counted reference
  f.PutInFrame(2, f.python.layout.frame.code, f.codes[2] | 1);  // deferred reference
  CHECK(f.Walk().ok);
  CHECK(f.Walked() == f.codes);
  f.PutInFrame(2, f.python.layout.frame.code, f.codes[2] | 3);  // a small integer
  CHECK_EQ(f.Walk().reason, Reason::kNoCode);
}

TEST(StackCopy, PassesOverPoppedFrames) {
  for (const uint8_t minor : {uint8_t{14}, uint8_t{15}}) {
    Fixture f(LayoutOf(minor));
    f.PushAll();
    f.PutInFrame<Address>(2, f.python.layout.frame.code, 1);  // NULL as a tagged reference
    CHECK(f.Walk().ok);
    CHECK(f.Walked() == std::vector<Address>({f.codes[0], f.codes[1]}));
    f.PutInFrame<Address>(1, f.python.layout.frame.code, 0);
    CHECK(f.Walk().ok);
    CHECK(f.Walked() == std::vector<Address>({f.codes[0]}));
    // What a popped frame had called went before it, whatever is left of it.
    f.PutInFrame(2, f.python.layout.frame.code, f.codes[2]);
    CHECK(f.Walk().ok);
    CHECK(f.Walked() == std::vector<Address>({f.codes[0]}));
  }
  for (const uint8_t minor : {uint8_t{11}, uint8_t{12}, uint8_t{13}}) {
    Fixture f(LayoutOf(minor));
    f.PushAll();
    f.PutInFrame<Address>(2, f.python.layout.frame.code, 0);
    CHECK_EQ(f.Walk().reason, Reason::kNoCode);
  }
}

TEST(StackCopy, PassesOverAFrameAboveTheEndOfTheDataStack) {
  for (const uint8_t minor : kNewer) {
    Fixture f(LayoutOf(minor));
    f.PushAll();
    StackCopy copy = f.python.Copy(f.thread);
    copy.data_stack_top = f.thread.frames[2];
    CHECK(f.Walk(copy).ok);
    CHECK(f.Walked() == std::vector<Address>({f.codes[0], f.codes[1]}));
    copy.data_stack_top = 0;  // unknown
    CHECK(f.Walk(copy).ok);
    CHECK(f.Walked() == f.codes);
  }
}

TEST(StackCopy, NoticesCycles) {
  for (const Layout& layout : LayoutsUnderTest()) {
    Fixture f(layout);
    f.PushAll();
    f.PutInFrame(0, layout.frame.previous, f.thread.frames[2]);
    const WalkResult result = f.Walk();
    CHECK(!result.ok);
    CHECK_EQ(result.reason, Reason::kUnlinked);
    CHECK(f.walked.size() < 10);
    f.PutInFrame(1, layout.frame.previous, f.thread.frames[1]);
    CHECK_EQ(f.Walk().reason, Reason::kUnlinked);
  }
  Fixture shims(LayoutOf(12));
  const Address shim = shims.python.PushShim(shims.thread);
  shims.PutInFrame(0, shims.python.layout.frame.previous, shim);
  CHECK_EQ(shims.Walk().reason, Reason::kUnlinked);
  CHECK(shims.walked.empty());
}

TEST(StackCopy, RejectsWhatNoFrameHas) {
  for (const Layout& layout : LayoutsUnderTest()) {
    const bool has_owner = layout.frame.owner != kAbsent;
    const auto reason_after = [&](const std::function<void(Fixture&)>& spoil) {
      Fixture f(layout);
      f.PushAll();
      spoil(f);
      const WalkResult result = f.Walk();
      CHECK(!result.ok);
      return result.reason;
    };
    for (const uint64_t previous : {uint64_t{8}, uint64_t{4088}, uint64_t{4}, FakePython::kHeap + 4, ~uint64_t{0}}) {
      CHECK_EQ(reason_after([&](Fixture& f) { f.PutInFrame(2, layout.frame.previous, previous); }), Reason::kBadFrame);
    }
    for (const uint64_t code : {uint64_t{8}, uint64_t{4088}, FakePython::kHeap + 4}) {
      CHECK_EQ(reason_after([&](Fixture& f) { f.PutInFrame(1, layout.frame.code, code); }), Reason::kNoCode);
    }
    for (const uint64_t elsewhere : {FakePython::kHeap + (1 << 18), ~uint64_t{0} - 7}) {
      CHECK_EQ(reason_after([&](Fixture& f) { f.PutInFrame(2, layout.frame.previous, elsewhere); }), Reason::kMoved);
    }
    if (!has_owner) continue;
    for (const uint8_t owner : {uint8_t{check::kFrameObjectOwned}, uint8_t{5}, uint8_t{255}}) {
      CHECK_EQ(reason_after([&](Fixture& f) { f.PutInFrame(1, layout.frame.owner, owner); }), Reason::kBadFrame);
    }
  }
}

TEST(StackCopy, MissesFramesThatWereNotCopied) {
  for (const Layout& layout : LayoutsUnderTest()) {
    Fixture f(layout);
    f.PushAll();
    StackCopy copy = f.python.Copy(f.thread);
    copy.ranges.clear();
    CHECK_EQ(f.Walk(copy).reason, Reason::kMoved);
    // Cut off within the innermost frame.
    copy = f.python.Copy(f.thread);
    const size_t short_by_one = static_cast<size_t>(layout.frame.size) - 1;
    if (layout.frame_model == FrameModel::kHeapFrames) {
      copy.ranges[0].length = short_by_one;
    } else {
      copy.ranges[0].length = f.thread.frames[2] - copy.ranges[0].address + short_by_one;
    }
    CHECK_EQ(f.Walk(copy).reason, Reason::kMoved);
    CHECK(f.walked.empty());
  }
}

TEST(StackCopy, WantsThreadFramesInAChunk) {
  for (const uint8_t minor : kNewer) {
    Fixture f(LayoutOf(minor));
    f.python.Push(f.thread, f.codes[0]);
    f.python.Push(f.thread, f.codes[1], 0, check::kGeneratorOwned);
    f.PutInFrame<uint8_t>(1, f.python.layout.frame.owner, check::kThreadOwned);
    CHECK_EQ(f.Walk().reason, Reason::kMoved);
  }
}

TEST(StackCopy, WantsTheChainToEndWhereTheStackBegins) {
  for (const uint8_t minor : kNewer) {
    Fixture f(LayoutOf(minor));
    f.PushAll();
    f.PutInFrame(1, f.python.layout.frame.previous, f.thread.base_frame);
    CHECK_EQ(f.Walk().reason, Reason::kUnlinked);
  }
  // 3.15 names the frame at the bottom; a chain that ends in 0 is not whole.
  Fixture f(LayoutOf(15));
  f.PushAll();
  f.PutInFrame<Address>(0, f.python.layout.frame.previous, 0);
  CHECK_EQ(f.Walk().reason, Reason::kUnlinked);
}

TEST(StackCopy, CrossesChunks) {
  for (const uint8_t minor : kNewer) {
    Fixture f(LayoutOf(minor));
    std::vector<Address> pushed;
    while (f.thread.chunks.size() < 3) {
      f.python.Push(f.thread, f.codes[pushed.size() % 3]);
      pushed.push_back(f.codes[pushed.size() % 3]);
    }
    CHECK(f.Walk().ok);
    CHECK(f.Walked() == pushed);
    StackCopy copy = f.python.Copy(f.thread);
    std::erase_if(copy.ranges, [&](const CopiedRange& range) { return range.address == f.thread.chunks[1]; });
    CHECK_EQ(f.Walk(copy).reason, Reason::kMoved);
  }
}

TEST(StackCopy, FindsRangesInAnyOrder) {
  StackCopy copy;
  for (Address address : {0x1000, 0x2000, 0x3000}) copy.ranges.push_back({address, 0x10, nullptr, false});
  CopySearch search(copy);
  for (Address address : {0x2000, 0x1000, 0x3000, 0x3000, 0x1008}) {
    const CopiedRange* range = search.Find(address, 8);
    REQUIRE(range != nullptr);
    CHECK_EQ(range->address, address & ~Address{0xFFF});
  }
  CHECK(search.Find(0x1009, 8) == nullptr);
  CHECK(search.Find(0xFFF, 8) == nullptr);
  CHECK(search.Find(~Address{0}, 8) == nullptr);
  CHECK(search.Find(0x1000, 0x11) == nullptr);
  const StackCopy nothing;
  CHECK(CopySearch(nothing).Find(0x1000, 8) == nullptr);
}

TEST(StackCopy, HasANameForEachReason) {
  std::vector<std::string> names;
  for (size_t i = 0; i < kReasonCount; ++i) {
    const std::string name = ReasonName(static_cast<Reason>(i));
    CHECK(name != "unknown");
    for (const std::string& other : names) CHECK(name != other);
    names.push_back(name);
  }
  CHECK_EQ(std::string(ReasonName(static_cast<Reason>(kReasonCount))), "unknown");
}

TEST(CompareWalks, TakesTheShorterWholeWalk) {
  const std::vector<WalkedFrame> outer = {Frame(8, 1, 10)};
  const std::vector<WalkedFrame> both = {Frame(16, 2, 5), Frame(8, 1, 10)};
  Agreement agreement = CompareWalks(both, both);
  CHECK(agreement.exact && !agreement.use_second);
  CHECK_EQ(agreement.common, 2u);
  agreement = CompareWalks(outer, both);
  CHECK(agreement.exact && !agreement.use_second);
  CHECK_EQ(agreement.common, 1u);
  agreement = CompareWalks(both, outer);
  CHECK(agreement.exact && agreement.use_second);
  CHECK_EQ(agreement.common, 1u);
  // An empty stack is the beginning of every other, and proves nothing.
  agreement = CompareWalks({}, both);
  CHECK(!agreement.exact);
  CHECK_EQ(agreement.common, 0u);
  CHECK(!CompareWalks(both, {}).exact);
  CHECK(CompareWalks({}, {}).exact);
}

TEST(CompareWalks, CutsWhereWalksDiffer) {
  const std::vector<WalkedFrame> one = {Frame(24, 3, 0), Frame(16, 2, 5), Frame(8, 1, 10)};
  for (size_t at = 0; at < one.size(); ++at) {
    for (const bool other_frame : {true, false}) {
      std::vector<WalkedFrame> other = one;
      (other_frame ? other[at].frame : other[at].code) += 64;
      const Agreement agreement = CompareWalks(one, other);
      CHECK(!agreement.exact);
      CHECK_EQ(agreement.common, one.size() - 1 - at);
    }
  }
}

TEST(CompareWalks, ComparesInstructionsBelowTheInnermostFrame) {
  const std::vector<WalkedFrame> one = {Frame(16, 2, 5), Frame(8, 1, 10)};
  std::vector<WalkedFrame> other = one;
  other[0].instruction = 6;
  CHECK(CompareWalks(one, other).exact);
  other[1].instruction = 11;
  CHECK(!CompareWalks(one, other).exact);
  CHECK_EQ(CompareWalks(one, other).common, 0u);
  // Innermost in one of the walks is enough.
  const std::vector<WalkedFrame> outer = {Frame(8, 1, 12)};
  CHECK(CompareWalks(one, outer).exact);
  CHECK(CompareWalks(outer, one).exact);
}

namespace {

struct TornCopyCounts {
  int false_alone = 0;
  int exact = 0;
  int doubtful = 0;
  int false_and_doubtful = 0;
  int false_without_doubt = 0;
  int between = 0;
  int false_between = 0;
  int outer = 0;
  int false_outer = 0;
};

/// What two copies say together, as ProcessSampler asks for it.
Finding Judge(const Layout& layout, const StackCopy (&copies)[2], std::vector<WalkedFrame>* stack) {
  std::vector<WalkedFrame> walks[2];
  const bool first = WalkStack(layout, copies[0], &walks[0]).ok;
  const bool second = (first ? WalkAgain(layout, copies[0], walks[0], copies[1], &walks[1])
                             : WalkStack(layout, copies[1], &walks[1])).ok;
  std::vector<WalkedFrame> whole;
  CHECK_EQ(WalkStack(layout, copies[1], &whole).ok, second);
  if (second) CHECK(whole == walks[1]);
  if (first && second) {
    const Agreement agreement = CompareWalks(walks[0], walks[1]);
    if (agreement.exact) {
      TakeAgreed(layout, agreement, walks[0], walks[1], stack);
      return Finding::kWhole;
    }
  }
  Finding finding = Finding::kOuter;
  if (second) finding = CompareWithCopy(layout, walks[1], copies[1], copies[0], false, stack);
  if (finding == Finding::kOuter && first) finding = CompareWithCopy(layout, walks[0], copies[0], copies[1], true, stack);
  if (finding != Finding::kOuter) return finding;
  const auto frame_size = [](Address) { return check::ThreadSimulator::kFrameBytes; };
  return FindLiveChunkFrames(layout, copies[0], copies[1], frame_size, stack) ? Finding::kBetween : Finding::kOuter;
}

/// Copies a busy thread as the vectored read does: word after word, while the thread goes on.
/// Somewhere in it the copying rests for as long as the thread makes `longest_rest` writes at most.
TornCopyCounts CopyBusyThread(const Layout& layout, int samples, double writes_per_word, double writes_per_range,
                              unsigned longest_rest = 0) {
  check::ThreadSimulator thread(layout, 7);
  std::mt19937 random(1);
  std::geometric_distribution<int> between_words(1 / (1 + writes_per_word));
  std::geometric_distribution<int> between_ranges(1 / (1 + writes_per_range));
  const auto pass = [&](std::geometric_distribution<int>& writes) {
    for (int i = writes(random); i > 0; --i) thread.Step();
  };

  std::vector<std::byte> bytes[2];
  TornCopyCounts counts;
  for (int sample = 0; sample < samples; ++sample) {
    for (int i = random() % 100; i > 0; --i) thread.Step();
    thread.BeginHistory();
    StackCopy copies[2];
    const size_t words = 2 * thread.memory().size() / 8;
    size_t until_rest = longest_rest != 0 ? random() % words : words;
    const auto copy_tops = [&](StackCopy& copy) {
      pass(between_ranges);
      copy.top = thread.top();
      pass(layout.frame_model == FrameModel::kCFrame ? between_ranges : between_words);
      copy.data_stack_top = thread.data_stack_top();
    };
    const auto copy_chunk = [&](int i) {
      pass(between_ranges);
      bytes[i].resize(thread.memory().size());
      for (size_t at = 0; at < bytes[i].size(); at += 8) {
        std::memcpy(bytes[i].data() + at, thread.memory().data() + at, 8);
        pass(between_words);
        if (until_rest-- != 0 || longest_rest == 0) continue;
        for (unsigned rest = random() % longest_rest; rest > 0; --rest) thread.Step();
      }
      copies[i].ranges.push_back({check::ThreadSimulator::kChunk, bytes[i].size(), bytes[i].data(), true});
    };
    copy_tops(copies[0]);
    copy_chunk(0);
    copy_chunk(1);
    copy_tops(copies[1]);

    std::vector<WalkedFrame> stack;
    if (WalkStack(layout, copies[0], &stack).ok && !thread.HasHad(stack)) ++counts.false_alone;
    const Finding finding = Judge(layout, copies, &stack);
    const bool at_return =
        std::any_of(stack.begin(), stack.end(), [&](const WalkedFrame& frame) { return thread.IsAtReturn(frame); });
    const bool has_existed = finding == Finding::kOuter ? thread.HasHadOuter(stack) : thread.HasHad(stack);
    if (finding == Finding::kWhole) {
      ++counts.exact;
      if (at_return) ++counts.doubtful;
      if (!has_existed) ++(at_return ? counts.false_and_doubtful : counts.false_without_doubt);
    } else if (!at_return) {
      ++(finding == Finding::kBetween ? counts.between : counts.outer);
      if (!has_existed) ++(finding == Finding::kBetween ? counts.false_between : counts.false_outer);
    }
  }
  return counts;
}

}  // namespace

TEST(CompareWalks, CallsNoMixOfTwoStacksTrueThoughTheCopyingRests) {
  for (const uint8_t minor : kNewer) {
    const Layout& layout = LayoutOf(minor);
    for (const unsigned longest_rest : {8u, 32u, 128u}) {
      const TornCopyCounts counts = CopyBusyThread(layout, 20'000, 0.02, 1, longest_rest);
      if (std::getenv("AUSTIN_TEST_VERBOSE") != nullptr) {
        std::printf("3.%d, a rest of up to %u writes: exact %d (at a return: %d, of those false: %d, other false: %d), "
                    "between %d (false: %d), outer %d (false: %d)\n",
                    minor, longest_rest, counts.exact, counts.doubtful, counts.false_and_doubtful,
                    counts.false_without_doubt, counts.between, counts.false_between, counts.outer, counts.false_outer);
      }
      CHECK_EQ(counts.false_between, 0);
    }
  }
}

TEST(CompareWalks, CallsNoMixOfTwoStacksTrue) {
  for (const uint8_t minor : kNewer) {
    const Layout& layout = LayoutOf(minor);
    for (const double writes_per_range : {1.0, 4.0, 12.0}) {
      const TornCopyCounts counts = CopyBusyThread(layout, 20'000, 0.02, writes_per_range);
      if (std::getenv("AUSTIN_TEST_VERBOSE") != nullptr) {
        std::printf("3.%d, %4.1f writes a range: exact %d (at a return: %d, of those false: %d, other false: %d), "
                    "between %d (false: %d), outer %d (false: %d); one copy alone: false %d\n",
                    minor, writes_per_range, counts.exact, counts.doubtful, counts.false_and_doubtful,
                    counts.false_without_doubt, counts.between, counts.false_between, counts.outer, counts.false_outer,
                    counts.false_alone);
      }
      CHECK_EQ(counts.false_without_doubt, 0);
      CHECK_EQ(counts.false_between, 0);
      CHECK_EQ(counts.false_outer, 0);
      // A popped frame loses its code in 3.14 and later; before that, it is doubted by its instruction.
      if (layout.tagged_references) CHECK_EQ(counts.false_and_doubtful, 0);
      CHECK(counts.exact > 2000);
      CHECK(counts.between > 500);
      // One copy alone would have shown stacks that never were.
      if (!layout.tagged_references) CHECK(counts.false_alone > 1000);
    }
  }
}

TEST(StackCopy, TellsWhichFramesCCodeCalled) {
  for (const Layout& layout : LayoutsUnderTest()) {
    Fixture f(layout);
    const bool on_heap = layout.frame_model == FrameModel::kHeapFrames;
    const bool has_shims = layout.version.AtLeast(3, 12);
    // Called by C, by Python, by C: an entry mark in 3.11, a frame of the interpreter's own from 3.12 on.
    std::vector<Address> frames;
    for (const bool is_entry : {true, false, true}) {
      if (is_entry && has_shims) f.python.PushShim(f.thread);
      frames.push_back(f.python.Push(f.thread, f.codes[frames.size()]));
      if (layout.frame.entry != kAbsent) f.python.memory.Put<uint8_t>(frames.back() + layout.frame.entry, is_entry ? 1 : 0);
    }
    const StackCopy copy = f.python.Copy(f.thread);
    REQUIRE(f.Walk(copy).ok);
    REQUIRE(f.walked.size() == 3);
    CHECK(!MarkEntries(layout, copy, &f.walked));
    CHECK_EQ(f.walked[0].is_entry, true);
    CHECK_EQ(f.walked[1].is_entry, on_heap);
    CHECK_EQ(f.walked[2].is_entry, true);
  }
}

TEST(StackCopy, TellsAnActivationOfTheLoopWithoutAFrame) {
  for (const uint8_t minor : {12, 13, 14, 15}) {
    Fixture f(LayoutOf(minor));
    f.python.PushShim(f.thread);
    f.python.Push(f.thread, f.codes[0]);
    f.python.PushShim(f.thread);
    const StackCopy copy = f.python.Copy(f.thread);
    REQUIRE(f.Walk(copy).ok);
    CHECK(MarkEntries(f.python.layout, copy, &f.walked));
    REQUIRE(f.walked.size() == 1);
    CHECK(f.walked[0].is_entry);
  }
}
