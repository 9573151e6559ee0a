#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/result.h"
#include "sampler/descendant_watch.h"

namespace austin {

/// Finds the Python processes of a tree from a thread of its own, so that no round waits for it. The methods are for
/// the thread of the recording.
class ProcessDiscovery {
 public:
  /// Begins at once. `timeout_ms` is how long the first Python may take.
  ProcessDiscovery(pid_t root, int timeout_ms, const std::atomic<bool>& stop);
  ProcessDiscovery(const ProcessDiscovery&) = delete;
  ProcessDiscovery& operator=(const ProcessDiscovery&) = delete;
  ~ProcessDiscovery();

  /// Waits until there is a Python to take, or none to be expected. Errors: as WaitForPython.
  std::optional<Error> WaitForFirst();

  /// What has been found since the last call. Costs next to nothing while that is nothing.
  std::vector<FoundProcess> Take();

  /// A process that was taken has ended, or has become another program, which may be a Python as well.
  void TellLost(pid_t pid);

  /// Whether the tree has ended: nothing that was taken is left, and nothing is to come.
  bool IsOver() const { return is_over_; }

 private:
  void Run(SearchPatience patience);

  const std::atomic<bool>& stop_;
  /// For the thread, but for Interrupt.
  DescendantWatch watch_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<FoundProcess> found_;
  std::vector<pid_t> reports_;
  std::optional<Error> error_;
  bool has_found_ = false;
  bool finishing_ = false;
  std::atomic<bool> has_news_ = false;
  std::atomic<bool> is_over_ = false;
  std::thread thread_;
};

}  // namespace austin
