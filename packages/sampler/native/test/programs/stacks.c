// Runs through code that is hard to unwind: callbacks of the C library, signal handlers on a stack of their own, large and variable
// frames, deep recursion, tail calls, stubs of the dynamic linker, the vDSO, system calls.
#define _GNU_SOURCE
#include <alloca.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile double sink;
static volatile int counter;

static int compare(const void* a, const void* b) {
  const double x = *(const double*)a, y = *(const double*)b;
  sink += sin(x) * cos(y);
  return (x > y) - (x < y);
}

static void sort_some(int count) {
  double* const values = alloca((size_t)count * sizeof(double));
  for (int i = 0; i < count; ++i) values[i] = (double)((i * 7919) % count);
  qsort(values, (size_t)count, sizeof(double), compare);
  sink += values[count / 2];
}

static void on_signal(int number) {
  (void)number;
  for (int i = 0; i < 200; ++i) sink += pow(1.0001, i);
  ++counter;
}

static __attribute__((noinline)) double recurse(int depth) {
  volatile char block[100];
  memset((void*)block, depth, sizeof(block));
  if (depth == 0) {
    sort_some(30);
    return block[3];
  }
  return recurse(depth - 1) + block[5];
}

static __attribute__((noinline)) double tail(int depth) {
  if (depth == 0) return exp(sink > 1e300 ? 0.0 : 1.5);
  return tail(depth - 1);
}

static __attribute__((noinline)) double over_aligned(int n) {
  _Alignas(64) volatile double block[32];
  for (int i = 0; i < 32; ++i) block[i] = log1p(i + n);
  return block[n & 31];
}

static __attribute__((noinline)) void text(void) {
  char line[400];
  for (int i = 0; i < 20; ++i) {
    snprintf(line, sizeof(line), "%d %s %.17g %p", i, "text", sink, (void*)line);
    sink += strtod(line, NULL) + (double)strlen(line);
    char* const copy = strdup(line);
    free(copy);
  }
}

// Code that the kernel lends: the vDSO.
static __attribute__((noinline)) void clocks(void) {
  struct timespec now;
  for (int i = 0; i < 3000; ++i) clock_gettime(CLOCK_MONOTONIC, &now);
  sink += (double)now.tv_nsec;
}

static void* work(void* argument) {
  (void)argument;
  for (;;) {
    sort_some(50);
    sink += recurse(40) + tail(100) + over_aligned(counter);
    text();
    clocks();
    const struct timespec pause = {0, 200000};
    nanosleep(&pause, NULL);
  }
  return NULL;
}

int main(void) {
  const stack_t stack = {.ss_sp = malloc(1 << 16), .ss_size = 1 << 16};
  sigaltstack(&stack, NULL);
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK | SA_RESTART};
  sigaction(SIGALRM, &action, NULL);
  action.sa_flags = SA_RESTART;
  sigaction(SIGPROF, &action, NULL);
  const struct itimerval often = {{0, 3000}, {0, 3000}};
  setitimer(ITIMER_REAL, &often, NULL);
  setitimer(ITIMER_PROF, &often, NULL);
  pthread_t thread;
  pthread_create(&thread, NULL, work, NULL);
  puts("ready");
  fflush(stdout);
  work(NULL);
}
