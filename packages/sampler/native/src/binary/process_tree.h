#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <optional>

#include "base/result.h"
#include "binary/python_image_cache.h"
#include "binary/runtime_locator.h"
#include "binary/target.h"
#include "memory/process_memory_reader.h"

namespace austin {

/// Looks for a Python among a process and its descendants, and may look again and again.
class PythonSearch {
 public:
  explicit PythonSearch(pid_t root);

  struct Pass {
    /// How near an outcome is to a Python, for choosing what to report of a tree without one.
    static int Nearness(ProbeStatus status);

    /// Of the root process itself.
    ProbeStatus root = ProbeStatus::kNotPython;
    /// The first Python in breadth-first order, else why there is none: what is known of the root, or of the
    /// descendant that comes closest to a Python.
    Probe best;
  };

  /// Looks once at every process of the tree, the root first, until a Python is found.
  Pass Look();

 private:
  struct Candidate {
    explicit Candidate(pid_t pid, std::shared_ptr<PythonImageCache> cache)
        : memory(pid), locator(pid, std::move(cache)) {}
    ProcessMemoryReader memory;
    RuntimeLocator locator;
  };

  pid_t root_;
  std::shared_ptr<PythonImageCache> cache_ = std::make_shared<PythonImageCache>();
  std::map<pid_t, Candidate> candidates_;
};

/// Decides how long a search that has found nothing yet goes on; see WaitForPython.
class SearchPatience {
 public:
  /// @param timeout_ms below 0 for ever, 0 for one look
  SearchPatience(pid_t root, int timeout_ms);

  /// Why the search ends without a Python, or nothing while it goes on.
  std::optional<Error> Judge(const PythonSearch::Pass& pass, bool is_cancelled);

  /// How long to wait before the next look.
  std::chrono::microseconds Pause() const { return pause_; }

 private:
  using Clock = std::chrono::steady_clock;

  const pid_t root_;
  const int timeout_ms_;
  const Clock::time_point start_;
  Clock::time_point last_allowed_;
  int unsupported_passes_ = 0;
  ProbeStatus last_ = ProbeStatus::kNotPython;
  std::chrono::microseconds next_pause_;
  std::chrono::microseconds pause_;
};

/// Finds the first Python, breadth first, in a process or its descendants, as they are now.
/// Errors: as RuntimeLocator::Locate, for the root or for the descendant that comes closest to a Python.
Result<Target> FindPython(pid_t root);

/// Waits for a Python to appear in a process or its descendants; also where a process becomes one by exec. Polls
/// every 0.2 ms at first, every 5 ms later. `timeout_ms` below 0 waits for ever, 0 looks once.
///
/// Errors: kProcessGone as soon as the root is gone or a zombie and nothing was found; kPermission when the root has
/// been unreadable for 20 ms (a process may be within exec), or a descendant was at the timeout; kPythonUnsupported and
/// kPythonLayout when seen twice in a row; kNotPython at the timeout, or when `cancel` becomes true.
Result<Target> WaitForPython(pid_t root, int timeout_ms, const std::atomic<bool>& cancel);

}  // namespace austin
