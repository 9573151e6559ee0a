#include "sampler/mojo_recorder.h"

#include <algorithm>
#include <set>

namespace austin {

namespace {

/// Keys 0 and 1 have meanings of their own.
constexpr uint64_t kFirstKey = 2;

std::string Hex(uint64_t value) {
  char digits[17];
  const int length = snprintf(digits, sizeof(digits), "%lx", static_cast<unsigned long>(value));
  return {digits, static_cast<size_t>(length)};
}

}  // namespace

RecordedStack StackOf(const SampledThread& thread) {
  return {.iid = thread.iid,
          .tid = thread.tid,
          .frames = thread.shown_stack(),
          .kernel = {},
          .is_whole = thread.quality != Quality::kCut && thread.quality != Quality::kInvalid};
}

std::string ThreadKey(std::string_view what, pid_t pid, const SampledThread& thread) {
  std::string key(what);
  key += ':' + std::to_string(pid) + ':' + std::to_string(thread.iid) + ':' + Hex(thread.tid);
  return key;
}

void MojoRecorder::Forget() {
  epoch_ = frames_.epoch();
  defined_.clear();
  last_.clear();
}

void MojoRecorder::Sample(pid_t pid, const RecordedStack& stack, const SampleMetrics& metrics) {
  if (epoch_ != frames_.epoch()) Forget();
  writer_.Stack(pid, stack.iid, stack.tid);
  LastSample& last = last_[{pid, stack.tid}];
  const bool is_repeat = stack.is_whole && stack.kernel.empty() && last.repeatable && last.iid == stack.iid &&
                         std::equal(last.stack.begin(), last.stack.end(), stack.frames.begin(), stack.frames.end());
  if (is_repeat) {
    writer_.StackRepeat();
  } else {
    if (!stack.is_whole) writer_.FrameInvalid();
    Defined& defined = defined_[pid];
    for (const FrameId frame : stack.frames) Define(&defined, frame);
    for (const FrameId frame : stack.frames) writer_.FrameReference(frame + kFirstKey);
    for (const std::string& function : stack.kernel) writer_.FrameKernel(function);
    if (stack.frames.empty()) {
      last.stack = std::vector<FrameId>();  // gives its memory back
    } else {
      last.stack.assign(stack.frames.begin(), stack.frames.end());
    }
    // Readers differ in what they take for the thread's stack after one that was not whole, and they strip what they take
    // for native frames; a stack that some reader could misjudge is written out each time.
    last.iid = stack.iid;
    last.repeatable =
        repeats_ && stack.is_whole && stack.kernel.empty() && !last.stack.empty() &&
        std::all_of(last.stack.begin(), last.stack.end(), [&](FrameId frame) { return defined.frames[frame] == kPython; });
  }
  if (metrics.is_collecting) writer_.Gc();
  if (metrics.time_us) writer_.MetricTime(*metrics.time_us);
  if (metrics.is_idle) writer_.Idle();
  if (metrics.memory) writer_.MetricMemory(*metrics.memory);
}

void MojoRecorder::Define(Defined* defined, FrameId id) {
  if (defined->frames.size() <= id) defined->frames.resize(frames_.frame_count());
  if (defined->frames[id] != kUndefined) return;
  defined->frames[id] = LooksLikePython(id) ? kPython : kOther;
  const FrameTable::Frame& frame = frames_.frame(id);
  const uint64_t file = DefineString(defined, frame.file);
  const uint64_t name = DefineString(defined, frame.name);
  const Position& at = frame.position;
  writer_.FrameDefinition(id + kFirstKey, file, name, at.line, at.line_end, at.column, at.column_end);
}

uint64_t MojoRecorder::DefineString(Defined* defined, StringId id) {
  if (defined->strings.size() <= id) defined->strings.resize(frames_.string_count());
  if (!defined->strings[id]) {
    defined->strings[id] = true;
    writer_.StringDefinition(id + kFirstKey, frames_.string(id));
  }
  return id + kFirstKey;
}

bool MojoRecorder::LooksLikePython(FrameId frame) const {
  const std::string& file = frames_.string(frames_.frame(frame).file);
  return file.ends_with(".py") || (file.starts_with('<') && file.ends_with('>'));
}

void MojoRecorder::ForgetOtherThreads(pid_t pid, const std::vector<std::unique_ptr<SampledThread>>& threads) {
  std::set<LastKey> living;
  for (const auto& thread : threads) living.insert({pid, thread->tid});
  std::erase_if(last_, [&](const auto& entry) {
    return entry.first.first == pid && !living.contains(entry.first);
  });
}

void MojoRecorder::ForgetProcess(pid_t pid) {
  ForgetOtherThreads(pid, {});
  defined_.erase(pid);
}

}  // namespace austin
