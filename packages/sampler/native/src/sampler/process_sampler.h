#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "binary/target.h"
#include "binary/thread_ids.h"
#include "memory/joined_ranges.h"
#include "memory/memory_reader.h"
#include "sampler/code_cache.h"
#include "sampler/frame_table.h"
#include "sampler/read_pace.h"
#include "sampler/stack_copy.h"
#include "sampler/thread_plan.h"

namespace austin {

/// How far a sample can be trusted.
enum class Quality : uint8_t {
  /// The stack did not change while it was read at the first attempt.
  kExact,
  /// The same at a later attempt of the same round.
  kRetried,
  /// It kept changing, and is shown as it was at a moment in between: without the innermost calls, which came and went.
  kBetween,
  /// It kept changing; only the outer frames that agreed are kept.
  kCut,
  /// Nothing of it can be trusted.
  kInvalid,
};
inline constexpr size_t kQualityCount = 5;

/// A frame of a stack as it was shown last.
struct ShownFrame {
  WalkedFrame walked;
  CachedCode* code = nullptr;
  /// CachedCode::fills, which tells whether the rest still counts.
  uint64_t fills = 0;
  FrameId id = 0;
  /// Whether Python code would see it.
  bool is_shown = false;
  bool is_at_return = false;
  /// Where the next frame of the data stack has to lie, or 0 when that is not known.
  Address next = 0;
};

/// One thread state of the target and its stack as of the last round.
struct SampledThread {
  SampledThread(const Layout& layout, Address thread_state) : plan(layout, thread_state) {}

  ThreadPlan plan;
  Address interpreter = 0;
  int64_t iid = 0;
  /// Python's identifier of the thread: the pthread_t.
  uint64_t ident = 0;
  /// As the thread state has it: that of the creator until the thread itself runs.
  uint64_t native_id = 0;
  /// The operating system's id, as seen from here.
  uint64_t tid = 0;
  /// Address of the GIL record of its interpreter. Free-threaded builds have one that is not in use as a rule.
  Address gil = 0;
  /// Whether it may run Python code: it holds the GIL, or in free-threaded builds, where RoundOptions ask for it, is
  /// attached to the interpreter.
  bool holds_gil = false;
  /// Whether no thread has held the GIL since it did.
  bool held_gil_last = false;
  /// Whether it was collecting garbage, where RoundOptions ask for it.
  bool collects = false;
  /// Whether this round reads it.
  bool wanted = true;
  /// Whether it ran when this round began, for whoever asks the system.
  bool is_running = false;

  /// Outermost frame first.
  std::vector<FrameId> stack;
  /// Where the frames of `stack` are, if the sampler keeps that.
  std::vector<WalkedFrame> frames;
  /// `stack` with frames for the task that runs and those that await it; empty where there is none (TaskMarkers).
  std::vector<FrameId> with_tasks;
  Quality quality = Quality::kInvalid;
  /// Whether an activation of the interpreter loop without a frame is on top of `shown`, where RoundOptions ask for entries.
  bool is_entering = false;
  /// Whether `stack` is what the thread has for as long as it does not run Python code.
  bool settled = false;

  /// False until the thread has been sampled once.
  bool has_sample = false;

  /// What is to be recorded.
  const std::vector<FrameId>& shown_stack() const { return with_tasks.empty() ? stack : with_tasks; }

  // Kept here for whoever records the thread.
  std::string name;
  bool is_announced = false;
  /// What was recorded last of `holds_gil`.
  bool said_to_hold_gil = false;
  /// Nanoseconds of the monotonic clock.
  int64_t first_seen = 0;

  // State of the current round.
  int attempts = 0;
  int torn = 0;
  /// The last stack, outermost first: most frames of the next one are the same.
  std::vector<ShownFrame> shown;
  /// CodeCache::clears, which tells whether its pointers still count.
  uint64_t shown_clears = 0;
  /// A whole stack that looks doubtful, from the attempt before; empty when there is none.
  std::vector<WalkedFrame> doubtful;
  /// What an attempt of this round found the stack to be between its copies, outermost first: shown if no later attempt finds more.
  std::vector<ShownFrame> between;
  uint64_t between_clears = 0;
  bool selected = false;
  /// The frame that started a collection, when it was last found in this thread's stack.
  Address gc_frame = 0;
};

/// What a round reads.
struct RoundOptions {
  /// Asked for each thread right before its stack is read, in every round; those for which it is false are left out.
  std::function<bool(SampledThread&)> is_wanted;
  /// Only threads that hold the GIL, or held it last, are read.
  bool holders_only = false;
  /// Whether it is told which threads of free-threaded builds are attached.
  bool attached = false;
  /// Whether it is told who holds the GIL even where there is only one thread.
  bool gil = true;
  /// Whether it is told which thread collects garbage.
  bool gc = false;
  /// Whether SampledThread::frames is filled.
  bool frames = false;
  /// Whether WalkedFrame::is_entry is told of the frames in SampledThread::shown.
  bool entries = false;
};

enum class RoundOutcome {
  kSampled,
  /// The process has ended.
  kGone,
  /// The interpreter is not where it was: the process runs another program, or is shutting down.
  kLost,
};

/// Reads every thread of every interpreter of one process, round after round. Nothing is written to the process and
/// nothing stops it; see docs/sampling.md for why the result can be trusted.
class ProcessSampler {
 public:
  /// `target`, `memory` and `frames` outlive the sampler.
  ProcessSampler(const Target& target, MemoryReader* memory, FrameTable* frames, RoundOptions options = {});

  RoundOutcome Round();

  /// Reads the stack of one thread of the last round again, by itself, and whether it holds the GIL and collects garbage, as far as
  /// RoundOptions ask for that: for a thread that has been stopped since.
  RoundOutcome Reread(SampledThread* thread);

  /// How many further attempts a torn stack is given within a round. Default 2.
  void set_torn_retries(int retries) { torn_retries_ = retries; }

  /// The threads of the last round, newest first, as the interpreter lists them.
  const std::vector<std::unique_ptr<SampledThread>>& threads() const { return threads_; }
  /// Interpreters of the last round.
  std::vector<Address> interpreters() const;
  size_t interpreter_count() const { return interpreters_.size(); }
  /// Failed attempts so far, by Reason.
  const std::array<uint64_t, kReasonCount>& reasons() const { return reasons_; }
  /// Whether a garbage collector was active in the last round.
  bool is_collecting() const;
  /// Whether a thread has come or gone since the last call.
  bool TakeThreadsChanged() { return std::exchange(threads_changed_, false); }

 private:
  struct Interpreter {
    Address address = 0;
    Address threads_head = 0;
    int64_t id = 0;
    Address gil = 0;
    bool collecting = false;
    /// The frame that started the collection, or 0.
    Address gc_frame = 0;
  };
  /// The state of one GIL. While holder and switch number stay what they are, no thread but the holder has run Python
  /// code, so the stacks of all others are what they were.
  struct Gil {
    Address address = 0;
    Address holder = 0;
    uint64_t switch_number = 0;
    bool locked = false;
    /// Free-threaded builds run without one unless they are told otherwise.
    bool enabled = true;
    /// Whether the stacks of all threads but the holder's are known as of this holder and switch number.
    bool valid = false;
    /// As read before the stacks of this round.
    Address holder_before = 0;
    uint64_t switch_before = 0;
    /// Whether the last read after the stacks found the same.
    bool steady = false;
  };
  /// A thread whose stack was copied in the current pass.
  struct Candidate {
    SampledThread* thread = nullptr;
    Finding finding = Finding::kOuter;
    /// Whether it was copied by a read that took suspiciously long.
    bool interrupted = false;
    /// Whether the thread is read again: this is what to show if that finds less.
    bool is_reserve = false;
    /// Innermost first.
    std::vector<WalkedFrame> frames;
    /// What is known of their codes, or null.
    std::vector<CachedCode*> codes;
    /// How many of the outermost frames are those of SampledThread::shown.
    size_t unchanged = 0;
  };

  void ForgetStacks();
  using ThreadsByState = std::unordered_map<Address, std::unique_ptr<SampledThread>>;

  RoundOutcome Rescan();
  /// Adds the threads of an interpreter to the list, those that are among the known ones as they are.
  void ListThreads(const Interpreter& interpreter, ThreadsByState* known, std::unordered_set<Address>* seen);
  /// Learns where a thread's stack lies, as far as the round and the memory for plans allow. False when the thread state itself
  /// cannot be read.
  bool Learn(SampledThread* thread, const StackCopy* hint = nullptr);
  void LearnHeapFrames(SampledThread* thread);
  bool IsOutOfTime() const;
  uint64_t ThreadIdOf(const ThreadIdentity& identity, bool is_only_one);
  bool IsWanted(SampledThread& thread, const Gil* gil) const;
  static void BeginAttempts(SampledThread* thread);
  void SelectFirst();
  void SelectAfterGilSwitch();
  void Select(SampledThread* thread);
  /// Copies the stacks of the pending threads twice and examines them. With `heads`, the lists of interpreters and
  /// threads and the GIL are read before.
  RoundOutcome CopyPending(bool heads);
  RoundOutcome FinishAttempts();
  void PlanHeadsAndTail();
  const JoinedRanges& HeadsToRead();
  void ParseHeads(const JoinedRanges& heads, const std::byte* bytes);
  void ParseTail(const std::byte* bytes);
  WalkResult Walk(StackCopy* copy, std::vector<WalkedFrame>* frames);
  void Examine(SampledThread* thread, const std::byte* bytes);
  void DropThread(SampledThread* thread);
  /// Leaves a thread without a stack in this round, because of the others.
  void GiveUp(SampledThread* thread);
  void ForgetFrames(SampledThread* thread);
  /// Books a failed attempt. True when the thread gets another one in this round.
  bool TryAgain(SampledThread* thread, Reason reason, Finding finding = Finding::kOuter);
  void AddCandidate(SampledThread* thread, Finding finding, const std::vector<WalkedFrame>& frames, bool is_reserve = false);
  Finding FindLiveFrames(const SampledThread& thread);
  Finding Judge(const WalkResult& first, const WalkResult& second);
  void ResolveCandidates();
  void FindCodes(Candidate* candidate);
  void NoteCollector(SampledThread* thread);
  /// Whether a doubtful stack is the same as in the attempt before, which confirms it.
  bool IsConfirmed(const Candidate& candidate) const;
  bool IsAtReturn(const WalkedFrame& frame, const CachedCode& code) const;
  bool HasReturnedFrame(const Candidate& candidate) const;
  bool IsChecked(const CachedCode& code) const;
  void Resolve(const Candidate& candidate);
  struct Missing {
    bool any = false;
    /// A code object that is met for the first time.
    bool is_new = false;
  };
  /// Reads the code objects of a stack that are not known, to be checked after the next copy.
  Missing ReadMissingCodes(const Candidate& candidate);
  enum class Resolution { kAll, kOuter, kBadFrame };
  /// Gives the frames of a stack names and lines, into `resolved_`, from the outermost up to the first one where that fails.
  Resolution ResolveFrames(const Candidate& candidate, bool ends_at_return);
  void KeepInReserve(const Candidate& candidate);
  bool TakeReserve(SampledThread* thread);
  void Show(SampledThread* thread);
  void NoteLiving();
  bool IsShownAsBefore(const Candidate& candidate, size_t depth) const;
  std::optional<ShownFrame> ResolveFrame(const WalkedFrame& frame, CachedCode* code, Address expected);
  void CloseGils();
  void FindCollectors();
  /// Null where there is none.
  Gil* GilOf(const SampledThread& thread);
  Interpreter* InterpreterOf(const SampledThread& thread);
  void ReadRoles(SampledThread* thread);
  static void TellHolder(SampledThread* thread, const Gil& gil);
  static void TellCollector(SampledThread* thread, const Interpreter& interpreter);
  bool IsAttached(const SampledThread& thread);
  int64_t InstructionOffset(const WalkedFrame& frame) const;

  const Target& target_;
  const Layout& layout_;
  MemoryReader& memory_;
  CodeCache codes_;
  ThreadIds thread_ids_;
  const std::span<const uint8_t> return_opcodes_;
  const RoundOptions options_;

  Address interpreters_head_ = 0;
  std::vector<Interpreter> interpreters_;
  std::vector<Gil> gils_;
  JoinedRanges heads_;
  JoinedRanges heads_and_list_;
  int64_t next_list_us_ = 0;
  bool has_list_ = false;
  JoinedRanges tail_;
  bool reads_gil_ = false;
  bool reads_threads_head_ = false;
  bool reads_gil_twice_ = false;
  bool reads_generation_ = false;
  std::vector<std::unique_ptr<SampledThread>> threads_;
  bool rescan_due_ = true;
  /// Whether the last read of the list heads found others than the last scan.
  bool lists_changed_ = false;
  bool takes_any_list_ = false;
  bool threads_changed_ = false;
  int64_t next_rescan_us_ = 0;
  /// How soon a thread state whose thread is not known yet is looked at again.
  int64_t unplaced_pause_us_ = 0;
  bool has_unplaced_ = false;
  int torn_retries_ = 2;
  /// When the round has taken so long that it is brought to an end.
  int64_t round_end_ns_ = 0;
  /// Frames that the threads resolved in this round have together.
  size_t frames_in_round_ = 0;
  /// Sum of the sizes of the threads' plans.
  size_t planned_ = 0;
  /// Room that the threads' frames of earlier stacks take together, in frames.
  size_t shown_ = 0;

  /// Numbers the vectored reads: a code object checked after a pass is known for the stacks copied in it.
  uint64_t pass_ = 0;
  /// The generation of code objects as read after the copies of the last pass, and of the one before; 0 when unknown.
  uint64_t generation_ = 0;
  uint64_t generation_before_ = 0;
  std::vector<SampledThread*> pending_;
  std::vector<SampledThread*> again_;
  std::vector<Candidate> candidates_;
  size_t candidate_count_ = 0;
  /// Of the first read of a round, and of those that follow it at once.
  ReadPace first_pace_;
  ReadPace retry_pace_;
  /// Whether the current read took suspiciously long.
  bool interrupted_ = false;

  // Buffers kept between rounds.
  std::vector<WalkedFrame> first_walk_;
  std::vector<WalkedFrame> second_walk_;
  std::vector<WalkedFrame> live_;
  StackCopy first_copy_;
  StackCopy second_copy_;
  std::vector<ShownFrame> resolved_;
  std::vector<Address> codes_to_check_;
  /// Those that the last stacks had, and the next ones may have: their signatures are read right behind the copies.
  std::vector<Address> codes_ahead_;
  std::vector<RemoteRange> ranges_;
  std::vector<size_t> sizes_;
  std::vector<std::byte> bytes_;
  std::array<uint64_t, kReasonCount> reasons_{};
};

}  // namespace austin
