#include "sampler/cpu_limit.h"

#include <algorithm>
#include <cmath>

namespace austin {

namespace {

constexpr int64_t kNanosPerMicro = 1000;
constexpr int64_t kMilli = 1'000'000;

constexpr int64_t kWindowNs = 1000 * kMilli;
constexpr int64_t kLookEveryNs = 50 * kMilli;

/// How much must have been seen at an interval before it is judged. Too much work is worth a quick answer; the start of a
/// recording, when every code object is new, is not worth to be judged by alone.
constexpr int64_t kLeastToSlowNs = 400 * kMilli;
constexpr int64_t kLeastToHastenNs = 900 * kMilli;

/// The interval grows at least, and at most, by this at a time.
constexpr double kLeastGrowth = 1.1;
constexpr double kMostGrowth = 8;
/// Below this share of what is allowed the interval shrinks, by a factor that keeps it below the limit.
constexpr double kFarBelow = 0.5;
constexpr double kShrink = 1.5;

/// In the beginning: what a round may well cost, how much must have been seen, how near to the limit a step leads, and how
/// far it goes at most, as the first rounds are not like others.
constexpr double kExpensiveRoundUs = 200;
constexpr int64_t kLeastToBeginNs = 150 * kMilli;
constexpr double kNearLimit = 0.8;
constexpr double kLongestStep = 4;

/// Beyond this a longer interval saves nothing: what is left does not come from the rounds.
constexpr int64_t kLongestIntervalUs = 1'000'000;

int64_t CarefulInterval(double allowed, int64_t asked_us) {
  if (allowed <= 0) return asked_us;
  const auto careful_us = static_cast<int64_t>(std::min(kExpensiveRoundUs / allowed, double{kLongestIntervalUs}));
  return std::max(asked_us, careful_us);
}

}  // namespace

CpuLimit::CpuLimit(double percent, int64_t interval_us)
    : allowed_(percent / 100),
      asked_us_(interval_us),
      interval_us_(CarefulInterval(allowed_, interval_us)),
      is_beginning_(interval_us_ != asked_us_) {}

std::optional<int64_t> CpuLimit::Look(int64_t now_ns, int64_t cpu_ns, uint64_t rounds) {
  const LookedAt now{now_ns, cpu_ns, rounds};
  next_look_ns_ = now_ns + kLookEveryNs;
  // The oldest look is the last one that is a whole window old.
  while (looks_.size() > 1 && now_ns - looks_[1].at_ns >= kWindowNs) looks_.pop_front();
  looks_.push_back(now);
  const LookedAt& first = looks_.front();
  const int64_t span_ns = now_ns - first.at_ns;
  const uint64_t seen = rounds - first.rounds;
  if (seen == 0 || span_ns < std::min(kLeastToSlowNs, kLeastToBeginNs)) return std::nullopt;

  const double share = static_cast<double>(cpu_ns - first.cpu_ns) / static_cast<double>(span_ns);
  if (share > allowed_) {
    if (span_ns < kLeastToSlowNs) return std::nullopt;
    is_beginning_ = false;
    // What passes between rounds may be more than the interval asked for, which may be 0.
    const double real_us = static_cast<double>(span_ns) / static_cast<double>(seen) / kNanosPerMicro;
    const double from_us = std::max(static_cast<double>(interval_us_), real_us);
    const double longer_us = std::ceil(from_us * std::clamp(share / allowed_, kLeastGrowth, kMostGrowth));
    const int64_t longest_us = std::max({kLongestIntervalUs, asked_us_, interval_us_});
    return Change(std::min(static_cast<int64_t>(longer_us), longest_us), now);
  }
  const int64_t least_ns = is_beginning_ ? kLeastToBeginNs : kLeastToHastenNs;
  if (share < kFarBelow * allowed_ && interval_us_ > asked_us_ && span_ns >= least_ns) {
    return Change(std::max(ShorterInterval(share), asked_us_), now);
  }
  if (span_ns >= kLeastToHastenNs) is_beginning_ = false;
  return std::nullopt;
}

int64_t CpuLimit::ShorterInterval(double share) const {
  const double step = is_beginning_ ? std::min(kNearLimit * allowed_ / share, kLongestStep) : kShrink;
  return static_cast<int64_t>(static_cast<double>(interval_us_) / step);
}

std::optional<int64_t> CpuLimit::Change(int64_t interval_us, const LookedAt& now) {
  if (interval_us == interval_us_) return std::nullopt;
  interval_us_ = interval_us;
  if (interval_us_ == asked_us_) is_beginning_ = false;
  // What was measured at another interval says nothing of this one.
  looks_.assign(1, now);
  return interval_us_;
}

}  // namespace austin
