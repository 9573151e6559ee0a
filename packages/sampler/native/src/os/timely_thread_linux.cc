#include "os/timely_thread.h"

#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>

namespace austin {

namespace {

/// The lowest real-time priority is enough to be woken before ordinary threads.
constexpr int kPriority = 1;
constexpr int kPolicy = SCHED_FIFO | SCHED_RESET_ON_FORK;

bool AskForRealtime() {
  const sched_param priority{.sched_priority = kPriority};
  return sched_setscheduler(0, kPolicy, &priority) == 0;
}

void TakeOrdinary() {
  const sched_param ordinary{.sched_priority = 0};
  sched_setscheduler(0, SCHED_OTHER, &ordinary);
}

}  // namespace

TimelyThread::TimelyThread(bool realtime) {
  prctl(PR_SET_TIMERSLACK, 1);
  is_realtime_ = realtime && AskForRealtime();
}

void TimelyThread::Yield() {
  if (!is_realtime_) return;
  TakeOrdinary();
  is_realtime_ = false;
}

void StartInTime(std::thread* thread) {
  const sched_param priority{.sched_priority = kPriority};
  pthread_setschedparam(thread->native_handle(), kPolicy, &priority);
}

bool BeginHurry() {
  // SCHED_RESET_ON_FORK gives what is started the nice value 0, whatever ours is.
  if (sched_getscheduler(0) != SCHED_OTHER || getpriority(PRIO_PROCESS, 0) != 0) return false;
  return AskForRealtime();
}

void EndHurry() { TakeOrdinary(); }

}  // namespace austin
