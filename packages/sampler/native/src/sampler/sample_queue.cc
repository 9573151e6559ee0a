#include "sampler/sample_queue.h"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace austin {

namespace {

/// More samples than this do not wait; then sampling does.
constexpr size_t kMostWaiting = 1 << 16;

/// The file of a native frame, as Austin has it.
std::string NativeFile(Address pc) {
  char text[32];
  std::snprintf(text, sizeof(text), "native@%llx", static_cast<unsigned long long>(pc));
  return text;
}

}  // namespace

void SampleQueue::AddSample(pid_t pid, const SampledThread& thread, const SampleMetrics& metrics, const NativeStack& native,
                            const Modules& modules) {
  const RecordedStack shown = StackOf(thread);
  const bool has_native = native.joined.outcome == NativeOutcome::kWhole || native.joined.outcome == NativeOutcome::kIncomplete;
  Sample sample{.pid = pid,
                .iid = thread.iid,
                .tid = thread.tid,
                .is_whole = shown.is_whole && has_native && !native.joined.has_gap,
                .metrics = metrics,
                .parts = {},
                .kernel = native.kernel};
  if (has_native) {
    // Frames that stand for tasks are together, before the frame of the task's coroutine.
    const size_t markers = shown.frames.size() - thread.stack.size();
    size_t marked = 0;
    while (markers != 0 && marked < thread.stack.size() && shown.frames[marked] == thread.stack[marked]) ++marked;
    for (const MergedFrame& frame : native.joined.merged) {
      if (frame.is_native) {
        const NativeCall& call = native.joined.calls[frame.index];
        const Module* module = call.is_known ? modules.Find(call.is_exact ? call.pc : call.pc - 1) : nullptr;
        sample.parts.push_back({.is_native = true,
                                .pc = call.pc,
                                .name = module != nullptr ? std::optional(namer_.Ask(*module, call.pc, call.is_exact))
                                                          : std::nullopt});
        continue;
      }
      for (size_t i = 0; markers != 0 && frame.index == marked && i < markers; ++i) {
        sample.parts.push_back({.frame = shown.frames[marked + i], .name = {}});
      }
      sample.parts.push_back({.frame = thread.stack[frame.index], .name = {}});
    }
  } else {
    for (const FrameId frame : shown.frames) sample.parts.push_back({.frame = frame, .name = {}});
  }
  waiting_.push_back(std::move(sample));
  if (waiting_.size() > kMostWaiting) WriteAll();
}

void SampleQueue::Write(bool waits) {
  if (waits && !waiting_.empty()) namer_.WaitForAll();
  while (!waiting_.empty() && IsNamed(waiting_.front())) {
    WriteItem(waiting_.front());
    waiting_.pop_front();
  }
}

bool SampleQueue::IsNamed(const Item& item) const {
  const auto* sample = std::get_if<Sample>(&item);
  return sample == nullptr || std::all_of(sample->parts.begin(), sample->parts.end(), [this](const Part& part) {
           return !part.name || namer_.Find(*part.name) != nullptr;
         });
}

void SampleQueue::WriteItem(const Item& item) {
  if (const auto* metadata = std::get_if<Metadata>(&item)) {
    recorder_.writer().Metadata(metadata->key, metadata->value);
  } else if (const auto* end = std::get_if<End>(&item)) {
    recorder_.ForgetProcess(end->pid);
  } else if (const auto* sample = std::get_if<Sample>(&item)) {
    stack_.clear();
    for (const Part& part : sample->parts) stack_.push_back(part.is_native ? FrameOf(part) : part.frame);
    const RecordedStack stack{.iid = sample->iid,
                              .tid = sample->tid,
                              .frames = stack_,
                              .kernel = sample->kernel,
                              .is_whole = sample->is_whole};
    recorder_.Sample(sample->pid, stack, sample->metrics);
  }
}

/// The frame of a native function whose name is known.
FrameId SampleQueue::FrameOf(const Part& part) {
  if (epoch_ != frames_.epoch()) {
    epoch_ = frames_.epoch();
    known_.clear();
  }
  auto& frames = known_[part.pc];
  const auto at = std::find_if(frames.begin(), frames.end(), [&](const auto& frame) { return frame.first == part.name; });
  if (at != frames.end()) return at->second;
  const NativeName* found = part.name ? namer_.Find(*part.name) : nullptr;
  const NativeName name = found != nullptr ? *found : NativeName{};
  const FrameId frame = frames_.InternFrame({frames_.InternString(NativeFile(part.pc)), frames_.InternString(name.symbol),
                                             Position{.line = static_cast<int32_t>(name.offset)}});
  frames.emplace_back(part.name, frame);
  return frame;
}

}  // namespace austin
