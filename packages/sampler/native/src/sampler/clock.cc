#include "sampler/clock.h"

#include <time.h>

#include <cerrno>

namespace austin {

namespace {

int64_t Nanoseconds(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

int64_t MonotonicNanoseconds() { return Nanoseconds(CLOCK_MONOTONIC); }

int64_t ThreadCpuNanoseconds() { return Nanoseconds(CLOCK_THREAD_CPUTIME_ID); }

int64_t MonotonicMicroseconds() { return MonotonicNanoseconds() / 1000; }

void SleepUntilNanoseconds(int64_t nanoseconds) {
  const timespec deadline{.tv_sec = nanoseconds / 1'000'000'000, .tv_nsec = nanoseconds % 1'000'000'000};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, nullptr) == EINTR) {
  }
}

}  // namespace austin
