#include "sampler/stack_copy.h"

#include <algorithm>
#include <cstring>
#include <optional>

namespace austin {

namespace {

// Values of `owner` in _PyInterpreterFrame (Include/internal/pycore_frame.h, 3.11 to 3.15). 3 and above are frames of
// the interpreter itself: C stack or interpreter, depending on the version.
constexpr uint8_t kOwnedByThread = 0;
constexpr uint8_t kOwnedByGenerator = 1;
constexpr uint8_t kFirstShimOwner = 3;
constexpr uint8_t kLastOwner = 4;

constexpr Address kLowestPointer = 4096;

WalkResult Fail(Reason reason) { return {false, reason}; }

/// Notices a walk that goes round: stale memory may link frames in a circle. It has, once it is back at the frame of the last power
/// of two (Brent's method).
class Circle {
 public:
  bool Closes(Address frame) {
    if (frame == milestone_) return true;
    if ((steps_ & (steps_ + 1)) == 0) milestone_ = frame;
    ++steps_;
    return false;
  }
  size_t steps() const { return steps_; }

 private:
  Address milestone_ = 0;
  size_t steps_ = 0;
};

/// A frame on the heap, or nothing when it is not running: it has returned, or not begun.
std::optional<WalkedFrame> RunningHeapFrame(const Layout& layout, Address frame, const std::byte* data) {
  if (!IsRunningHeapFrame(layout, data)) return std::nullopt;
  const auto last_instruction = FieldAt<int32_t>(data, layout.frame.last_instruction);
  return WalkedFrame{.frame = frame,
                     .code = FieldAt<Address>(data, layout.frame.code),
                     .instruction = static_cast<uint64_t>(static_cast<int64_t>(last_instruction))};
}

bool IsPlausiblePointer(Address address) { return address >= kLowestPointer && address % 8 == 0; }

WalkResult WalkHeapFrames(const Layout& layout, const StackCopy& copy, std::vector<WalkedFrame>* frames) {
  CopySearch search(copy);
  Address frame = copy.top;
  for (Circle circle; frame != 0;) {
    if (circle.Closes(frame)) return Fail(Reason::kUnlinked);
    if (circle.steps() > kMaxFrameDepth) return Fail(Reason::kTooDeep);
    if (!IsPlausiblePointer(frame)) return Fail(Reason::kBadFrame);
    const CopiedRange* range = search.Find(frame, layout.frame.size);
    if (range == nullptr) return Fail(Reason::kMoved);
    const std::byte* data = range->At(frame);
    if (const auto running = RunningHeapFrame(layout, frame, data)) {
      if (!IsPlausiblePointer(running->code)) return Fail(Reason::kNoCode);
      frames->push_back(*running);
    } else {
      // With it went all it had called.
      frames->clear();
    }
    frame = FieldAt<Address>(data, layout.frame.previous);
  }
  // A generator that was suspended between two reads has lost the link to its caller.
  if (frames->empty() && copy.top != 0) return Fail(Reason::kUnlinked);
  return {true};
}

// One word behind the header of a root chunk stays unused (push_chunk in Python/pystate.c).
constexpr size_t kChunkHeader = 24;
constexpr size_t kRootChunkHeader = 32;

size_t ChunkCount(const StackCopy& copy) {
  size_t count = 0;
  while (count < copy.ranges.size() && copy.ranges[count].is_chunk) ++count;
  return count;
}

/// Where the outermost frame of a data stack lies.
Address FirstFrame(const StackCopy& copy) {
  const size_t chunks = ChunkCount(copy);
  return (chunks != 0 ? copy.ranges[chunks - 1].address : 0) + kRootChunkHeader;
}

/// Whether nothing is on the data stack. Further chunks lie anywhere, and mostly below the first one.
bool HasEmptyDataStack(const StackCopy& copy) {
  const size_t chunks = ChunkCount(copy);
  return chunks == 0 || (chunks == 1 && copy.data_stack_top != 0 && copy.data_stack_top <= FirstFrame(copy));
}

/// The code object of an interpreter frame without its tag bits; 0 where there is none. A tagged number is no pointer and stays as it
/// is.
Address CodeOf(const Layout& layout, const std::byte* frame) {
  const auto code = FieldAt<Address>(frame, layout.frame.code);
  if (!layout.tagged_references) return code;
  return (code & 3) == 3 ? code : code & ~Address{3};
}

WalkedFrame InterpreterFrame(const Layout& layout, Address frame, const std::byte* data, bool in_chunk) {
  return {.frame = frame,
          .code = CodeOf(layout, data),
          .instruction = FieldAt<uint64_t>(data, layout.frame.instruction),
          .code_copy = layout.frame.tlbc_index == kAbsent ? 0 : FieldAt<int32_t>(data, layout.frame.tlbc_index),
          .owner = FieldAt<uint8_t>(data, layout.frame.owner),
          .in_chunk = in_chunk};
}

/// Whether a frame is known to have been popped: it lies above the end of the data stack, which was read after the top, or
/// it has lost its code object, as popped frames do from 3.14 on.
bool IsPopped(const Layout& layout, const StackCopy& copy, const CopiedRange& range, const WalkedFrame& frame) {
  const bool in_current_chunk = range.is_chunk && &range == copy.ranges.data();
  if (in_current_chunk && copy.data_stack_top != 0 && frame.frame >= copy.data_stack_top) return true;
  return layout.tagged_references && frame.code == 0;
}

WalkResult WalkInterpreterFrames(const Layout& layout, const StackCopy& copy, std::vector<WalkedFrame>* frames) {
  CopySearch search(copy);
  Address address = copy.top;
  for (Circle circle; !copy.Ends(address);) {
    if (circle.Closes(address)) return Fail(Reason::kUnlinked);
    if (circle.steps() > kMaxFrameDepth) return Fail(Reason::kTooDeep);
    if (!IsPlausiblePointer(address)) return Fail(Reason::kBadFrame);
    const CopiedRange* range = search.Find(address, layout.frame.size);
    if (range == nullptr) return Fail(Reason::kMoved);
    const std::byte* data = range->At(address);
    const WalkedFrame frame = InterpreterFrame(layout, address, data, range->is_chunk);

    if (frame.owner > kLastOwner || (frame.owner > kOwnedByGenerator && frame.owner < kFirstShimOwner)) {
      return Fail(Reason::kBadFrame);
    }
    if (frame.owner < kFirstShimOwner) {
      if (IsPopped(layout, copy, *range, frame)) {
        // With it went all it had called. Its caller was innermost then, unless that has been popped as well.
        frames->clear();
      } else if (!IsPlausiblePointer(frame.code)) {
        return Fail(Reason::kNoCode);
      } else if (frame.owner == kOwnedByThread && !range->is_chunk) {
        return Fail(Reason::kMoved);
      } else {
        frames->push_back(frame);
      }
    }
    address = FieldAt<Address>(data, layout.frame.previous);
  }
  if (copy.base_frame != 0 && address == 0) return Fail(Reason::kUnlinked);
  // The outermost frame is the first of the data stack, unless nothing is on it; a generator that was suspended between two
  // reads has lost the link to its caller.
  const bool is_linked = HasEmptyDataStack(copy) || (!frames->empty() && frames->back().frame == FirstFrame(copy));
  if (!is_linked) return Fail(Reason::kUnlinked);
  return {true};
}

/// Whether the same frame is on top in both copies and all others of a walk through the first are the same: they lie in one chunk, below
/// it.
bool HasSameCallers(const Layout& layout, const StackCopy& first, const std::vector<WalkedFrame>& walk,
                    const StackCopy& second) {
  if (layout.frame_model == FrameModel::kHeapFrames || walk.empty()) return false;
  if (first.top != second.top || first.top != walk.front().frame || ChunkCount(first) != 1) return false;
  const CopiedRange& before = first.ranges.front();
  const CopiedRange& after = second.ranges.front();
  const bool is_in_chunk = before.Holds(first.top, layout.frame.size) && walk.back().frame == FirstFrame(first) &&
                           std::all_of(walk.begin(), walk.end(), [](const WalkedFrame& frame) { return frame.in_chunk; });
  if (!is_in_chunk || second.bottom != first.bottom || second.base_frame != first.base_frame) return false;
  const size_t below = first.top - before.address;
  const auto link = [&](const CopiedRange& range) {
    return FieldAt<Address>(range.At(first.top), layout.frame.previous);
  };
  return link(before) == link(after) && below >= kRootChunkHeader &&
         std::memcmp(before.data + kRootChunkHeader, after.data + kRootChunkHeader, below - kRootChunkHeader) == 0;
}

/// Two copies of the same memory, looked at together.
class CopyPair {
 public:
  CopyPair(const Layout& layout, const StackCopy& first, const StackCopy& second)
      : layout_(layout), first_(first), second_(second), search_(first) {}

  /// The frame at an address and its link, where both copies have the same.
  struct Seen {
    WalkedFrame frame;
    Address previous = 0;
  };
  std::optional<Seen> Find(Address address) {
    const CopiedRange* range = search_.Find(address, layout_.frame.size);
    if (range == nullptr) return std::nullopt;
    const CopiedRange& again = second_.ranges[range - first_.ranges.data()];
    const Seen seen = Read(*range, address);
    const Seen seen_again = Read(again, address);
    const bool is_same = seen.frame == seen_again.frame && seen.frame.owner == seen_again.frame.owner &&
                         seen.previous == seen_again.previous;
    return is_same ? std::optional(seen) : std::nullopt;
  }

  /// Whether a link of a frame leads outwards to the frame in a chunk that comes before it, 0 if it is the outermost. Adds the
  /// generators' frames in between, innermost first.
  bool LinksTo(Address link, Address before, std::vector<WalkedFrame>* generators) {
    constexpr int kMaxFramesBetween = 64;
    for (int i = 0; i < kMaxFramesBetween; ++i) {
      if (link == before || (before == 0 && first_.Ends(link))) return true;
      const auto seen = link != 0 ? Find(link) : std::nullopt;
      if (!seen || seen->frame.owner == kOwnedByThread) return false;
      if (seen->frame.owner == kOwnedByGenerator) generators->push_back(seen->frame);
      link = seen->previous;
    }
    return false;
  }

  /// Looks at the place behind the last frame that is live in both copies. If one of them shows a frame there that it has called,
  /// or a generator it runs, and the other does not, then that call came or went in between and the last frame, or the generator,
  /// was innermost. If both show the same one at different instructions, that one was. Adds frames accordingly.
  bool AddInnermost(Address address, Address before, std::vector<WalkedFrame>* frames) {
    // An end that is not known says nothing.
    if (first_.data_stack_top == 0 || second_.data_stack_top == 0) return false;
    std::optional<Seen> called[2];
    std::vector<WalkedFrame> generators[2];
    for (const bool is_second : {false, true}) {
      const StackCopy& copy = is_second ? second_ : first_;
      const CopiedRange& chunk = copy.ranges.front();
      if (address >= copy.data_stack_top || !chunk.Holds(address, layout_.frame.size)) continue;
      const Seen seen = Read(chunk, address);
      const bool is_frame = seen.frame.owner == kOwnedByThread && IsPlausiblePointer(seen.frame.code);
      if (is_frame && LinksTo(seen.previous, before, &generators[is_second])) called[is_second] = seen;
    }
    if (!called[0] && !called[1]) return false;
    const bool is_same = called[0] && called[1] && called[0]->frame.SameActivation(called[1]->frame) &&
                         called[0]->previous == called[1]->previous;
    if (is_same && called[0]->frame == called[1]->frame) return false;
    const auto& runs = generators[called[1] ? 1 : 0];
    frames->insert(frames->end(), runs.rbegin(), runs.rend());
    // As it was first: its caller has been read once more since.
    if (is_same) frames->push_back(called[0]->frame);
    return true;
  }

 private:
  Seen Read(const CopiedRange& range, Address address) const {
    const std::byte* data = range.At(address);
    return {InterpreterFrame(layout_, address, data, range.is_chunk), FieldAt<Address>(data, layout_.frame.previous)};
  }

  const Layout& layout_;
  const StackCopy& first_;
  const StackCopy& second_;
  CopySearch search_;
};

Finding KeepOuter(const std::vector<WalkedFrame>& walk, size_t count, Finding finding, std::vector<WalkedFrame>* frames) {
  frames->assign(walk.end() - static_cast<std::ptrdiff_t>(count), walk.end());
  return finding;
}

}  // namespace

const CopiedRange* CopySearch::Find(Address address, size_t size) {
  for (size_t step = 0; step < ranges_.size(); ++step) {
    size_t index = next_ + step;
    if (index >= ranges_.size()) index -= ranges_.size();
    if (!ranges_[index].Holds(address, size)) continue;
    ranges_[index].is_used = true;
    // A chunk holds many frames; a range of a single frame is met once.
    next_ = ranges_[index].is_chunk ? index : index + 1;
    if (next_ == ranges_.size()) next_ = 0;
    return &ranges_[index];
  }
  return nullptr;
}

const char* ReasonName(Reason reason) {
  switch (reason) {
    case Reason::kTorn:
      return "torn";
    case Reason::kInterrupted:
      return "interrupted";
    case Reason::kReturned:
      return "returned";
    case Reason::kMoved:
      return "moved";
    case Reason::kNoCode:
      return "no-code";
    case Reason::kBadFrame:
      return "bad-frame";
    case Reason::kUnlinked:
      return "unlinked";
    case Reason::kTooDeep:
      return "too-deep";
    case Reason::kUnreadable:
      return "unreadable";
    case Reason::kNewCode:
      return "new-code";
    case Reason::kCodeChanged:
      return "code-changed";
    case Reason::kThreadGone:
      return "thread-gone";
    case Reason::kTooMuch:
      return "too-much";
  }
  return "unknown";
}

WalkResult WalkStack(const Layout& layout, const StackCopy& copy, std::vector<WalkedFrame>* frames) {
  frames->clear();
  return layout.frame_model == FrameModel::kHeapFrames ? WalkHeapFrames(layout, copy, frames)
                                                       : WalkInterpreterFrames(layout, copy, frames);
}

WalkResult WalkAgain(const Layout& layout, const StackCopy& first, const std::vector<WalkedFrame>& first_walk,
                     const StackCopy& second, std::vector<WalkedFrame>* frames) {
  if (HasSameCallers(layout, first, first_walk, second)) {
    const CopiedRange& chunk = second.ranges.front();
    const WalkedFrame innermost = InterpreterFrame(layout, second.top, chunk.At(second.top), true);
    const bool is_live = innermost.owner == kOwnedByThread && !IsPopped(layout, second, chunk, innermost);
    if (is_live && IsPlausiblePointer(innermost.code)) {
      *frames = first_walk;
      frames->front() = innermost;
      return {true};
    }
  }
  return WalkStack(layout, second, frames);
}

bool MarkEntries(const Layout& layout, const StackCopy& copy, std::vector<WalkedFrame>* frames) {
  // Before 3.11 each frame has an activation to itself.
  const bool on_heap = layout.frame_model == FrameModel::kHeapFrames;
  for (WalkedFrame& frame : *frames) frame.is_entry = on_heap;
  if (on_heap) return false;
  CopySearch search(copy);
  bool is_entered = false;
  size_t next = 0;
  Address address = copy.top;
  for (Circle circle; !copy.Ends(address) && !circle.Closes(address) && circle.steps() <= kMaxFrameDepth;) {
    const CopiedRange* range = search.Find(address, layout.frame.size);
    if (range == nullptr) break;
    const std::byte* data = range->At(address);
    const bool is_frame = next < frames->size() && (*frames)[next].frame == address;
    if (is_frame && layout.frame.entry != kAbsent) (*frames)[next].is_entry = FieldAt<int8_t>(data, layout.frame.entry) != 0;
    if (is_frame) ++next;
    // The interpreter's own frames lie on the C stack where C code has called the loop. Those in chunks belong to calls of Python.
    const bool is_shim = FieldAt<uint8_t>(data, layout.frame.owner) >= kFirstShimOwner && !range->is_chunk;
    if (is_shim && next != 0) (*frames)[next - 1].is_entry = true;
    if (is_shim && next == 0) is_entered = true;
    address = FieldAt<Address>(data, layout.frame.previous);
  }
  if (!frames->empty()) frames->back().is_entry = true;
  return is_entered;
}

bool IsRunningHeapFrame(const Layout& layout, const std::byte* frame) {
  return FieldAt<int8_t>(frame, layout.frame.running) == layout.frame.running_value;
}

bool FindLiveHeapFrames(const Layout& layout, const StackCopy& first, const StackCopy& second, bool was_seen,
                        std::vector<WalkedFrame>* frames) {
  frames->clear();
  Address caller = 0;
  bool is_innermost = false;
  bool are_all_live = true;
  // The ranges of both copies are the frames of the last walk, innermost first.
  for (size_t i = std::min(first.ranges.size(), second.ranges.size()); i-- > 0;) {
    const CopiedRange& before = first.ranges[i];
    const CopiedRange& after = second.ranges[i];
    const auto running = [&](const CopiedRange& range) {
      const bool is_called = FieldAt<Address>(range.data, layout.frame.previous) == caller;
      return is_called ? RunningHeapFrame(layout, range.address, range.data) : std::nullopt;
    };
    const auto seen = running(before);
    const auto seen_again = running(after);
    const bool is_same = seen && seen_again && seen->SameActivation(*seen_again);
    are_all_live = is_same;
    if (!is_same) {
      // It returned, or was called, since the stack was looked at; its caller was innermost then.
      is_innermost = !frames->empty() && (was_seen || seen || seen_again);
      break;
    }
    frames->push_back(*seen_again);
    caller = before.address;
    if (!(*seen == *seen_again)) {
      is_innermost = true;
      break;
    }
  }
  std::reverse(frames->begin(), frames->end());
  // The last one was on top when it was looked at, or is the caller of what was, and returned: its own call, if that was later still,
  // or that return, is a moment when it was innermost.
  if (are_all_live && !frames->empty()) {
    const Address innermost = frames->front().frame;
    is_innermost = is_innermost || was_seen || first.top == innermost || second.top == innermost;
  }
  return is_innermost;
}

bool FindLiveChunkFrames(const Layout& layout, const StackCopy& first, const StackCopy& second,
                         const std::function<size_t(Address code)>& frame_size, std::vector<WalkedFrame>* frames) {
  frames->clear();
  CopyPair copies(layout, first, second);
  std::vector<WalkedFrame> generators;
  Address before = 0;
  bool is_innermost = false;
  bool goes_on = true;
  for (size_t chunk = ChunkCount(first); goes_on && chunk-- > 0;) {
    const CopiedRange& range = first.ranges[chunk];
    const bool is_current = chunk == 0;
    const Address end = is_current ? std::min(first.data_stack_top, second.data_stack_top) : range.address + range.length;
    Address address = range.address + (before == 0 ? kRootChunkHeader : kChunkHeader);
    while (address < end) {
      const auto seen = copies.Find(address);
      const size_t size = seen && seen->frame.owner == kOwnedByThread ? frame_size(seen->frame.code) : 0;
      generators.clear();
      goes_on = size != 0 && address + size <= end && frames->size() < kMaxFrameDepth &&
                copies.LinksTo(seen->previous, before, &generators);
      if (!goes_on) break;
      frames->insert(frames->end(), generators.rbegin(), generators.rend());
      frames->push_back(seen->frame);
      before = address;
      address += size;
    }
    if (is_current && before != 0) is_innermost = copies.AddInnermost(address, before, frames);
  }
  std::reverse(frames->begin(), frames->end());
  return is_innermost;
}

Finding CompareWithCopy(const Layout& layout, const std::vector<WalkedFrame>& walk, const StackCopy& walked,
                        const StackCopy& other, bool other_is_later, std::vector<WalkedFrame>* frames) {
  const bool on_heap = layout.frame_model == FrameModel::kHeapFrames;
  CopySearch here(walked);
  CopySearch there(other);
  size_t common = 0;
  std::optional<WalkedFrame> next;  // as the other copy has it
  while (common < walk.size()) {
    const WalkedFrame& frame = walk[walk.size() - 1 - common];
    const CopiedRange* range = here.Find(frame.frame, layout.frame.size);
    const CopiedRange* again = there.Find(frame.frame, layout.frame.size);
    if (range == nullptr || again == nullptr) return KeepOuter(walk, common, Finding::kOuter, frames);
    const std::byte* data = again->At(frame.frame);
    next.reset();
    if (on_heap) {
      next = RunningHeapFrame(layout, frame.frame, data);
    } else {
      const WalkedFrame seen = InterpreterFrame(layout, frame.frame, data, again->is_chunk);
      if (seen.owner == frame.owner && !IsPopped(layout, other, *again, seen)) next = seen;
    }
    const bool is_linked = FieldAt<Address>(range->At(frame.frame), layout.frame.previous) ==
                           FieldAt<Address>(data, layout.frame.previous);
    if (!is_linked || !next || !next->SameActivation(frame)) {
      next.reset();
      break;
    }
    ++common;
    const bool is_innermost = common == walk.size();
    // It has gone on from one call to another, and was innermost in between.
    if (!(*next == frame) && !is_innermost) break;
    next.reset();
  }
  if (!next && common == walk.size()) return KeepOuter(walk, common, Finding::kWhole, frames);
  if (common == 0) return KeepOuter(walk, 0, Finding::kOuter, frames);
  KeepOuter(walk, common, Finding::kBetween, frames);
  // Just after its earlier call or just before its later one: both are moments it was innermost. Since the earlier, its callers have
  // been read once more; after the later, they may have gone on as well.
  if (next && !other_is_later) frames->front() = *next;
  return Finding::kBetween;
}

Agreement CompareWalks(const std::vector<WalkedFrame>& first, const std::vector<WalkedFrame>& second) {
  const size_t shorter = std::min(first.size(), second.size());
  Agreement agreement;
  while (agreement.common < shorter) {
    const size_t i = first.size() - 1 - agreement.common;
    const size_t j = second.size() - 1 - agreement.common;
    const bool is_innermost = i == 0 || j == 0;
    if (is_innermost ? !first[i].SameActivation(second[j]) : !(first[i] == second[j])) break;
    ++agreement.common;
  }
  // An empty stack is the beginning of every other: it agrees with another empty one alone.
  agreement.exact = agreement.common == shorter && first.empty() == second.empty();
  agreement.use_second = second.size() < first.size();
  return agreement;
}

void TakeAgreed(const Layout& layout, const Agreement& agreement, const std::vector<WalkedFrame>& first,
                const std::vector<WalkedFrame>& second, std::vector<WalkedFrame>* frames) {
  // Frames on the heap are read in pairs, the second time between the two readings of their caller. In chunks it is the first time:
  // if what the innermost one had called has returned since, it was then where the first copy has it.
  const bool on_heap = layout.frame_model == FrameModel::kHeapFrames;
  KeepOuter(on_heap && agreement.use_second ? second : first, agreement.common, Finding::kWhole, frames);
}

}  // namespace austin
