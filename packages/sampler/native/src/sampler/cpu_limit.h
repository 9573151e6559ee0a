#pragma once

#include <cstdint>
#include <deque>
#include <optional>

namespace austin {

/// Keeps the CPU time of the sampling thread under a limit, by the interval between its rounds. The share of the CPU is
/// measured over the last second. Above the limit the interval grows by what the measurement says it takes; far below it
/// shrinks step by step, to the interval that was asked for at the least.
///
/// It begins carefully, with an interval at which expensive rounds would keep to the limit, and shrinks by large steps until
/// the interval is what was asked for, or close to what the limit allows: a fraction of a second as a rule.
///
/// Times are nanoseconds, intervals microseconds.
class CpuLimit {
 public:
  /// @param percent     the share of one CPU that is allowed; 0 for no limit
  /// @param interval_us the interval asked for, which may be 0
  CpuLimit(double percent, int64_t interval_us);

  /// The interval in force.
  int64_t interval_us() const { return interval_us_; }

  /// Whether a look at the CPU time is due: reading it costs a system call.
  bool IsDue(int64_t now_ns) const { return allowed_ > 0 && (looks_.empty() || now_ns >= next_look_ns_); }

  /// Forgets what was measured: the time from here on is another kind of time.
  void Restart() { looks_.clear(); }

  /// Takes a look. Returns the interval from here on if it is another one.
  ///
  /// @param cpu_ns CPU time of the thread so far
  /// @param rounds rounds so far
  std::optional<int64_t> Look(int64_t now_ns, int64_t cpu_ns, uint64_t rounds);

 private:
  struct LookedAt {
    int64_t at_ns;
    int64_t cpu_ns;
    uint64_t rounds;
  };

  std::optional<int64_t> Change(int64_t interval_us, const LookedAt& now);
  int64_t ShorterInterval(double share) const;

  const double allowed_;
  const int64_t asked_us_;
  int64_t interval_us_;
  /// Whether it is still on its way from the careful beginning.
  bool is_beginning_;
  int64_t next_look_ns_ = 0;
  /// Of the last second, oldest first, all at the interval in force.
  std::deque<LookedAt> looks_;
};

}  // namespace austin
