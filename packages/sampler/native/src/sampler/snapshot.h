#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "base/result.h"
#include "binary/target.h"
#include "cpython/line_table.h"
#include "sampler/process_sampler.h"

namespace austin {

/// All stacks of a process at one moment. native.ts documents the fields for users.
struct Snapshot {
  struct Frame {
    std::string name;
    std::string file;
    Position position;
  };
  struct Thread {
    int64_t iid = 0;
    uint64_t tid = 0;
    /// Empty when `threading` does not know the thread.
    std::string name;
    bool holds_gil = false;
    Quality quality = Quality::kInvalid;
    /// Outermost first.
    std::vector<Frame> frames;
  };

  Target target;
  std::vector<Thread> threads;
};

/// Reads every stack of a process, or of the first Python process below it, once, without stopping it. A stack that
/// changes while it is read is read again, many times over.
Result<Snapshot> TakeSnapshot(pid_t root, int timeout_ms, const std::atomic<bool>& cancel);

}  // namespace austin
