#include "sampler/stack_copy.h"

#include <algorithm>
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
  for (size_t steps = 0; frame != 0; ++steps) {
    if (steps == kMaxFrameDepth) return Fail(Reason::kTooDeep);
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

/// Where the outermost frame of a data stack lies: one word behind the header of the root chunk (push_chunk in
/// Python/pystate.c leaves the first word of a root chunk unused).
Address FirstFrame(const StackCopy& copy) {
  constexpr size_t kRootChunkHeader = 32;
  Address root_chunk = 0;
  for (const CopiedRange& range : copy.ranges) {
    if (!range.is_chunk) break;
    root_chunk = range.address;
  }
  return root_chunk + kRootChunkHeader;
}

/// Whether a frame is known to have been popped: it lies above the end of the data stack, which was read after the top, or
/// it has lost its code object, as popped frames do from 3.14 on.
bool IsPopped(const Layout& layout, const StackCopy& copy, const CopiedRange& range, Address frame, Address code) {
  const bool in_current_chunk = range.is_chunk && &range == copy.ranges.data();
  if (in_current_chunk && copy.data_stack_top != 0 && frame >= copy.data_stack_top) return true;
  return layout.tagged_references && code == 0;
}

WalkResult WalkInterpreterFrames(const Layout& layout, const StackCopy& copy, std::vector<WalkedFrame>* frames) {
  CopySearch search(copy);
  Address frame = copy.top;
  size_t steps = 0;
  while (frame != 0 && frame != copy.base_frame) {
    if (++steps > kMaxFrameDepth) return Fail(Reason::kTooDeep);
    if (!IsPlausiblePointer(frame)) return Fail(Reason::kBadFrame);
    const CopiedRange* range = search.Find(frame, layout.frame.size);
    if (range == nullptr) return Fail(Reason::kMoved);
    const std::byte* data = range->At(frame);

    const auto owner = FieldAt<uint8_t>(data, layout.frame.owner);
    if (owner > kLastOwner || (owner > kOwnedByGenerator && owner < kFirstShimOwner)) return Fail(Reason::kBadFrame);
    if (owner < kFirstShimOwner) {
      auto code = FieldAt<Address>(data, layout.frame.code);
      if (layout.tagged_references) {
        if ((code & 3) == 3) return Fail(Reason::kNoCode);
        code &= ~Address{3};
      }
      if (IsPopped(layout, copy, *range, frame, code)) {
        // With it went all it had called. Its caller was innermost then, unless that has been popped as well.
        frames->clear();
        frame = FieldAt<Address>(data, layout.frame.previous);
        continue;
      }
      if (!IsPlausiblePointer(code)) return Fail(Reason::kNoCode);
      if (owner == kOwnedByThread && !range->is_chunk) return Fail(Reason::kMoved);
      frames->push_back({frame, code, FieldAt<uint64_t>(data, layout.frame.instruction), owner, range->is_chunk});
    }
    frame = FieldAt<Address>(data, layout.frame.previous);
  }
  if (copy.base_frame != 0 && frame != copy.base_frame) return Fail(Reason::kUnlinked);
  // An empty stack leaves nothing on the data stack, and the outermost frame, unless a generator's, is its first.
  const Address first_frame = FirstFrame(copy);
  const bool is_linked = frames->empty() ? copy.data_stack_top <= first_frame
                                         : frames->back().owner != kOwnedByThread || frames->back().frame == first_frame;
  if (!is_linked) return Fail(Reason::kUnlinked);
  return {true};
}

}  // namespace

const CopiedRange* CopySearch::Find(Address address, size_t size) {
  for (size_t step = 0; step < ranges_.size(); ++step) {
    size_t index = next_ + step;
    if (index >= ranges_.size()) index -= ranges_.size();
    if (!ranges_[index].Holds(address, size)) continue;
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
  }
  return "unknown";
}

WalkResult WalkStack(const Layout& layout, const StackCopy& copy, std::vector<WalkedFrame>* frames) {
  frames->clear();
  return layout.frame_model == FrameModel::kHeapFrames ? WalkHeapFrames(layout, copy, frames)
                                                       : WalkInterpreterFrames(layout, copy, frames);
}

bool IsRunningHeapFrame(const Layout& layout, const std::byte* frame) {
  return FieldAt<int8_t>(frame, layout.frame.running) == layout.frame.running_value;
}

void FindLiveFrames(const Layout& layout, const StackCopy& first, const StackCopy& second,
                    std::vector<WalkedFrame>* frames) {
  frames->clear();
  if (layout.frame_model != FrameModel::kHeapFrames) return;
  Address caller = 0;
  // The ranges of both copies are the frames of the last walk, innermost first.
  for (size_t i = std::min(first.ranges.size(), second.ranges.size()); i-- > 0;) {
    const CopiedRange& before = first.ranges[i];
    const CopiedRange& after = second.ranges[i];
    const auto running = RunningHeapFrame(layout, before.address, before.data);
    const bool is_same = running && running == RunningHeapFrame(layout, after.address, after.data);
    if (!is_same || FieldAt<Address>(before.data, layout.frame.previous) != caller) break;
    frames->push_back(*running);
    caller = before.address;
  }
  std::reverse(frames->begin(), frames->end());
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

}  // namespace austin
