#include "sampler/process_sampler.h"

#include <algorithm>
#include <cerrno>
#include <optional>

#include "cpython/return_opcodes.h"
#include "sampler/clock.h"

namespace austin {

namespace {

// Bounds on hostile lists. No system runs as many threads in one process.
constexpr size_t kMaxInterpreters = 1024;
constexpr size_t kMaxThreads = 1 << 15;

// Bounds on what all threads of a process may ask for together. A thousand threads of a thousand frames are within.
constexpr int64_t kMaxRoundNs = 1'000'000'000;
/// The same of a thread that is stopped meanwhile.
constexpr int64_t kMaxRereadNs = 20'000'000;
constexpr size_t kMaxFramesInRound = 1 << 20;
constexpr size_t kMaxPlanned = 1 << 20;
/// Frames of earlier stacks that are kept to be compared with.
constexpr size_t kMaxShown = 1 << 18;
constexpr size_t kMaxPassBytes = size_t{64} << 20;
/// Room for deep stacks is kept between rounds for so many threads.
constexpr size_t kRoomyCandidates = 16;
constexpr size_t kUsualFrames = 1024;
/// Work on this many frames may pass before the time is looked at.
constexpr size_t kFramesBetweenLooks = 256;

/// An interpreter that is created is found this soon.
constexpr int64_t kListIntervalUs = 5'000;

/// Threads that end in the middle of the list leave its head unchanged; they are found at least this often.
constexpr int64_t kRescanIntervalUs = 100'000;

/// A thread state may be listed before its thread runs, and after a fork before it says which thread it belongs to now.
constexpr int64_t kUnplacedPauseUs = 1'000;

/// Attempts in a round that may fail for reasons other than a torn copy: a stack that is met for the first time
/// must be located, its code objects read, and only then can it be copied.
constexpr int kLearningAttempts = 3;

/// Attempts that a stack gets beyond the usual ones while nothing is known of its innermost frames.
constexpr int kFurtherRetries = 8;

/// Codes whose signatures are read together with the stacks.
constexpr size_t kMaxCodesAhead = 32;

/// How often a round starts over because the list of threads changed meanwhile.
constexpr int kListAttempts = 3;

/// How many frames may have been pushed and popped since the plan was made, before the stack is located anew.
constexpr int kMaxUnplannedFrames = 16;

/// `state` of a thread state that may run Python code (_Py_THREAD_ATTACHED).
constexpr int32_t kAttached = 1;

constexpr uint8_t kOwnedByThread = 0;
constexpr uint8_t kOwnedByGenerator = 1;
constexpr size_t kPageMask = 4095;
/// Below every offset that an instruction can have.
constexpr int64_t kNoOffset = INT64_MIN;
constexpr size_t kWord = 8;

/// Where it says whether an interpreter collects garbage; in 3.8 there is one collector for all.
Address CollectingWordOf(const Layout& layout, const Target& target, Address interpreter) {
  return layout.runtime.gc_collecting != kAbsent ? target.runtime + layout.runtime.gc_collecting
                                                 : interpreter + layout.interpreter.gc_collecting;
}

}  // namespace

ProcessSampler::ProcessSampler(const Target& target, MemoryReader* memory, FrameTable* frames, RoundOptions options)
    : target_(target),
      layout_(target.layout),
      memory_(*memory),
      codes_(layout_, frames),
      thread_ids_(target.pid),
      return_opcodes_(ReturnOpcodes(target.layout.version)),
      options_(std::move(options)) {}

std::vector<Address> ProcessSampler::interpreters() const {
  std::vector<Address> addresses;
  for (const Interpreter& interpreter : interpreters_) addresses.push_back(interpreter.address);
  return addresses;
}

bool ProcessSampler::is_collecting() const {
  return std::any_of(interpreters_.begin(), interpreters_.end(),
                     [](const Interpreter& interpreter) { return interpreter.collecting; });
}

bool ProcessSampler::IsOutOfTime() const { return MonotonicNanoseconds() > round_end_ns_; }

RoundOutcome ProcessSampler::Round() {
  if (codes_.Trim()) ForgetStacks();
  frames_in_round_ = 0;
  round_end_ns_ = MonotonicNanoseconds() + kMaxRoundNs;
  if (MonotonicMicroseconds() >= next_rescan_us_) rescan_due_ = true;
  for (int attempt = 0; attempt < kListAttempts; ++attempt) {
    if (rescan_due_) {
      const RoundOutcome outcome = Rescan();
      if (outcome != RoundOutcome::kSampled) return outcome;
    }
    SelectFirst();
    // Threads that come and go faster than they can be listed do not keep the others from being read.
    takes_any_list_ = attempt + 1 == kListAttempts;
    const RoundOutcome outcome = CopyPending(/*heads=*/true);
    if (outcome != RoundOutcome::kSampled) return outcome;
    if (!lists_changed_) break;
    rescan_due_ = true;
  }
  lists_changed_ = false;
  SelectAfterGilSwitch();
  ResolveCandidates();
  const RoundOutcome outcome = FinishAttempts();
  if (outcome != RoundOutcome::kSampled) return outcome;
  if (lists_changed_) rescan_due_ = true;
  CloseGils();
  if (options_.gc) FindCollectors();
  // A thread that turned out to have ended is not reported with a stack it no longer has.
  if (rescan_due_) return Rescan();
  return RoundOutcome::kSampled;
}

/// Reads the threads that are selected, and again those that need it.
RoundOutcome ProcessSampler::FinishAttempts() {
  while (!pending_.empty() || !again_.empty()) {
    pending_.insert(pending_.end(), again_.begin(), again_.end());
    again_.clear();
    const RoundOutcome outcome = CopyPending(/*heads=*/false);
    if (outcome != RoundOutcome::kSampled) return outcome;
    ResolveCandidates();
  }
  return RoundOutcome::kSampled;
}

RoundOutcome ProcessSampler::Reread(SampledThread* thread) {
  frames_in_round_ = 0;
  round_end_ns_ = MonotonicNanoseconds() + kMaxRereadNs;
  candidate_count_ = 0;
  again_.clear();
  pending_.assign(1, thread);
  BeginAttempts(thread);
  ReadRoles(thread);
  const RoundOutcome outcome = FinishAttempts();
  const Interpreter* const interpreter = InterpreterOf(*thread);
  // Its stack tells.
  if (options_.gc && interpreter != nullptr) TellCollector(thread, *interpreter);
  return outcome;
}

/// Reads whether a thread holds its GIL, and whether its interpreter collects garbage.
void ProcessSampler::ReadRoles(SampledThread* thread) {
  const Gil* const gil = GilOf(*thread);
  if (options_.gil && gil != nullptr && gil->enabled) {
    Gil now = *gil;
    now.holder = memory_.ReadValue<Address>(gil->address + layout_.gil.last_holder).value_or(now.holder);
    now.locked = memory_.ReadValue<int32_t>(gil->address + layout_.gil.locked).value_or(now.locked) == 1;
    TellHolder(thread, now);
  } else if (options_.attached && (gil == nullptr || !gil->enabled)) {
    thread->holds_gil = thread->held_gil_last = IsAttached(*thread);
  }
  Interpreter* const interpreter = InterpreterOf(*thread);
  if (!options_.gc || interpreter == nullptr) return;
  const Address word = CollectingWordOf(layout_, target_, interpreter->address);
  interpreter->collecting = memory_.ReadValue<int32_t>(word).value_or(0) != 0;
  if (layout_.interpreter.gc_frame == kAbsent) return;
  interpreter->gc_frame = memory_.ReadValue<Address>(interpreter->address + layout_.interpreter.gc_frame).value_or(0);
}

/// The ids of the stacks have lost their meaning: every thread is read anew.
void ProcessSampler::ForgetStacks() {
  for (const auto& thread : threads_) {
    thread->stack.clear();
    thread->frames.clear();
    thread->quality = Quality::kInvalid;
    thread->settled = false;
  }
}

RoundOutcome ProcessSampler::Rescan() {
  Address head = 0;
  const RemoteRange head_range{target_.runtime + layout_.runtime.interpreters_head, sizeof(head)};
  const ReadOutcome outcome = memory_.ReadRanges({&head_range, 1}, reinterpret_cast<std::byte*>(&head));
  if (outcome.bytes != sizeof(head)) return outcome.sys_errno == ESRCH ? RoundOutcome::kGone : RoundOutcome::kLost;
  rescan_due_ = false;
  interpreters_head_ = head;
  has_unplaced_ = false;

  const Address first_interpreter = interpreters_.size() == 1 ? interpreters_.front().address : 0;
  interpreters_.clear();
  ThreadsByState known;
  for (auto& thread : threads_) known.emplace(thread->plan.thread_state(), std::move(thread));
  threads_.clear();
  std::unordered_set<Address> seen;
  const auto& at = layout_.interpreter;
  // Interpreters are added at the head of their list; one that ends in the middle is found by the next scan.
  for (Address address = head; address != 0 && interpreters_.size() < kMaxInterpreters;) {
    if (!seen.insert(address).second) break;
    Interpreter interpreter{.address = address};
    const auto next = memory_.ReadValue<Address>(address + at.next);
    const auto threads_head = memory_.ReadValue<Address>(address + at.threads_head);
    const auto id = memory_.ReadValue<int64_t>(address + at.id);
    if (!next || !threads_head || !id) break;
    interpreter.threads_head = *threads_head;
    interpreter.id = *id;
    interpreter.gil = at.gil_pointer != kAbsent ? memory_.ReadValue<Address>(address + at.gil_pointer).value_or(0)
                                                : target_.runtime + layout_.runtime.gil_last_holder;
    interpreters_.push_back(interpreter);
    ListThreads(interpreter, &known, &seen);
    address = *next;
  }
  if (interpreters_.size() != 1 || interpreters_.front().address != first_interpreter) generation_ = 0;
  if (!known.empty()) threads_changed_ = true;
  for (const auto& [state, ended] : known) {
    planned_ -= ended->plan.size();
    shown_ -= ended->shown.capacity() + ended->between.capacity();
  }

  std::erase_if(gils_, [this](const Gil& gil) {
    return std::none_of(interpreters_.begin(), interpreters_.end(),
                        [&gil](const Interpreter& interpreter) { return interpreter.gil == gil.address; });
  });
  for (const Interpreter& interpreter : interpreters_) {
    const bool known = std::any_of(gils_.begin(), gils_.end(),
                                   [&](const Gil& gil) { return gil.address == interpreter.gil; });
    if (interpreter.gil != 0 && !known) gils_.push_back({.address = interpreter.gil, .enabled = !layout_.free_threaded});
  }
  PlanHeadsAndTail();
  // A thread state that never gets a thread must not cost a scan every millisecond.
  unplaced_pause_us_ = !has_unplaced_ || threads_changed_ ? kUnplacedPauseUs : 2 * unplaced_pause_us_;
  const int64_t pause_us = has_unplaced_ ? std::min(unplaced_pause_us_, kRescanIntervalUs) : kRescanIntervalUs;
  next_rescan_us_ = MonotonicMicroseconds() + pause_us;
  return RoundOutcome::kSampled;
}

void ProcessSampler::ListThreads(const Interpreter& interpreter, ThreadsByState* known,
                                 std::unordered_set<Address>* seen) {
  Address address = interpreter.threads_head;
  // A list that leads back into itself ends there.
  while (address != 0 && threads_.size() < kMaxThreads && seen->insert(address).second) {
    const auto identity = ReadThreadIdentity(memory_, layout_, address);
    if (!identity || identity->interpreter != interpreter.address) return;
    const auto at = known->find(address);
    if (at != known->end() && at->second->ident == identity->thread_id && at->second->native_id == identity->native_thread_id &&
        at->second->interpreter == interpreter.address) {
      threads_.push_back(std::move(at->second));
      known->erase(at);
    } else if (const uint64_t tid = ThreadIdOf(*identity, address == interpreter.threads_head && identity->next == 0)) {
      auto thread = std::make_unique<SampledThread>(layout_, address);
      thread->interpreter = interpreter.address;
      thread->iid = interpreter.id;
      thread->ident = identity->thread_id;
      thread->native_id = identity->native_thread_id;
      thread->tid = tid;
      thread->gil = interpreter.gil;
      Learn(thread.get());
      threads_.push_back(std::move(thread));
      threads_changed_ = true;
    } else {
      has_unplaced_ = true;
    }
    address = identity->next;
  }
  if (threads_.size() == kMaxThreads) ++reasons_[static_cast<size_t>(Reason::kTooMuch)];
}

bool ProcessSampler::Learn(SampledThread* thread, const StackCopy* hint) {
  if (IsOutOfTime()) return true;
  planned_ -= thread->plan.size();
  const bool is_readable = thread->plan.Learn(memory_, hint);
  if (planned_ + thread->plan.size() > kMaxPlanned) thread->plan.Forget();
  planned_ += thread->plan.size();
  return is_readable;
}

/// Learns where the frames of a stack lie of which `live_` has the outer ones.
void ProcessSampler::LearnHeapFrames(SampledThread* thread) {
  if (IsOutOfTime()) return;
  planned_ -= thread->plan.size();
  const bool is_found = !live_.empty() && thread->plan.LearnFrom(memory_, live_);
  planned_ += thread->plan.size();
  if (!is_found) Learn(thread);
}

/// The operating system's id of a thread, or 0 for one that has not begun to run.
uint64_t ProcessSampler::ThreadIdOf(const ThreadIdentity& identity, bool is_only_one) {
  if (IsOutOfTime()) {
    ++reasons_[static_cast<size_t>(Reason::kTooMuch)];
    return 0;
  }
  if (layout_.thread.native_thread_id != kAbsent) {
    const pid_t tid = thread_ids_.FromNative(identity.native_thread_id);
    return tid == 0 && is_only_one && identity.native_thread_id != 0 ? thread_ids_.AfterFork() : tid;
  }
  return identity.thread_id != 0 ? thread_ids_.FromDescriptor(memory_, identity.thread_id) : 0;
}

void ProcessSampler::Select(SampledThread* thread) {
  if (thread->selected) return;
  if (!thread->wanted) {
    // It may run without being read: what is known of it ends here.
    thread->settled = false;
    return;
  }
  thread->selected = true;
  pending_.push_back(thread);
}

bool ProcessSampler::IsWanted(SampledThread& thread, const Gil* gil) const {
  if (options_.is_wanted && !options_.is_wanted(thread)) return false;
  if (!options_.holders_only) return true;
  // Who holds the GIL is known once it has been read; until then, whoever held it last.
  return gil != nullptr && gil->enabled ? gil->holder == thread.plan.thread_state() : thread.holds_gil;
}

void ProcessSampler::BeginAttempts(SampledThread* thread) {
  thread->attempts = 0;
  thread->torn = 0;
  if (!thread->doubtful.empty()) thread->doubtful = std::vector<WalkedFrame>();
  thread->between.clear();
}

void ProcessSampler::SelectFirst() {
  pending_.clear();
  again_.clear();
  candidate_count_ = 0;
  for (const auto& thread : threads_) {
    thread->selected = false;
    BeginAttempts(thread.get());
    const Gil* const gil = GilOf(*thread);
    if (options_.attached && (gil == nullptr || !gil->enabled)) {
      thread->holds_gil = thread->held_gil_last = IsAttached(*thread);
    }
    thread->wanted = IsWanted(*thread, gil);
    const bool unchanged = gil != nullptr && gil->valid && thread->settled &&
                           gil->holder != thread->plan.thread_state();
    if (unchanged) {
      thread->quality = Quality::kExact;
    } else {
      Select(thread.get());
    }
  }
}

/// After the first pass it is known which GILs went to another holder since the last round. One switch means that only
/// the old holder, who has been read, and the new one have run.
void ProcessSampler::SelectAfterGilSwitch() {
  pending_.clear();
  for (Gil& gil : gils_) {
    const bool same = gil.holder_before == gil.holder && gil.switch_before == gil.switch_number;
    if (gil.valid && same) continue;
    const bool one_switch = gil.valid && gil.switch_before == gil.switch_number + 1;
    gil.holder = gil.holder_before;
    gil.switch_number = gil.switch_before;
    for (const auto& thread : threads_) {
      if (thread->gil != gil.address) continue;
      if (options_.holders_only) thread->wanted = IsWanted(*thread, &gil);
      if (!one_switch || thread->plan.thread_state() == gil.holder) Select(thread.get());
    }
    gil.valid = false;
  }
}

void ProcessSampler::CloseGils() {
  for (Gil& gil : gils_) {
    // Every stack of this round was read between the two reads of the GIL.
    if (gil.steady) gil.valid = true;
  }
  for (const auto& thread : threads_) {
    const Gil* const gil = GilOf(*thread);
    if (gil != nullptr && gil->enabled) TellHolder(thread.get(), *gil);
  }
}

ProcessSampler::Gil* ProcessSampler::GilOf(const SampledThread& thread) {
  const auto gil = std::find_if(gils_.begin(), gils_.end(), [&](const Gil& each) { return each.address == thread.gil; });
  return gil == gils_.end() ? nullptr : &*gil;
}

ProcessSampler::Interpreter* ProcessSampler::InterpreterOf(const SampledThread& thread) {
  const auto found = std::find_if(interpreters_.begin(), interpreters_.end(),
                                  [&](const Interpreter& each) { return each.address == thread.interpreter; });
  return found == interpreters_.end() ? nullptr : &*found;
}

void ProcessSampler::TellHolder(SampledThread* thread, const Gil& gil) {
  thread->held_gil_last = gil.holder == thread->plan.thread_state();
  thread->holds_gil = thread->held_gil_last && gil.locked;
}

bool ProcessSampler::IsAttached(const SampledThread& thread) {
  return memory_.ReadValue<int32_t>(thread.plan.thread_state() + layout_.thread.state) == kAttached;
}

void ProcessSampler::FindCollectors() {
  for (const auto& thread : threads_) {
    thread->collects = false;
    const Interpreter* const interpreter = InterpreterOf(*thread);
    if (interpreter != nullptr) TellCollector(thread.get(), *interpreter);
  }
}

/// The thread that collects garbage is the one with the frame that started it, where that is known, or the one that
/// holds the GIL. It keeps the GIL, unless a finalizer gives it away.
void ProcessSampler::TellCollector(SampledThread* thread, const Interpreter& interpreter) {
  const bool is_it =
      interpreter.gc_frame != 0 ? thread->gc_frame == interpreter.gc_frame : thread->held_gil_last;
  thread->collects = interpreter.collecting && is_it;
}

/// Plans what is read before and after the stacks of a round.
void ProcessSampler::PlanHeadsAndTail() {
  // Of a single thread the GIL tells nothing that its stack does not. In a free-threaded build all threads may run Python code;
  // that it has been given a GIL may end at any time.
  const bool gil_tells = threads_.size() > 1 && !layout_.free_threaded;
  const size_t gil_length = layout_.gil.switch_number + kWord;
  std::vector<RemoteRange> heads;
  std::vector<RemoteRange> tail;
  reads_gil_twice_ = gil_tells;
  reads_gil_ = gil_tells || options_.gil || layout_.free_threaded;
  for (Gil& gil : gils_) {
    if (reads_gil_) heads.push_back({gil.address, gil_length});
    if (reads_gil_twice_) {
      tail.push_back({gil.address, gil_length});
    } else {
      gil.valid = false;
    }
  }
  if (options_.gc) {
    for (const Interpreter& interpreter : interpreters_) {
      heads.push_back({CollectingWordOf(layout_, target_, interpreter.address), sizeof(int32_t)});
      if (layout_.interpreter.gc_frame != kAbsent) {
        heads.push_back({interpreter.address + layout_.interpreter.gc_frame, kWord});
      }
    }
  }
  // New threads come first in the list. The one that was first is read in every round if it is the only one, and is told.
  const bool is_told = threads_.size() == 1 && interpreters_.size() == 1 &&
                       threads_.front()->plan.thread_state() == interpreters_.front().threads_head;
  reads_threads_head_ = !is_told || options_.is_wanted || options_.holders_only;
  for (const Interpreter& interpreter : interpreters_) {
    if (reads_threads_head_) tail.push_back({interpreter.address + layout_.interpreter.threads_head, kWord});
  }
  reads_generation_ = interpreters_.size() == 1 && layout_.interpreter.code_object_generation != kAbsent;
  if (reads_generation_) {
    tail.push_back({interpreters_.front().address + layout_.interpreter.code_object_generation, kWord});
  }
  heads_ = JoinedRanges(heads);
  heads.push_back({target_.runtime + layout_.runtime.interpreters_head, kWord});
  heads_and_list_ = JoinedRanges(heads);
  tail_ = JoinedRanges(tail);
}

/// What is read first in a round: with the list of interpreters now and then, or always where that costs nothing.
const JoinedRanges& ProcessSampler::HeadsToRead() {
  const int64_t now = MonotonicMicroseconds();
  has_list_ = now >= next_list_us_ || heads_and_list_.ranges().size() == heads_.ranges().size();
  if (has_list_) next_list_us_ = now + kListIntervalUs;
  return has_list_ ? heads_and_list_ : heads_;
}

void ProcessSampler::ParseHeads(const JoinedRanges& heads, const std::byte* bytes) {
  size_t piece = 0;
  const auto next_piece = [&] { return bytes + heads.offset_of(piece++); };
  lists_changed_ = false;
  for (Gil& gil : gils_) {
    if (!reads_gil_) break;
    const std::byte* record = next_piece();
    gil.holder_before = FieldAt<Address>(record, layout_.gil.last_holder);
    gil.switch_before = FieldAt<uint64_t>(record, layout_.gil.switch_number);
    gil.enabled = layout_.gil.enabled == kAbsent || FieldAt<int32_t>(record, layout_.gil.enabled) != 0;
    gil.locked = gil.enabled && FieldAt<int32_t>(record, layout_.gil.locked) == 1;
  }
  if (options_.gc) {
    for (Interpreter& interpreter : interpreters_) {
      interpreter.collecting = FieldAt<int32_t>(next_piece(), 0) != 0;
      interpreter.gc_frame = layout_.interpreter.gc_frame != kAbsent ? FieldAt<Address>(next_piece(), 0) : 0;
    }
  }
  if (has_list_ && FieldAt<Address>(next_piece(), 0) != interpreters_head_) lists_changed_ = true;
}

void ProcessSampler::ParseTail(const std::byte* bytes) {
  size_t piece = 0;
  const auto next_piece = [&] { return bytes + tail_.offset_of(piece++); };
  for (Gil& gil : gils_) {
    gil.steady = false;
    if (!reads_gil_twice_) continue;
    const std::byte* record = next_piece();
    gil.steady = FieldAt<Address>(record, layout_.gil.last_holder) == gil.holder_before &&
                 FieldAt<uint64_t>(record, layout_.gil.switch_number) == gil.switch_before;
  }
  for (const Interpreter& interpreter : interpreters_) {
    if (reads_threads_head_ && FieldAt<Address>(next_piece(), 0) != interpreter.threads_head) lists_changed_ = true;
  }
  generation_before_ = generation_;
  // It starts at 0, which stands for "unknown" here.
  if (reads_generation_) generation_ = FieldAt<uint64_t>(next_piece(), 0) + 1;
}

RoundOutcome ProcessSampler::CopyPending(bool heads) {
  ++pass_;
  if (!heads && IsOutOfTime()) {
    for (SampledThread* thread : pending_) GiveUp(thread);
    pending_.clear();
    return RoundOutcome::kSampled;
  }
  ReadPace& pace = heads ? first_pace_ : retry_pace_;
  size_t next = 0;
  bool complete = false;
  while (!complete) {
    ranges_.clear();
    sizes_.clear();
    const auto append = [this](const JoinedRanges& joined) {
      ranges_.insert(ranges_.end(), joined.ranges().begin(), joined.ranges().end());
      return joined.bytes();
    };
    const JoinedRanges* first = heads ? &HeadsToRead() : nullptr;
    const size_t head_bytes = first != nullptr ? append(*first) : 0;
    size_t total = head_bytes;
    for (size_t i = next; i < pending_.size(); ++i) {
      if (total > kMaxPassBytes) {
        // The rest is for a pass of its own.
        again_.insert(again_.end(), pending_.begin() + static_cast<std::ptrdiff_t>(i), pending_.end());
        pending_.resize(i);
        break;
      }
      sizes_.push_back(pending_[i]->plan.AppendRanges(&ranges_));
      total += sizes_.back();
    }
    total += append(tail_);
    const size_t ahead = codes_.AppendSignatures(codes_ahead_, &ranges_);
    if (bytes_.size() < total + ahead) bytes_.resize(total + ahead);
    const int64_t begin = MonotonicNanoseconds();
    const ReadOutcome outcome = memory_.ReadRanges(ranges_, bytes_.data());
    interrupted_ = pace.WasInterrupted(ranges_.size(), total + ahead, MonotonicNanoseconds() - begin) && memory_.is_live();
    if (outcome.sys_errno == ESRCH) return RoundOutcome::kGone;
    if (outcome.bytes < head_bytes) return RoundOutcome::kLost;
    if (heads) {
      ParseHeads(*first, bytes_.data());
      if (lists_changed_ && !takes_any_list_) return RoundOutcome::kSampled;
      heads = false;
    }

    size_t offset = head_bytes;
    size_t read = 0;
    for (; next < pending_.size() && outcome.bytes >= offset + sizes_[read]; ++next, ++read) {
      if (IsOutOfTime()) {
        GiveUp(pending_[next]);
      } else {
        Examine(pending_[next], bytes_.data() + offset);
      }
      offset += sizes_[read];
    }
    if (next < pending_.size()) {
      // This thread's memory ended the read: a chunk was unmapped, or the thread state itself.
      SampledThread* thread = pending_[next++];
      ForgetFrames(thread);
      if (!Learn(thread)) {
        DropThread(thread);
      } else if (!TryAgain(thread, Reason::kUnreadable)) {
        AddCandidate(thread, Finding::kOuter, {});
      }
    } else if (outcome.bytes >= total) {
      ParseTail(bytes_.data() + offset);
      codes_.Compare(codes_ahead_, bytes_.data() + total, outcome.bytes - total, pass_);
      complete = true;
    } else {
      return RoundOutcome::kLost;
    }
  }
  pending_.clear();
  return RoundOutcome::kSampled;
}

/// A thread state that is not what it was has been freed: the thread is not reported any more.
void ProcessSampler::DropThread(SampledThread* thread) {
  ++reasons_[static_cast<size_t>(Reason::kThreadGone)];
  thread->has_sample = false;
  rescan_due_ = true;
}

void ProcessSampler::GiveUp(SampledThread* thread) {
  ++reasons_[static_cast<size_t>(Reason::kTooMuch)];
  AddCandidate(thread, Finding::kOuter, {});
}

void ProcessSampler::ForgetFrames(SampledThread* thread) {
  planned_ -= thread->plan.size();
  thread->plan.ForgetFrames();
  planned_ += thread->plan.size();
}

bool ProcessSampler::TryAgain(SampledThread* thread, Reason reason, Finding finding) {
  ++reasons_[static_cast<size_t>(reason)];
  const bool is_torn = reason != Reason::kMoved && reason != Reason::kNewCode && reason != Reason::kCodeChanged &&
                       reason != Reason::kUnreadable && reason != Reason::kInterrupted;
  ++thread->attempts;
  if (is_torn) ++thread->torn;
  const bool is_known = finding != Finding::kOuter || !thread->between.empty();
  const int torn_retries = torn_retries_ + (is_known ? 0 : kFurtherRetries);
  if (thread->torn > torn_retries || thread->attempts > torn_retries + kLearningAttempts) return false;
  if (IsOutOfTime()) return false;
  again_.push_back(thread);
  return true;
}

void ProcessSampler::AddCandidate(SampledThread* thread, Finding finding, const std::vector<WalkedFrame>& frames,
                                  bool is_reserve) {
  if (candidate_count_ == candidates_.size()) candidates_.emplace_back();
  Candidate& candidate = candidates_[candidate_count_++];
  candidate.thread = thread;
  candidate.finding = finding;
  candidate.interrupted = interrupted_;
  candidate.is_reserve = is_reserve;
  candidate.frames.assign(frames.begin(), frames.end());
}

/// Walks a copy. Where its innermost frames were not planned, they are looked at once more: those that have returned by now
/// leave their caller innermost, as it was when they returned.
WalkResult ProcessSampler::Walk(StackCopy* copy, std::vector<WalkedFrame>* frames) {
  const WalkResult result = WalkStack(layout_, *copy, frames);
  if (result.ok || result.reason != Reason::kMoved || layout_.frame_model != FrameModel::kHeapFrames) return result;
  CopySearch search(*copy);
  std::array<std::byte, 256> frame;
  const auto size = static_cast<size_t>(layout_.frame.size);
  for (int depth = 0; depth < kMaxUnplannedFrames && search.Find(copy->top, size) == nullptr; ++depth) {
    if (size > frame.size() || !memory_.Read(copy->top, frame.data(), size)) return result;
    if (IsRunningHeapFrame(layout_, frame.data())) return result;
    const auto caller = FieldAt<Address>(frame.data(), layout_.frame.previous);
    // A suspended generator leads nowhere. That says nothing of the stack it ran on.
    if (caller == 0) return result;
    copy->top = caller;
  }
  return WalkStack(layout_, *copy, frames);
}

void ProcessSampler::Examine(SampledThread* thread, const std::byte* bytes) {
  const ThreadPlan::Fit fit = thread->plan.Interpret(bytes, &first_copy_, &second_copy_);
  if (thread->plan.interpreter() != thread->interpreter || thread->plan.thread_id() != thread->ident ||
      thread->plan.native_thread_id() != thread->native_id) {
    DropThread(thread);
    return;
  }
  if (!reads_threads_head_ && thread->plan.previous() != 0) lists_changed_ = true;
  if (fit != ThreadPlan::Fit::kFits) {
    if (fit == ThreadPlan::Fit::kMoved) Learn(thread);
    if (!TryAgain(thread, Reason::kMoved)) AddCandidate(thread, Finding::kOuter, {});
    return;
  }

  const WalkResult first = Walk(&first_copy_, &first_walk_);
  const WalkResult second = first.ok && layout_.frame_model != FrameModel::kHeapFrames
                                ? WalkAgain(layout_, first_copy_, first_walk_, second_copy_, &second_walk_)
                                : Walk(&second_copy_, &second_walk_);
  thread->plan.NoteUse(first.ok ? first_copy_ : second_copy_);
  const bool is_planned = thread->plan.IsSandwiched(first_walk_) && thread->plan.IsSandwiched(second_walk_);
  Finding finding = is_planned ? Judge(first, second) : Finding::kOuter;
  if (finding == Finding::kOuter) finding = FindLiveFrames(*thread);
  if (finding == Finding::kWhole) {
    // The stack of a thread state that has just been freed looks empty.
    if (live_.empty() && !thread->stack.empty()) rescan_due_ = true;
    if (options_.entries) thread->is_entering = MarkEntries(layout_, first_copy_, &live_);
    AddCandidate(thread, finding, live_);
    return;
  }
  Reason reason = Reason::kTorn;
  if (!first.ok) {
    reason = first.reason;
  } else if (!second.ok) {
    reason = second.reason;
  } else if (!is_planned) {
    reason = Reason::kMoved;
  }
  if (reason == Reason::kTooDeep) ForgetFrames(thread);
  if (layout_.frame_model == FrameModel::kHeapFrames) {
    LearnHeapFrames(thread);
  } else if (reason == Reason::kMoved) {
    Learn(thread, first.ok ? &second_copy_ : &first_copy_);
  }
  const bool is_last = !TryAgain(thread, reason, finding);
  if (is_last || finding == Finding::kBetween) AddCandidate(thread, finding, live_, !is_last);
}

/// What both copies say of the stack, into `live_`.
Finding ProcessSampler::Judge(const WalkResult& first, const WalkResult& second) {
  if (first.ok && second.ok) {
    const Agreement agreement = CompareWalks(first_walk_, second_walk_);
    if (agreement.exact) {
      TakeAgreed(layout_, agreement, first_walk_, second_walk_, &live_);
      return Finding::kWhole;
    }
  }
  // Before 3.11 the copies are mixed, so that each frame is read around its caller; a walk through one of them is not a copy.
  if (layout_.frame_model == FrameModel::kHeapFrames) return Finding::kOuter;
  Finding finding = Finding::kOuter;
  if (second.ok) finding = CompareWithCopy(layout_, second_walk_, second_copy_, first_copy_, false, &live_);
  if (finding == Finding::kOuter && first.ok) {
    finding = CompareWithCopy(layout_, first_walk_, first_copy_, second_copy_, true, &live_);
  }
  return finding;
}

/// The outer frames that both copies show as live, into `live_`.
Finding ProcessSampler::FindLiveFrames(const SampledThread& thread) {
  if (layout_.frame_model == FrameModel::kHeapFrames) {
    const bool is_innermost = FindLiveHeapFrames(layout_, first_copy_, second_copy_, thread.plan.is_fresh(), &live_);
    return is_innermost ? Finding::kBetween : Finding::kOuter;
  }
  const auto frame_size = [this](Address code) -> size_t {
    const CachedCode* known = codes_.Find(code);
    return known != nullptr ? known->info.frame_size_words * kWord : 0;
  };
  return FindLiveChunkFrames(layout_, first_copy_, second_copy_, frame_size, &live_) ? Finding::kBetween : Finding::kOuter;
}

/// Whether the entry is known for the code object that a frame of this pass has.
///
/// The generation of 3.14 and later grows with each code object that is destroyed, before its memory is given back. An entry that a
/// living frame had when its signature was compared, after the generation was read, is what the frames found now have if the
/// generation, read after them, is the same. Without such a frame this does not follow: the code object could have been destroyed
/// already when the generation was read, and its memory still hold all it had.
bool ProcessSampler::IsChecked(const CachedCode& code) const {
  return code.checked_pass == pass_ || (generation_ != 0 && code.living_generation == generation_);
}

/// Turns the walked frames of this pass into frames with names and lines. A frame holds its code object alive; one whose
/// signature is still the cached one after the copies was the cached one when they were made.
void ProcessSampler::ResolveCandidates() {
  codes_to_check_.clear();
  codes_ahead_.clear();
  for (size_t i = 0; i < candidate_count_; ++i) FindCodes(&candidates_[i]);
  codes_.Check(memory_, codes_to_check_, pass_);
  for (size_t i = 0; i < candidate_count_; ++i) {
    if (candidates_[i].is_reserve) {
      KeepInReserve(candidates_[i]);
    } else {
      Resolve(candidates_[i]);
    }
    // Deep stacks now of this thread, now of that must not add up.
    if (i >= kRoomyCandidates && candidates_[i].frames.capacity() > kUsualFrames) {
      candidates_[i].frames = std::vector<WalkedFrame>();
      candidates_[i].codes = std::vector<CachedCode*>();
    }
  }
  candidate_count_ = 0;
  if (generation_ == 0) return;
  std::erase_if(codes_ahead_, [this](Address code) {
    const CachedCode* entry = codes_.Find(code);
    return entry == nullptr || entry->living_generation == generation_;
  });
}

/// Finds what is known of the codes of a stack, and notes those to be compared with memory.
void ProcessSampler::FindCodes(Candidate* candidate) {
  const std::vector<WalkedFrame>& frames = candidate->frames;
  const SampledThread& thread = *candidate->thread;
  const size_t comparable = thread.shown_clears == codes_.clears() ? std::min(thread.shown.size(), frames.size()) : 0;
  size_t depth = 0;
  while (depth < comparable && thread.shown[depth].walked.IsSame(frames[frames.size() - 1 - depth])) ++depth;
  candidate->unchanged = depth;
  candidate->codes.resize(frames.size());
  for (size_t i = frames.size(); i-- > 0;) {
    const size_t at_depth = frames.size() - 1 - i;
    CachedCode* code = at_depth < depth ? thread.shown[at_depth].code : codes_.Find(frames[i].code);
    candidate->codes[i] = code;
    if (code == nullptr || code->queued_pass == pass_) continue;
    code->queued_pass = pass_;
    if (codes_ahead_.size() < kMaxCodesAhead) codes_ahead_.push_back(frames[i].code);
    if (!IsChecked(*code)) codes_to_check_.push_back(frames[i].code);
  }
}

/// Notes whether the frame that a collection of garbage began in is among those resolved last.
void ProcessSampler::NoteCollector(SampledThread* thread) {
  for (const Interpreter& interpreter : interpreters_) {
    if (interpreter.address != thread->interpreter || interpreter.gc_frame == 0) continue;
    const bool found = std::any_of(resolved_.begin(), resolved_.end(),
                                   [&](const ShownFrame& frame) { return frame.walked.frame == interpreter.gc_frame; });
    thread->gc_frame = found ? interpreter.gc_frame : 0;
  }
}

ProcessSampler::Missing ProcessSampler::ReadMissingCodes(const Candidate& candidate) {
  Missing missing;
  size_t filled = 0;
  for (size_t i = 0; i < candidate.frames.size(); ++i) {
    const Address address = candidate.frames[i].code;
    CachedCode* code = candidate.codes[i];
    if (code != nullptr && IsChecked(*code) && (code->confirmed || codes_.Confirm(memory_, address, code))) continue;
    if (code == nullptr) missing.is_new = true;
    missing.any = true;
    if (++filled % kFramesBetweenLooks == 0 && IsOutOfTime()) break;
    if (code == nullptr || !IsChecked(*code)) codes_.Fill(memory_, address);
  }
  return missing;
}

ProcessSampler::Resolution ProcessSampler::ResolveFrames(const Candidate& candidate, bool ends_at_return) {
  const std::vector<WalkedFrame>& frames = candidate.frames;
  resolved_.clear();
  for (size_t depth = 0; depth < frames.size(); ++depth) {
    const size_t i = frames.size() - 1 - depth;
    CachedCode* code = candidate.codes[i];
    if (i % kFramesBetweenLooks == kFramesBetweenLooks - 1 && IsOutOfTime()) {
      ++reasons_[static_cast<size_t>(Reason::kTooMuch)];
      return Resolution::kOuter;
    }
    if (code == nullptr || !IsChecked(*code) || !code->confirmed) return Resolution::kOuter;
    const bool is_as_before = IsShownAsBefore(candidate, depth);
    const Address expected = resolved_.empty() ? 0 : resolved_.back().next;
    const auto shown =
        is_as_before ? std::optional(candidate.thread->shown[depth]) : ResolveFrame(frames[i], code, expected);
    if (!shown) return Resolution::kBadFrame;
    if (ends_at_return && shown->is_at_return) return Resolution::kOuter;
    resolved_.push_back(*shown);
    // One frame may be called by Python now and by C the next time.
    resolved_.back().walked.is_entry = frames[i].is_entry;
  }
  return Resolution::kAll;
}

/// Keeps a stack that was there between two copies. Its code objects are checked now: later, others could be where they were.
void ProcessSampler::KeepInReserve(const Candidate& candidate) {
  SampledThread* thread = candidate.thread;
  if (ReadMissingCodes(candidate).any || candidate.interrupted || HasReturnedFrame(candidate)) return;
  if (ResolveFrames(candidate, /*ends_at_return=*/false) != Resolution::kAll) return;
  if (std::none_of(resolved_.begin(), resolved_.end(), [](const ShownFrame& frame) { return frame.is_shown; })) return;
  shown_ -= thread->between.capacity();
  if (shown_ + resolved_.size() > kMaxShown) {
    thread->between = std::vector<ShownFrame>();
  } else {
    thread->between.assign(resolved_.begin(), resolved_.end());
    thread->between_clears = codes_.clears();
  }
  shown_ += thread->between.capacity();
}

/// Makes what was kept the frames resolved last.
bool ProcessSampler::TakeReserve(SampledThread* thread) {
  if (thread->between.empty() || thread->between_clears != codes_.clears()) return false;
  resolved_.assign(thread->between.begin(), thread->between.end());
  return true;
}

void ProcessSampler::Resolve(const Candidate& candidate) {
  SampledThread* thread = candidate.thread;
  const std::vector<WalkedFrame>& frames = candidate.frames;
  const Missing missing = ReadMissingCodes(candidate);
  if (missing.any && TryAgain(thread, missing.is_new ? Reason::kNewCode : Reason::kCodeChanged)) return;

  // What is equal in both copies is almost always true; what has a reason to be equal and false must be found once more.
  const auto doubt = [&]() -> std::optional<Reason> {
    if (candidate.interrupted) return Reason::kInterrupted;
    return HasReturnedFrame(candidate) ? std::optional(Reason::kReturned) : std::nullopt;
  }();
  bool whole = candidate.finding == Finding::kWhole;
  bool between = candidate.finding == Finding::kBetween;
  if (whole && doubt && !IsConfirmed(candidate)) {
    thread->doubtful = frames;
    if (TryAgain(thread, *doubt)) return;
    whole = false;
  }
  if (doubt) between = false;
  const bool cut_at_return = doubt && !whole;

  if (frames_in_round_ + frames.size() > kMaxFramesInRound) {
    ++reasons_[static_cast<size_t>(Reason::kTooMuch)];
    resolved_.clear();
    Show(thread);
    thread->has_sample = true;
    thread->settled = false;
    thread->quality = Quality::kInvalid;
    return;
  }
  frames_in_round_ += frames.size();
  const Resolution resolution = ResolveFrames(candidate, cut_at_return);
  if (resolution == Resolution::kBadFrame && TryAgain(thread, Reason::kBadFrame)) return;
  if (resolution != Resolution::kAll) whole = between = false;
  if (!whole && !between && TakeReserve(thread)) between = true;
  Show(thread);
  const bool is_empty = thread->stack.empty();
  thread->has_sample = true;
  thread->settled = whole;
  if (options_.gc) NoteCollector(thread);
  if (whole) {
    NoteLiving();
    thread->quality = thread->attempts == 0 ? Quality::kExact : Quality::kRetried;
  } else if (between && !is_empty) {
    thread->quality = Quality::kBetween;
  } else {
    thread->quality = is_empty ? Quality::kInvalid : Quality::kCut;
  }
}

/// Makes the frames resolved last the stack of a thread.
void ProcessSampler::Show(SampledThread* thread) {
  thread->shown_clears = codes_.clears();
  thread->frames.clear();
  thread->stack.clear();
  for (const ShownFrame& frame : resolved_) {
    if (!frame.is_shown) continue;
    thread->stack.push_back(frame.id);
    if (options_.frames) thread->frames.push_back(frame.walked);
  }
  if (thread->stack.empty()) thread->stack = std::vector<FrameId>();  // gives its memory back
  shown_ -= thread->shown.capacity();
  if (resolved_.empty() || shown_ + resolved_.size() > kMaxShown) {
    thread->shown = std::vector<ShownFrame>();
  } else {
    thread->shown.assign(resolved_.begin(), resolved_.end());
  }
  shown_ += thread->shown.capacity();
}

/// Notes that the codes of the frames resolved last lived when the stack was copied.
void ProcessSampler::NoteLiving() {
  if (generation_before_ == 0) return;
  for (const ShownFrame& frame : resolved_) {
    if (frame.code->checked_pass == pass_) frame.code->living_generation = generation_before_;
  }
}

/// Whether a frame, counted from the outermost, is what it was when the thread was shown last.
bool ProcessSampler::IsShownAsBefore(const Candidate& candidate, size_t depth) const {
  if (depth >= candidate.unchanged) return false;
  const ShownFrame& shown = candidate.thread->shown[depth];
  // Threads' copies of the bytecode come and go.
  return shown.fills == shown.code->fills && shown.walked.code_copy == 0;
}

bool ProcessSampler::IsConfirmed(const Candidate& candidate) const {
  const std::vector<WalkedFrame>& before = candidate.thread->doubtful;
  if (before.size() != candidate.frames.size() || before.empty()) return false;
  for (size_t i = 0; i < before.size(); ++i) {
    const bool same = i == 0 ? before[i].SameActivation(candidate.frames[i]) : before[i] == candidate.frames[i];
    if (!same) return false;
  }
  return true;
}

/// Whether a frame may have returned: it keeps its last instruction after it has been popped, and memory keeps the frame until another
/// call takes its place. A return instruction calls nothing, except a tracing function.
bool ProcessSampler::IsAtReturn(const WalkedFrame& frame, const CachedCode& code) const {
  if (return_opcodes_.empty() || frame.owner != kOwnedByThread) return false;
  const int64_t offset = InstructionOffset(frame);
  if (offset < 0 || offset >= static_cast<int64_t>(code.instructions.size())) return false;
  const auto opcode = static_cast<uint8_t>(code.instructions[offset]);
  return std::find(return_opcodes_.begin(), return_opcodes_.end(), opcode) != return_opcodes_.end();
}

bool ProcessSampler::HasReturnedFrame(const Candidate& candidate) const {
  for (size_t i = 0; i < candidate.frames.size(); ++i) {
    const CachedCode* code = candidate.codes[i];
    const size_t depth = candidate.frames.size() - 1 - i;
    if (code == nullptr) continue;
    const bool is_at_return = IsShownAsBefore(candidate, depth) ? candidate.thread->shown[depth].is_at_return
                                                                : IsAtReturn(candidate.frames[i], *code);
    if (is_at_return) return true;
  }
  return false;
}

/// What is shown of one frame. Nothing when no live frame can look like this. `expected` is where it has to lie, if on the data stack,
/// or 0.
std::optional<ShownFrame> ProcessSampler::ResolveFrame(const WalkedFrame& frame, CachedCode* code, Address expected) {
  const CodeInfo& info = code->info;
  ShownFrame shown{.walked = frame, .code = code, .fills = code->fills, .is_at_return = IsAtReturn(frame, *code)};
  const int64_t offset =
      frame.code_copy == 0
          ? InstructionOffset(frame)
          : codes_.OffsetInCopy(memory_, frame.code, code, frame.code_copy, frame.instruction).value_or(kNoOffset);
  const bool on_heap = layout_.frame_model == FrameModel::kHeapFrames;
  const bool in_code = offset >= -2 && (info.code_bytes == 0 || offset < static_cast<int64_t>(info.code_bytes));
  if (!on_heap && !in_code) return std::nullopt;

  // Frames of the data stack lie back to back, except where a new chunk begins.
  shown.next = expected;
  if (!on_heap && frame.in_chunk && frame.owner != kOwnedByGenerator) {
    const size_t in_page = frame.frame & kPageMask;
    const bool begins_chunk = in_page == 24 || in_page == 32;
    if (expected != 0 && frame.frame != expected && !begins_chunk) return std::nullopt;
    shown.next = info.frame_size_words != 0 ? frame.frame + kWord * info.frame_size_words : 0;
  }
  // A frame that has not reached its first traceable instruction is not on the stack yet for Python code; neither is
  // the trampoline through which specialised calls of classes go (3.13 and later).
  shown.is_shown =
      on_heap || frame.owner == kOwnedByGenerator || offset >= static_cast<int64_t>(info.first_traceable_bytes);
  if (shown.is_shown) shown.id = codes_.FrameAt(code, offset);
  return shown;
}

int64_t ProcessSampler::InstructionOffset(const WalkedFrame& frame) const {
  if (layout_.frame_model != FrameModel::kHeapFrames) {
    return static_cast<int64_t>(frame.instruction - (frame.code + layout_.code.code_adaptive));
  }
  return static_cast<int64_t>(frame.instruction) * layout_.frame.last_instruction_unit;
}

}  // namespace austin
