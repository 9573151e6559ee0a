#include "binary/process_tree.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include "binary/process_info.h"

namespace austin {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr size_t kMaxProcesses = 65536;
constexpr microseconds kShortestPause{200};
constexpr microseconds kLongestPause{5000};
constexpr milliseconds kPermissionPatience{20};
constexpr int kUnsupportedPasses = 2;

/// How near an outcome is to a Python, for choosing what to report of a tree without one.
int Nearness(ProbeStatus status) {
  switch (status) {
    case ProbeStatus::kGone:
      return 0;
    case ProbeStatus::kNotPython:
      return 1;
    case ProbeStatus::kPermission:
      return 2;
    case ProbeStatus::kUnsupported:
      return 3;
    case ProbeStatus::kNotReady:
      return 4;
    case ProbeStatus::kFound:
      return 5;
  }
  return 0;
}

}  // namespace

PythonSearch::PythonSearch(pid_t root) : root_(root) {}

PythonSearch::Pass PythonSearch::Look() {
  Pass pass{ProbeStatus::kGone, Probe{ProbeStatus::kGone, Error{ErrorCode::kProcessGone, {}}}};
  std::deque<pid_t> queue{root_};
  std::set<pid_t> seen{root_};
  while (!queue.empty()) {
    const pid_t pid = queue.front();
    queue.pop_front();
    Candidate& candidate = candidates_.try_emplace(pid, pid, cache_).first->second;
    Probe probe = candidate.locator.Look(candidate.memory);
    const ProbeStatus status = probe.status;
    if (pid == root_) pass.root = status;
    if (pid == root_ || Nearness(status) > Nearness(pass.best.status)) pass.best = std::move(probe);
    if (status == ProbeStatus::kFound) break;
    for (const pid_t child : ChildrenOf(pid)) {
      if (seen.size() < kMaxProcesses && seen.insert(child).second) queue.push_back(child);
    }
  }
  if (queue.empty()) std::erase_if(candidates_, [&](const auto& entry) { return !seen.contains(entry.first); });
  return pass;
}

Result<Target> FindPython(pid_t root) { return PythonSearch(root).Look().best.result; }

Result<Target> WaitForPython(pid_t root, int timeout_ms, const std::atomic<bool>& cancel) {
  PythonSearch search(root);
  const Clock::time_point start = Clock::now();
  Clock::time_point last_allowed = start;
  int unsupported_passes = 0;
  microseconds pause = kShortestPause;
  ProbeStatus last = ProbeStatus::kNotPython;

  while (true) {
    PythonSearch::Pass pass = search.Look();
    const Clock::time_point now = Clock::now();
    const ProbeStatus best = pass.best.status;
    if (best == ProbeStatus::kFound) return std::move(pass.best.result);
    if (pass.root == ProbeStatus::kGone) {
      return Error{ErrorCode::kProcessGone, "process " + std::to_string(root) + " ended before a Python started in it"};
    }

    if (pass.root != ProbeStatus::kPermission) {
      last_allowed = now;
    } else if (now - last_allowed >= kPermissionPatience && best == ProbeStatus::kPermission) {
      return std::move(pass.best.result);
    }

    unsupported_passes = best == ProbeStatus::kUnsupported ? unsupported_passes + 1 : 0;
    if (unsupported_passes >= kUnsupportedPasses) return std::move(pass.best.result);

    if (cancel.load(std::memory_order_relaxed)) {
      return Error{ErrorCode::kNotPython, "waiting for Python in " + DescribeProcess(root) + " was cancelled"};
    }
    const auto waited = std::chrono::duration_cast<milliseconds>(now - start);
    if (timeout_ms >= 0 && waited.count() >= timeout_ms) {
      if (best != ProbeStatus::kNotPython && best != ProbeStatus::kNotReady) return std::move(pass.best.result);
      return Error{ErrorCode::kNotPython, "no Python found within " + std::to_string(timeout_ms) + " ms: " +
                                              pass.best.result.error().message};
    }

    // Something new has begun: it will be ready in a moment.
    if (best != last && best == ProbeStatus::kNotReady) pause = kShortestPause;
    last = best;
    microseconds sleep = pause;
    if (timeout_ms >= 0) {
      const auto left = std::chrono::duration_cast<microseconds>(start + milliseconds(timeout_ms) - now);
      sleep = std::clamp(left, microseconds(0), sleep);
    }
    std::this_thread::sleep_for(sleep);
    pause = std::min(kLongestPause, pause + pause / 4);
  }
}

}  // namespace austin
