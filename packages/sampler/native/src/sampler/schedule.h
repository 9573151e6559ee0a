#pragma once

#include <cstdint>

namespace austin {

/// When the rounds of a recording are due: absolute deadlines, so that the rate does not suffer from what a round takes.
/// Times are nanoseconds of the monotonic clock.
class Schedule {
 public:
  /// @param interval_us between rounds; 0 has the next round begin where the last one ended
  explicit Schedule(int64_t interval_us);

  /// Begins anew: the first round is due one interval after `now`.
  void Start(int64_t now);
  /// When the next round is due.
  int64_t deadline() const { return deadline_; }
  /// Books a round and sets the next deadline. What was missed is not made up for by a burst: the next sample weighs the
  /// time that really passed.
  void Book(int64_t begin, int64_t end);

  /// Rounds that began more than one interval late.
  uint64_t late_rounds() const { return late_rounds_; }
  /// Rounds that were never taken, because one before them was late or long.
  uint64_t missed_rounds() const { return missed_rounds_; }
  /// Rounds that took longer than the interval.
  uint64_t long_rounds() const { return long_rounds_; }

 private:
  const int64_t interval_;
  int64_t deadline_ = 0;
  uint64_t late_rounds_ = 0;
  uint64_t missed_rounds_ = 0;
  uint64_t long_rounds_ = 0;
};

}  // namespace austin
