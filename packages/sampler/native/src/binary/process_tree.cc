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

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr size_t kMaxProcesses = 65536;
constexpr microseconds kShortestPause{200};
constexpr microseconds kLongestPause{5000};
constexpr milliseconds kPermissionPatience{20};
constexpr int kUnsupportedPasses = 2;

}  // namespace

int PythonSearch::Pass::Nearness(ProbeStatus status) {
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
    if (pid == root_ || Pass::Nearness(status) > Pass::Nearness(pass.best.status)) pass.best = std::move(probe);
    if (status == ProbeStatus::kFound) break;
    for (const pid_t child : ChildrenOf(pid)) {
      if (seen.size() < kMaxProcesses && seen.insert(child).second) queue.push_back(child);
    }
  }
  if (queue.empty()) std::erase_if(candidates_, [&](const auto& entry) { return !seen.contains(entry.first); });
  return pass;
}

Result<Target> FindPython(pid_t root) { return PythonSearch(root).Look().best.result; }

SearchPatience::SearchPatience(pid_t root, int timeout_ms)
    : root_(root),
      timeout_ms_(timeout_ms),
      start_(Clock::now()),
      last_allowed_(start_),
      next_pause_(kShortestPause),
      pause_(kShortestPause) {}

std::optional<Error> SearchPatience::Judge(const PythonSearch::Pass& pass, bool is_cancelled) {
  const Clock::time_point now = Clock::now();
  const ProbeStatus best = pass.best.status;
  if (pass.root == ProbeStatus::kGone) {
    return Error{ErrorCode::kProcessGone, "process " + std::to_string(root_) + " ended before a Python started in it"};
  }

  if (pass.root != ProbeStatus::kPermission) {
    last_allowed_ = now;
  } else if (now - last_allowed_ >= kPermissionPatience && best == ProbeStatus::kPermission) {
    return pass.best.result.error();
  }

  unsupported_passes_ = best == ProbeStatus::kUnsupported ? unsupported_passes_ + 1 : 0;
  if (unsupported_passes_ >= kUnsupportedPasses) return pass.best.result.error();

  if (is_cancelled) {
    return Error{ErrorCode::kNotPython, "waiting for Python in " + DescribeProcess(root_) + " was cancelled"};
  }
  const auto waited = std::chrono::duration_cast<milliseconds>(now - start_);
  if (timeout_ms_ >= 0 && waited.count() >= timeout_ms_) {
    if (best != ProbeStatus::kNotPython && best != ProbeStatus::kNotReady) return pass.best.result.error();
    return Error{ErrorCode::kNotPython, "no Python found within " + std::to_string(timeout_ms_) + " ms: " +
                                            pass.best.result.error().message};
  }

  // Something new has begun: it will be ready in a moment.
  if (best != last_ && best == ProbeStatus::kNotReady) next_pause_ = kShortestPause;
  last_ = best;
  pause_ = next_pause_;
  if (timeout_ms_ >= 0) {
    const auto left = std::chrono::duration_cast<microseconds>(start_ + milliseconds(timeout_ms_) - now);
    pause_ = std::clamp(left, microseconds(0), pause_);
  }
  next_pause_ = std::min(kLongestPause, next_pause_ + next_pause_ / 4);
  return std::nullopt;
}

Result<Target> WaitForPython(pid_t root, int timeout_ms, const std::atomic<bool>& cancel) {
  PythonSearch search(root);
  SearchPatience patience(root, timeout_ms);
  while (true) {
    PythonSearch::Pass pass = search.Look();
    if (pass.best.status == ProbeStatus::kFound) return std::move(pass.best.result);
    if (auto error = patience.Judge(pass, cancel.load(std::memory_order_relaxed))) return std::move(*error);
    std::this_thread::sleep_for(patience.Pause());
  }
}

}  // namespace austin
