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

}  // namespace austin
