#pragma once

#include <cstdint>

namespace austin {

/// Microseconds of the monotonic clock.
int64_t MonotonicMicroseconds();

/// Nanoseconds of the monotonic clock.
int64_t MonotonicNanoseconds();

/// Nanoseconds of CPU time that the calling thread has used. Costs a system call.
int64_t ThreadCpuNanoseconds();

/// Sleeps until the monotonic clock shows `nanoseconds`; returns at once when it does already.
void SleepUntilNanoseconds(int64_t nanoseconds);

/// Lets the calling thread wake on time: the smallest timer slack, and a real-time priority where the machine grants one.
/// Both belong to the thread, not to the process.
class TimelyThread {
 public:
  /// @param realtime whether to ask for a real-time priority; only a thread that sleeps most of the time should.
  explicit TimelyThread(bool realtime);
  TimelyThread(const TimelyThread&) = delete;
  TimelyThread& operator=(const TimelyThread&) = delete;

  bool is_realtime() const { return is_realtime_; }
  /// Gives the real-time priority back.
  void Yield();

 private:
  bool is_realtime_ = false;
};

}  // namespace austin
