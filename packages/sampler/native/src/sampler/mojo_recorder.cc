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

void MojoRecorder::Forget() {
  epoch_ = frames_.epoch();
  defined_.clear();
  last_.clear();
}

void MojoRecorder::Sample(pid_t pid, const SampledThread& thread, const SampleMetrics& metrics) {
  const std::vector<FrameId>& stack = thread.shown_stack();
  if (epoch_ != frames_.epoch()) Forget();
  writer_.Stack(pid, thread.iid, thread.tid);
  LastSample& last = last_[{pid, thread.tid}];
  const bool is_whole = thread.quality != Quality::kCut && thread.quality != Quality::kInvalid;
  if (is_whole && last.repeatable && last.iid == thread.iid && last.stack == stack) {
    writer_.StackRepeat();
  } else {
    if (!is_whole) writer_.FrameInvalid();
    Defined& defined = defined_[pid];
    for (const FrameId frame : stack) Define(&defined, frame);
    for (const FrameId frame : stack) writer_.FrameReference(frame + kFirstKey);
    if (stack.empty()) {
      last.stack = std::vector<FrameId>();  // gives its memory back
    } else {
      last.stack = stack;
    }
    // Readers differ in what they take for the thread's stack after one that was not whole, and they strip what they take
    // for native frames; a stack that some reader could misjudge is written out each time.
    last.iid = thread.iid;
    last.repeatable =
        repeats_ && is_whole && !last.stack.empty() &&
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

void MojoRecorder::ThreadMetadata(std::string_view what, pid_t pid, const SampledThread& thread,
                                  std::string_view value) {
  std::string key(what);
  key += ':' + std::to_string(pid) + ':' + std::to_string(thread.iid) + ':' + Hex(thread.tid);
  writer_.Metadata(key, value);
}

void MojoRecorder::ForgetOtherThreads(pid_t pid, const std::vector<std::unique_ptr<SampledThread>>& threads) {
  std::set<ThreadKey> living;
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
