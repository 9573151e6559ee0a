#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "binary/target.h"
#include "cpython/asyncio_tasks.h"
#include "cpython/line_table.h"
#include "cpython/locals.h"
#include "os/thread_wait.h"
#include "sampler/native_merge.h"
#include "sampler/process_sampler.h"

namespace austin {

struct SnapshotOptions {
  /// How long to wait for an interpreter that is still starting.
  int timeout_ms = 1000;
  /// Every Python process of the tree, not only the first one.
  bool children = false;
  bool locals = false;
  bool tasks = false;
  /// Each thread is stopped for a moment for it.
  bool native = false;
  bool kernel = false;
  /// How long one process is read again and again while it changes. Each is read once in any case.
  std::chrono::milliseconds patience{3000};
};

/// One process at one moment. snapshot.ts documents the fields for users.
struct Snapshot {
  enum class FrameKind : uint8_t { kPython, kNative, kKernel };
  struct Frame {
    std::string name;
    std::string file;
    Position position;
    /// Absent where they were not asked for, or could not be read while the frame was the one shown.
    std::optional<std::vector<LocalVariable>> locals = std::nullopt;
    FrameKind kind = FrameKind::kPython;
    /// Of a native frame: its address, how far that is in its function, and the file of its code, if any.
    Address address = 0;
    uint64_t offset = 0;
    std::string module = {};
  };
  struct Thread {
    int64_t iid = 0;
    uint64_t tid = 0;
    /// Empty when `threading` does not know the thread.
    std::string name;
    /// Absent where no GIL is in use.
    std::optional<bool> holds_gil;
    /// Absent where nothing tells.
    std::optional<bool> waits_for_gil;
    /// Instead of `holds_gil`: whether it is attached to the interpreter, so that it may run Python code.
    std::optional<bool> attached;
    ThreadActivity activity = ThreadActivity::kUnknown;
    /// Empty when it does not wait, or nothing is known.
    std::string waits_for;
    std::string system_call;
    Quality quality = Quality::kInvalid;
    /// Where native functions were asked for.
    std::optional<NativeOutcome> native;
    /// The kernel's functions were asked for, and not told.
    bool is_kernel_refused = false;
    /// Outermost first.
    std::vector<Frame> frames;
  };
  struct Task {
    Address id = 0;
    std::string name;
    /// Of the thread that runs its loop; 0 when that has ended.
    uint64_t tid = 0;
    Address loop = 0;
    std::string loop_class;
    TaskState state = TaskState::kWaiting;
    std::vector<Address> awaited_by;
    /// Outermost first; empty where they could not be read.
    std::vector<Frame> frames;
  };
  /// Why `tasks` is absent although it was asked for.
  enum class NoTasks : uint8_t {
    kNone,
    /// Before 3.14 the interpreter keeps no list of them.
    kPythonTooOld,
    /// The module `_asyncio` is there, without the description of itself that tells where its tasks are.
    kNotDescribed,
    /// They changed faster than they could be read.
    kChanging,
  };

  Target target;
  /// The nearest Python process above, or 0.
  pid_t parent = 0;
  std::vector<Thread> threads;
  /// How often it was read until what was seen fitted together, or as well as it could.
  int attempts = 0;
  /// The patience ended before that.
  bool is_out_of_time = false;
  std::optional<std::vector<Task>> tasks;
  NoTasks no_tasks = NoTasks::kNone;
};

/// A process of the tree that could not be read.
struct UnreadProcess {
  pid_t pid = 0;
  Error error;
};

struct SnapshotTree {
  /// Parents come before their children, older children before younger ones.
  std::vector<Snapshot> processes;
  std::vector<UnreadProcess> unread;
};

/// Reads one process, without stopping it unless native functions are wanted. What changes while it is read is read again, many times
/// over.
Result<Snapshot> TakeSnapshotOf(const Target& target, const SnapshotOptions& options, const std::atomic<bool>& cancel);

/// Reads a process, or the first Python process below it; with `children`, every Python process of the tree.
/// Errors: as WaitForPython; kProcessGone when it ended while it was read.
Result<SnapshotTree> TakeSnapshot(pid_t root, const SnapshotOptions& options, const std::atomic<bool>& cancel);

}  // namespace austin
