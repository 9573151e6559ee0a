#include "sampler/stack_joiner.h"

#include <algorithm>
#include <utility>

#include "sampler/clock.h"

namespace austin {

namespace {

/// Code that belongs to no known module makes the mappings be read again, this often at most: code made at run time never does.
constexpr int64_t kRefreshIntervalNs = 20'000'000;

/// No library is unloaded, and another loaded to its place, within this time.
constexpr int64_t kFreshNs = 5'000'000;

/// While an instruction runs, the loop keeps its address or one behind it: the instruction itself takes 2 bytes, and its inline caches
/// up to 20 (LOAD_ATTR of 3.12 has nine of 2 bytes).
constexpr uint64_t kMostBehind = 22;

}  // namespace

StackJoiner::StackJoiner(const Target& target, MemoryReader* memory, std::shared_ptr<ModuleFiles> files)
    : target_(target), modules_(target.pid, memory, std::move(files)), unwinder_(&modules_) {
  RefreshModules();
}

bool StackJoiner::RefreshModules() {
  const int64_t now = MonotonicNanoseconds();
  if (now < refresh_due_ns_) return false;
  refresh_due_ns_ = now + kRefreshIntervalNs;
  const bool has_changed = modules_.Refresh();
  if (has_changed || loop_generation_ != modules_.generation()) {
    loop_ = InterpreterLoop::Find(modules_, target_);
    loop_generation_ = modules_.generation();
  }
  return has_changed;
}

void StackJoiner::Unwind(const NativeCopy& copy) {
  is_fresh_ = true;
  end_ = unwinder_.Unwind(copy.registers, copy.stack, &frames_);
  if (end_ != UnwindEnd::kNotMapped) return;
  // Libraries that were loaded before the copy was made, unless that is so long ago that it could have been others.
  const bool has_changed = RefreshModules();
  is_fresh_ = MonotonicNanoseconds() - copy.taken_ns < kFreshNs;
  if (has_changed && is_fresh_) end_ = unwinder_.Unwind(copy.registers, copy.stack, &frames_);
}

void StackJoiner::FindLoops() {
  loops_.clear();
  for (size_t i = 0; i < frames_.size();) {
    const size_t count = loop_.ActivationAt(frames_, i);
    if (count != 0) loops_.push_back({i, count});
    i += std::max<size_t>(count, 1);
  }
}

Address StackJoiner::InstructionOf(const ShownFrame& frame) const {
  const Layout& layout = target_.layout;
  if (layout.frame_model != FrameModel::kHeapFrames) return frame.walked.instruction;
  const Address code = frame.code != nullptr ? frame.code->info.signature.instructions : 0;
  if (code == 0) return 0;
  return code + layout.bytes.data + static_cast<uint64_t>(static_cast<int32_t>(frame.walked.instruction) * layout.frame.last_instruction_unit);
}

/// Returns how many of the Python frames are shown.
size_t StackJoiner::ListPython(const SampledThread& sampled) {
  python_.clear();
  runs_.clear();
  uint32_t place = 0;
  for (const ShownFrame& frame : sampled.shown) {
    runs_.push_back({.is_entry = frame.walked.is_entry});
    python_.push_back({.frame = frame.walked.frame,
                       .instruction = InstructionOf(frame),
                       .place = frame.is_shown ? std::optional(place++) : std::nullopt});
  }
  return place;
}

/// Whether an activation of the loop keeps a word that matches: in the registers that calls preserve, or in its part of the stack.
template <typename Matches>
bool StackJoiner::Keeps(const LoopActivation& loop, const StackMemory& stack, Matches matches) const {
  const NativeFrame& outer = frames_[loop.first + loop.count - 1];
  for (size_t i = loop.first; i < loop.first + loop.count; ++i) {
    const UnwindRegisters& registers = frames_[i].registers;
    for (unsigned number = 0; number < Architecture::kRegisterCount; ++number) {
      if (registers.Has(number) && matches(registers.value[number])) return true;
    }
  }
  const Address end = std::min<Address>(outer.cfa, stack.start + stack.bytes.size());
  for (Address at = (frames_[loop.first].registers.sp() + 7) & ~Address{7}; at + 8 <= end; at += 8) {
    uint64_t word = 0;
    if (stack.Read(at, &word) && matches(word)) return true;
  }
  return false;
}

/// Whether an activation of the loop runs this Python frame. If it may have gone on since, the same frame may have become another call's;
/// so it has to be at the same instruction.
bool StackJoiner::Holds(const LoopActivation& loop, const PythonFrame& python, const NativeCopy& copy) const {
  if (!Keeps(loop, copy.stack, [&](uint64_t word) { return word == python.frame; })) return false;
  return copy.is_same_moment || (python.instruction != 0 && Keeps(loop, copy.stack, [&](uint64_t word) {
           return word - python.instruction <= kMostBehind;
         }));
}

MergeResult StackJoiner::MergeAll(const SampledThread& sampled, const NativeCopy& copy) const {
  return Merge({.python = runs_,
                .is_entering = sampled.is_entering,
                .native_end = frames_.size(),
                .loops = loops_,
                .is_complete = end_ == UnwindEnd::kOutermost,
                .must_prove = !copy.is_same_moment,
                .holds = [&](size_t loop, size_t frame) { return Holds(loops_[loop], python_[frame], copy); }});
}

/// Joins a Python stack with the activations that prove to be its own. They follow one another; the native functions inside of them
/// up to another stack's belong to it, and those outside of them.
MergeResult StackJoiner::MergeOwn(const SampledThread& sampled, const NativeCopy& copy) const {
  const auto own = static_cast<size_t>(std::count_if(runs_.begin(), runs_.end(), [](const MergeFrame& run) { return run.is_entry; }));
  for (size_t first = 0; own != 0 && first + own <= loops_.size(); ++first) {
    const size_t end = first + own;
    const LoopActivation* const inner = first == 0 ? nullptr : &loops_[first - 1];
    const bool is_outermost = end == loops_.size();
    MergeResult result =
        Merge({.python = runs_,
               .is_entering = sampled.is_entering,
               .native_begin = inner == nullptr ? 0 : inner->first + inner->count,
               .native_end = is_outermost ? frames_.size() : loops_[end].first,
               .loops = std::span(loops_).subspan(first, own),
               .is_complete = !is_outermost || end_ == UnwindEnd::kOutermost,
               .must_prove = true,
               .holds = [&](size_t loop, size_t frame) { return Holds(loops_[first + loop], python_[frame], copy); }});
    if (result.outcome != NativeOutcome::kDisagreed) return result;
  }
  MergeResult alone;
  for (uint32_t i = 0; i < runs_.size(); ++i) alone.frames.push_back({.is_native = false, .index = i});
  return alone;
}

JoinedStack StackJoiner::Join(const SampledThread& sampled, const NativeCopy& copy, bool may_be_shared) {
  Unwind(copy);
  FindLoops();
  const size_t shown = ListPython(sampled);
  MergeResult result;
  if (sampled.settled && shown == sampled.stack.size()) {
    result = may_be_shared ? MergeOwn(sampled, copy) : MergeAll(sampled, copy);
  }
  JoinedStack joined{.outcome = result.outcome, .has_gap = result.has_gap, .calls = {}, .merged = {}};
  if (result.outcome == NativeOutcome::kDisagreed) {
    for (uint32_t i = 0; i < sampled.stack.size(); ++i) joined.merged.push_back({.is_native = false, .index = i});
    return joined;
  }
  for (const NativeFrame& frame : frames_) joined.calls.push_back({frame.pc, frame.is_exact});
  if (end_ == UnwindEnd::kNotMapped && !is_fresh_ && !joined.calls.empty()) joined.calls.back().is_known = false;
  for (const MergedFrame& frame : result.frames) {
    if (frame.is_native) {
      joined.merged.push_back(frame);
    } else if (const auto place = python_[frame.index].place) {
      joined.merged.push_back({.is_native = false, .index = *place});
    }
  }
  return joined;
}

}  // namespace austin
