/* A library with one function, NAME, that works for so many seconds. Each is as large as the others. */
#include <time.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

volatile unsigned long work;

void NAME(double seconds) {
  for (double end = now() + seconds; now() < end;) work += STEP;
}
