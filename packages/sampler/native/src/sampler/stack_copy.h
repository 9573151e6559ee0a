#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "cpython/layout.h"
#include "memory/memory_reader.h"

namespace austin {

/// A frame of the Python code of one thread, as found in a copy of its memory.
struct WalkedFrame {
  Address frame = 0;
  Address code = 0;
  /// Address of the current instruction, or `f_lasti` in code units or bytes where frames live on the heap.
  uint64_t instruction = 0;
  /// Free-threaded 3.14 and later: which copy of the code's instructions the instruction lies in. 0 is the original.
  int32_t code_copy = 0;
  uint8_t owner = 0;
  bool in_chunk = false;
  /// Whether C code called it: it is the outermost frame of an activation of the interpreter loop. Set by MarkEntries alone.
  bool is_entry = false;

  /// The same activation at the same instruction.
  bool operator==(const WalkedFrame& other) const {
    return frame == other.frame && code == other.code && instruction == other.instruction;
  }
  /// The same in everything.
  bool IsSame(const WalkedFrame& other) const {
    return *this == other && code_copy == other.code_copy && owner == other.owner && in_chunk == other.in_chunk;
  }
  bool SameActivation(const WalkedFrame& other) const { return frame == other.frame && code == other.code; }
};

/// Why a stack could not be read at an attempt. The names are part of the recording's metadata.
enum class Reason : uint8_t {
  /// The two copies of the stack differ: it changed while it was copied.
  kTorn,
  /// The read took so long that both copies may be torn in the same way; the next copy has to confirm them.
  kInterrupted,
  /// A frame at a return instruction, as all frames are that have returned; the next copy has to confirm it.
  kReturned,
  /// A frame or chunk lies where none was predicted; the prediction has been renewed.
  kMoved,
  /// A frame without a code object: it was being popped or pushed.
  kNoCode,
  /// A frame whose fields no live frame can have.
  kBadFrame,
  /// The chain of frames does not end where the thread's stack begins.
  kUnlinked,
  /// More frames than kMaxFrameDepth.
  kTooDeep,
  /// Memory that is no longer mapped.
  kUnreadable,
  /// A code object met for the first time: it is read and checked with the next copy.
  kNewCode,
  /// A code object was replaced by another at the same address, or could not be read whole.
  kCodeChanged,
  /// The thread ended.
  kThreadGone,
  /// What a round may read of all threads together, or the time it may take, was used up before this one.
  kTooMuch,
};
inline constexpr size_t kReasonCount = 13;

/// The name of a reason: lower case, words joined by hyphens.
const char* ReasonName(Reason reason);

/// No chain is followed further than this: a cycle in torn memory ends here.
inline constexpr size_t kMaxFrameDepth = 1 << 16;

/// A piece of the target's memory and where its copy lies.
struct CopiedRange {
  Address address = 0;
  size_t length = 0;
  const std::byte* data = nullptr;
  /// Whether it is part of the thread's data stack, where frames lie back to back.
  bool is_chunk = false;
  /// Set when something was found in it.
  mutable bool is_used = false;

  bool Holds(Address wanted, size_t size) const {
    return wanted >= address && length >= size && wanted - address <= length - size;
  }
  /// The copy of an address that the range holds.
  const std::byte* At(Address wanted) const { return data + (wanted - address); }
};

/// One copy of the memory a thread's stack lies in.
struct StackCopy {
  /// The frame that was on top, or 0 for an empty stack.
  Address top = 0;
  /// End of the used part of the current chunk at the time of the copy, or 0 when unknown.
  Address data_stack_top = 0;
  /// The frame at the bottom where this version names one, else 0.
  Address base_frame = 0;
  /// Where the interpreter's own frames begin that the outermost frame of the data stack is linked to, if nothing but they are
  /// beyond it, else 0.
  Address bottom = 0;

  bool Ends(Address link) const { return link == 0 || link == base_frame || link == bottom; }
  /// Chunks first, then single frames in the order in which the last walk met them.
  std::vector<CopiedRange> ranges;
};

struct WalkResult {
  bool ok = false;
  Reason reason = Reason::kTorn;
};

/// Finds copied memory. Walks meet single frames in the order of the last walk, so each search starts after the last
/// hit.
class CopySearch {
 public:
  explicit CopySearch(const StackCopy& copy) : ranges_(copy.ranges) {}

  /// The range that holds `size` bytes at `address`, or null.
  const CopiedRange* Find(Address address, size_t size);

 private:
  const std::vector<CopiedRange>& ranges_;
  size_t next_ = 0;
};

/// Follows the links of a stack within a copy. `frames` receives the Python frames, innermost first; on failure
/// it holds what was found before the failure. Frames of the interpreter itself (shims) are passed over.
WalkResult WalkStack(const Layout& layout, const StackCopy& copy, std::vector<WalkedFrame>* frames);

/// The same for a second copy, with a walk that reached the outermost frame in the first. Mostly but the innermost frame is the same in
/// both, which is quicker to see than to walk again.
WalkResult WalkAgain(const Layout& layout, const StackCopy& first, const std::vector<WalkedFrame>& first_walk,
                     const StackCopy& second, std::vector<WalkedFrame>* frames);

/// Finds out which frames of a whole stack C code called, walking the copy once more; `frames` are innermost first. Returns whether an
/// activation of the interpreter loop was on top of them that had no frame yet, or none any more.
bool MarkEntries(const Layout& layout, const StackCopy& copy, std::vector<WalkedFrame>* frames);

/// Whether a copy of a frame on the heap (before 3.11) shows it running: it has begun and not returned.
bool IsRunningHeapFrame(const Layout& layout, const std::byte* frame);

/// The outer frames that were on the stack although no whole walk succeeded: those that both copies show running, at the same
/// instruction and linked to one another. Innermost first; the stack may have gone on beyond them. For frames on the heap. True when
/// the innermost of them is known to have been innermost of all at some moment: what it had called came or went, or it went on from
/// one call to another. `was_seen` tells that the ranges were a stack a moment ago.
bool FindLiveHeapFrames(const Layout& layout, const StackCopy& first, const StackCopy& second, bool was_seen,
                        std::vector<WalkedFrame>* frames);

/// The same for frames in chunks, which are live as long as they lie below the end of the data stack. They are found from the
/// outermost on, one behind the other; `frame_size` tells how long a frame of some code is, in bytes, or 0. True when the innermost
/// of them is known to have been innermost of all at some moment: one copy has a frame it called, and the other has not.
bool FindLiveChunkFrames(const Layout& layout, const StackCopy& first, const StackCopy& second,
                         const std::function<size_t(Address code)>& frame_size, std::vector<WalkedFrame>* frames);

/// What two copies of a stack, one taken after the other, say of it together.
enum class Finding : uint8_t {
  /// The thread had this stack at a moment in the reading.
  kWhole,
  /// The same, at a moment when what the innermost frame had called had returned, or was about to be called: it came or went
  /// while the copies were made.
  kBetween,
  /// These frames were on the stack all the while; others may have been further in.
  kOuter,
};

/// Compares a walk that reached the outermost frame in one copy with the other copy of the same memory. `frames` receives the
/// frames, innermost first.
///
/// Calls and returns happen at the inner end alone. So where the frames of a walk are in the other copy what they were up to some
/// frame, and the next one is not, that next one came or went between the copies, and the frame before it was innermost then.
Finding CompareWithCopy(const Layout& layout, const std::vector<WalkedFrame>& walk, const StackCopy& walked,
                        const StackCopy& other, bool other_is_later, std::vector<WalkedFrame>* frames);

/// How two walks of the same stack, taken one after the other, relate.
struct Agreement {
  /// The number of outer frames that both have.
  size_t common = 0;
  /// Whether a whole walk is what both agree on, so that it was the thread's stack at some instant between them.
  bool exact = false;
  /// Which walk that is (false: the first).
  bool use_second = false;
};

/// Compares two walks, both innermost first, from the bottom up. The instruction of a frame counts except in the
/// innermost frame of either walk, which runs on while it is copied.
Agreement CompareWalks(const std::vector<WalkedFrame>& first, const std::vector<WalkedFrame>& second);

/// The stack that two walks agree on exactly; `frames` receives it, innermost first.
void TakeAgreed(const Layout& layout, const Agreement& agreement, const std::vector<WalkedFrame>& first,
                const std::vector<WalkedFrame>& second, std::vector<WalkedFrame>* frames);

}  // namespace austin
