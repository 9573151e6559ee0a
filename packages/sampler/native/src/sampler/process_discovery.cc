#include "sampler/process_discovery.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "binary/process_tree.h"
#include "sampler/clock.h"

namespace austin {

namespace {

/// Between two looks, if they cost little, while something happens and while nothing does; and what they may cost at
/// most: one part in kRestShare + 1 of a processor, unless that would miss processes that live for a moment.
constexpr int64_t kShortestPauseNs = 1'000'000;
constexpr int64_t kCalmPauseNs = 3'000'000;
/// Where the system tells of births at once.
constexpr int64_t kToldPauseNs = 10'000'000;
constexpr int64_t kLongestPauseNs = 10'000'000;
constexpr int64_t kRestShare = 9;

}  // namespace

ProcessDiscovery::ProcessDiscovery(pid_t root, int timeout_ms, const std::atomic<bool>& stop)
    : stop_(stop), watch_(root), thread_([this, root, timeout_ms] { Run(SearchPatience(root, timeout_ms)); }) {}

ProcessDiscovery::~ProcessDiscovery() {
  {
    const std::lock_guard lock(mutex_);
    finishing_ = true;
  }
  watch_.Interrupt();
  thread_.join();
}

void ProcessDiscovery::Run(SearchPatience patience) {
  std::vector<pid_t> reports;
  std::vector<FoundProcess> found;
  std::unique_lock lock(mutex_);
  while (!finishing_) {
    reports.swap(reports_);
    lock.unlock();
    for (const pid_t pid : reports) watch_.Release(pid);
    reports.clear();
    const int64_t now = MonotonicNanoseconds();
    // On a busy machine much more time passes than is spent.
    const int64_t begin = ThreadCpuNanoseconds();
    watch_.Look(now, &found);
    const int64_t spent = ThreadCpuNanoseconds() - begin;
    const int64_t calm = watch_.is_told_at_once() ? kToldPauseNs : kCalmPauseNs;
    const int64_t shortest = watch_.is_calm(now) ? calm : kShortestPauseNs;
    lock.lock();

    if (!found.empty()) {
      std::move(found.begin(), found.end(), std::back_inserter(found_));
      found.clear();
      has_news_ = has_found_ = true;
      changed_.notify_all();
    }
    if (!has_found_ && !error_) {
      error_ = patience.Judge(watch_.pass(), stop_);
      if (error_) changed_.notify_all();
    }
    // What the recording has not been told of yet counts as living.
    is_over_ = has_found_ && watch_.is_over() && reports_.empty() && found_.empty();
    const int64_t rest = std::min(spent * kRestShare, kLongestPauseNs);
    lock.unlock();
    watch_.Wait(std::chrono::nanoseconds(rest), std::chrono::nanoseconds(std::max<int64_t>(shortest - rest, 0)));
    lock.lock();
  }
}

std::optional<Error> ProcessDiscovery::WaitForFirst() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return has_found_ || error_; });
  return has_found_ ? std::nullopt : error_;
}

std::vector<FoundProcess> ProcessDiscovery::Take() {
  if (!has_news_) return {};
  const std::lock_guard lock(mutex_);
  has_news_ = false;
  return std::exchange(found_, {});
}

void ProcessDiscovery::TellLost(pid_t pid) {
  {
    const std::lock_guard lock(mutex_);
    reports_.push_back(pid);
  }
  watch_.Interrupt();
}

}  // namespace austin
