#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "binary/target.h"
#include "cpython/asyncio_layout.h"
#include "cpython/asyncio_tasks.h"
#include "memory/memory_reader.h"
#include "memory/witness_reader.h"
#include "sampler/frame_table.h"
#include "sampler/process_sampler.h"

namespace austin {

/// The file of frames that stand for tasks.
inline constexpr const char* kTaskFile = "<task>";

/// Puts the task that a thread runs into its stack, and before it the tasks that await it, as frames above the task's first
/// coroutine:
///
///   … event loop … | tasks that await, outermost first | the task | its coroutines and what they call
///
/// A task is found by its coroutine's frame, which has to be on the stack that was sampled: a coroutine belongs to one task, so the
/// stack proves that the task was running. What was read of a task and of those that await it is compared with memory in each
/// round. Tasks are called by the name they were given, or by their coroutine: names made up by asyncio are all different.
class TaskMarkers {
 public:
  /// All of them outlive it. The sampler has to keep frames.
  TaskMarkers(const Target& target, MemoryReader* memory, FrameTable* frames);

  /// Fills SampledThread::with_tasks after a round. Only threads with a coroutine on their stack cost anything.
  void Mark(const std::vector<std::unique_ptr<SampledThread>>& threads);
  /// The same for one thread, whose stack has been read again.
  void Mark(SampledThread* thread);

  /// Stacks since the last call with a coroutine of a task that had ended, or was another, when it was looked for.
  uint64_t TakeMissed() { return std::exchange(missed_, 0); }

 private:
  struct Task {
    /// Address of the frame of its outermost coroutine.
    Address frame = 0;
    /// Those that await it, outermost first, then the task itself.
    std::vector<FrameId> markers;
    Witness witness;
  };

  void MarkCandidates();
  bool Find();
  /// The task at an address as it is now, or null.
  const Task* Read(Address address);
  std::optional<FrameId> MarkerOf(Address task, Address coroutine);
  bool MarkWith(const Task& task, SampledThread* thread) const;
  void MarkThread(Address running, SampledThread* thread);

  const Target& target_;
  MemoryReader& memory_;
  FrameTable& frames_;
  WitnessReader witness_;
  std::unique_ptr<TaskReader> reader_;
  std::optional<AsyncioLayout> asyncio_;
  int64_t next_search_us_ = 0;
  std::unordered_map<Address, Task> tasks_;
  /// Tasks by the frames of their coroutines.
  std::unordered_map<Address, Address> by_frame_;
  uint64_t missed_ = 0;
  /// Of the ids in `tasks_`.
  uint64_t epoch_ = 0;

  std::vector<SampledThread*> candidates_;
  std::vector<RemoteRange> ranges_;
  std::vector<Address> running_;
};

}  // namespace austin
