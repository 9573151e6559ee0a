#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "cpython/layout.h"
#include "memory/joined_ranges.h"
#include "memory/memory_reader.h"
#include "sampler/stack_copy.h"

namespace austin {

/// Who a thread state belongs to.
struct ThreadIdentity {
  Address next = 0;
  Address interpreter = 0;
  uint64_t thread_id = 0;
  /// 0 before 3.11.
  uint64_t native_thread_id = 0;
};

std::optional<ThreadIdentity> ReadThreadIdentity(MemoryReader& memory, const Layout& layout, Address thread_state);

class PageCopies;

/// Where the stack of one thread is expected to lie, and how to copy it twice in one vectored read.
///
/// The ranges of a plan, in the order in which they are read:
///
///   outer memory | thread state, tops | current chunk | current chunk again | end of the data stack | outer memory again
///
/// where the tops say which frame is innermost and, read after that, where the data stack ends; the current chunk is the used
/// part of it; and outer memory is the chunks before it and the pages in which other frames were found lately: those of generators,
/// on the heap, and of the interpreter, on the C stack. The copies of what changes most lie closest together, and every frame is
/// read before and after, or between the reads of, its caller: a caller at the same call both times is the one that called.
///
/// Before 3.11 all frames are objects of their own, and copying them all takes longer than many a function lives. There each of
/// the innermost frames f0, f1, … is read again right after its caller:
///
///   thread state | outer frames | f0 f1 top-again f0 f2 f1 f3 f2 … | outer frames again
///
/// A frame that runs before and after its caller was read was called from where the caller was then.
class ThreadPlan {
 public:
  ThreadPlan(const Layout& layout, Address thread_state);

  Address thread_state() const { return thread_state_; }

  /// Finds out where the stack lies, with one read after another where `hint`, a copy that turned out incomplete, does
  /// not help. What it sees may be torn: it serves to plan the next copy and is never published. False when the thread
  /// state itself cannot be read.
  bool Learn(MemoryReader& memory, const StackCopy* hint = nullptr);

  /// The same where all frames are objects of their own, and some outer ones, innermost first, were there a moment ago: only what
  /// has been called since is looked for, one frame after the other. False when that does not lead to one of them; Learn may.
  bool LearnFrom(MemoryReader& memory, const std::vector<WalkedFrame>& outer);

  /// Whether each frame of a walk was read before and after its caller, as far as the plan provides for that: not from
  /// 3.11 on, and before only for the innermost frames. False asks for Learn: the walk met other frames than planned.
  bool IsSandwiched(const std::vector<WalkedFrame>& walk) const;

  /// Notes which of the memory that was copied a walk has found frames in. What is of no use for long is not copied any more.
  void NoteUse(const StackCopy& copy);

  /// Whether the plan has been made since the last read that followed it.
  bool is_fresh() const { return is_fresh_; }

  /// Drops from the plan what lies outside of chunks: some of it is no longer mapped.
  void ForgetFrames();

  /// Drops the whole plan: nothing is copied but the thread state, until Learn.
  void Forget();

  /// How much memory the plan takes, in places of the target that it names.
  size_t size() const { return chunks_.size() + frames_.size() + pages_.size() + cframe_blocks_.size(); }

  /// Adds the plan's ranges to a vectored read. Returns the number of bytes they add.
  size_t AppendRanges(std::vector<RemoteRange>* ranges);

  enum class Fit {
    /// The copies hold what the plan foresaw.
    kFits,
    /// The stack grew beyond the part that was copied; the plan has been extended.
    kGrown,
    /// The stack is in another chunk or anchored elsewhere: Learn is due.
    kMoved,
  };

  /// Interprets what was read: `bytes` holds the plan's ranges one after the other, and the copies point into it.
  Fit Interpret(const std::byte* bytes, StackCopy* first, StackCopy* second);

  /// Fields of the thread state, from the last Interpret.
  Address previous() const { return previous_; }
  Address interpreter() const { return interpreter_; }
  uint64_t thread_id() const { return thread_id_; }
  /// 0 before 3.11.
  uint64_t native_thread_id() const { return native_thread_id_; }

 private:
  struct Chunk {
    Address address = 0;
    /// Bytes to copy: what is in use, and for the current chunk a margin to grow into.
    size_t length = 0;
  };

  struct Piece {
    Address address = 0;
    size_t length = 0;
    size_t first_offset = 0;
    size_t second_offset = 0;
    bool is_chunk = false;
    bool is_used = false;
  };

  void ReadThreadState(const std::byte* data);
  bool LearnChunks(MemoryReader& memory);
  bool ReadStateAndPages(MemoryReader& memory, PageCopies* pages);
  void LearnFrames(MemoryReader& memory, Address top, const StackCopy* hint, PageCopies* pages);
  void NotePage(Address page, bool moving, size_t limit);
  void DropUnusedPages();
  bool IsMoving(Address page) const;
  void PlanCurrentChunk(size_t used);
  void Build();
  void BuildAroundChunks();
  void BuildAroundHeapFrames();
  std::function<void(size_t Piece::*offset)> JoinPieces(size_t begin, size_t end);
  void Add(Address address, size_t length);
  std::optional<Address> TopFrame(Address top_word, const std::byte* cframes) const;
  Address DataStackTop(const std::byte* chunk_and_top) const;

  const Layout& layout_;
  const Address thread_state_;
  size_t thread_state_length_ = 0;

  // The prediction.
  std::vector<Chunk> chunks_;  // current chunk first
  size_t current_chunk_size_ = 0;
  std::vector<Address> frames_;        // before 3.11: those of the last walk, innermost first
  std::vector<Address> pages_;         // with frames outside of chunks, most recently used first
  std::vector<Address> moving_pages_;  // those of them in which generators' frames were found
  std::vector<Address> cframe_blocks_;  // 3.11 and 3.12: with cframes, most recently used first

  Address bottom_ = 0;
  std::vector<Address> used_cframe_blocks_;  // since their use was last looked at
  int copies_ = 0;  // since the use of the pages was last looked at
  bool is_learnt_ = false;
  bool is_fresh_ = false;

  // The vectored read that follows from it.
  bool built_ = false;
  std::vector<RemoteRange> ranges_;
  size_t bytes_ = 0;
  JoinedRanges cframes_;
  size_t thread_state_offset_ = 0;
  size_t first_tops_ = 0;
  size_t second_tops_ = 0;
  std::vector<Piece> pieces_;
  /// How many of the innermost frames are read in pairs.
  size_t paired_frames_ = 0;

  // The thread state as last read.
  Address previous_ = 0;
  Address interpreter_ = 0;
  uint64_t thread_id_ = 0;
  uint64_t native_thread_id_ = 0;
  Address chunk_ = 0;
  Address chunk_top_ = 0;
  Address base_frame_ = 0;
  Address top_word_ = 0;
};

}  // namespace austin
