#pragma once

#include <cstdint>

namespace austin {

/// When the rounds of a recording are due: absolute deadlines, so that the rate does not suffer from what a round takes.
/// Times are nanoseconds of the monotonic clock, which the caller reads.
///
/// Without jitter the deadlines are the multiples of the interval. With jitter each multiple is moved by a random part of
/// the interval, uniformly and independently of the others: the mean rate stays what was asked, and a program that does
/// the same thing every so many milliseconds is not always met at the same thing.
///
/// What was missed is not made up for by a burst: rounds whose deadline has passed when the one before ends are left out,
/// and the next sample weighs the time that really passed.
class Schedule {
 public:
  /// @param interval_us between rounds; 0 has the next round begin where the last one ended
  /// @param seed        of the random numbers for jitter; 0 for no jitter
  explicit Schedule(int64_t interval_us, uint64_t seed = 0);

  /// Begins anew: the first round is due one interval after `now`. Nothing in between was missed.
  void Start(int64_t now);
  /// When the next round is due.
  int64_t deadline() const { return deadline_; }
  /// The moment that samples taken now count as. On time it is the deadline: less than a quarter of an interval late says nothing
  /// of the program, and samples that all weigh the same make a small file. Never before that of an earlier call.
  int64_t MomentOf(int64_t now) const { return now - deadline_ < interval_ / 4 ? deadline_ : now; }
  /// Books a round and sets the next deadline.
  void Book(int64_t begin, int64_t end);

  /// From the next call of Book on, rounds follow each other at another interval.
  void SetInterval(int64_t interval_us);

  /// Rounds that began more than one interval late.
  uint64_t late_rounds() const { return late_rounds_; }
  /// Rounds that were never taken, because one before them was late or long.
  uint64_t missed_rounds() const { return missed_rounds_; }
  /// Rounds that took longer than the interval.
  uint64_t long_rounds() const { return long_rounds_; }

 private:
  /// A part of the interval: 0 without jitter.
  int64_t Jitter();

  int64_t interval_;
  /// State of the random number generator.
  uint64_t random_;
  const bool has_jitter_;
  /// The multiple of the interval to which the deadline belongs.
  int64_t grid_ = 0;
  int64_t deadline_ = 0;
  uint64_t late_rounds_ = 0;
  uint64_t missed_rounds_ = 0;
  uint64_t long_rounds_ = 0;
};

}  // namespace austin
