#include "sampler/snapshot.h"

#include <algorithm>

#include "binary/process_tree.h"
#include "cpython/thread_names.h"
#include "memory/process_memory_reader.h"
#include "sampler/clock.h"

namespace austin {

namespace {

/// One look is worth more patience than one sample of thousands.
constexpr int kTornRetries = 30;
constexpr int kRounds = 20;
constexpr int64_t kRoundPauseNs = 1'000'000;

bool IsComplete(const ProcessSampler& sampler) {
  const auto& threads = sampler.threads();
  return !threads.empty() && std::all_of(threads.begin(), threads.end(),
                                         [](const auto& thread) { return thread->has_sample && thread->settled; });
}

}  // namespace

Result<Snapshot> TakeSnapshot(pid_t root, int timeout_ms, const std::atomic<bool>& cancel) {
  Result<Target> target = WaitForPython(root, timeout_ms, cancel);
  if (!target) return target.error();
  ProcessMemoryReader memory(target->pid);
  FrameTable frames;
  ProcessSampler sampler(*target, &memory, &frames);
  sampler.set_torn_retries(kTornRetries);
  for (int round = 0; round < kRounds && !IsComplete(sampler); ++round) {
    if (round != 0) SleepUntilNanoseconds(MonotonicNanoseconds() + kRoundPauseNs);
    if (sampler.Round() != RoundOutcome::kSampled) {
      return Error{ErrorCode::kProcessGone, "process " + std::to_string(target->pid) + " ended while it was read"};
    }
  }

  Snapshot snapshot{.target = *target, .threads = {}};
  for (const auto& thread : sampler.threads()) {
    if (!thread->has_sample) continue;
    Snapshot::Thread& seen = snapshot.threads.emplace_back();
    seen.iid = thread->iid;
    seen.tid = thread->tid;
    seen.holds_gil = thread->holds_gil;
    seen.quality = thread->quality;
    for (const FrameId id : thread->stack) {
      const FrameTable::Frame& frame = frames.frame(id);
      seen.frames.push_back({frames.string(frame.name), frames.string(frame.file), frame.position});
    }
  }
  ThreadNames names(target->layout);
  for (const Address interpreter : sampler.interpreters()) {
    for (const ThreadName& name : names.Read(memory, interpreter)) {
      for (const auto& thread : sampler.threads()) {
        if (thread->interpreter != interpreter || thread->ident != name.thread_id) continue;
        for (Snapshot::Thread& seen : snapshot.threads) {
          if (seen.iid == thread->iid && seen.tid == thread->tid) seen.name = name.name;
        }
      }
    }
  }
  return snapshot;
}

}  // namespace austin
