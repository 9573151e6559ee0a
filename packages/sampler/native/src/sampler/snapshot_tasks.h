#pragma once

#include <optional>
#include <unordered_map>

#include "binary/target.h"
#include "cpython/asyncio_layout.h"
#include "cpython/code_object.h"
#include "memory/memory_reader.h"
#include "sampler/frame_table.h"
#include "sampler/process_sampler.h"

namespace austin {

struct Snapshot;

/// Reads asyncio's tasks for a snapshot: those of every thread and interpreter, with the coroutines they wait in.
class SnapshotTasks {
 public:
  /// `target` and `memory` outlive it.
  SnapshotTasks(const Target& target, MemoryReader& memory) : target_(target), memory_(memory) {}

  /// Fills in the tasks as of the sampler's last round. Returns how much of it did not fit together.
  int Describe(const ProcessSampler& sampler, const FrameTable& frames, Snapshot& snapshot);

 private:
  void Find();

  const Target& target_;
  MemoryReader& memory_;
  bool searched_ = false;
  bool is_loaded_ = false;
  std::optional<AsyncioLayout> layout_;
};

}  // namespace austin
