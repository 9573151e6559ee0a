#include "os/signal_origins.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>

#include "check.h"

using namespace austin;

namespace {

std::atomic<int> handled = 0;

void Count(int) { ++handled; }

/// A handler of ours, and what was there before it afterwards.
struct Handler {
  explicit Handler(int number, void (*handler)(int)) : number(number) {
    struct sigaction action = {};
    action.sa_handler = handler;
    sigaction(number, &action, &before);
  }
  ~Handler() { sigaction(number, &before, nullptr); }

  const int number;
  struct sigaction before = {};
};

/// Sent from another process, or by the system's own alarm.
void SendFromProcess(int number) {
  const pid_t child = fork();
  if (child == 0) _exit(kill(getppid(), number));
  waitpid(child, nullptr, 0);
}

}  // namespace

TEST(SignalOrigins, TellsTheSystemFromAProcess) {
  const Handler handler(SIGALRM, Count);
  handled = 0;
  REQUIRE(WatchSignal(SIGALRM));
  CHECK(TakeSignalOrigin(SIGALRM) == SignalOrigin::kUnknown);
  SendFromProcess(SIGALRM);
  while (handled < 1) usleep(1000);
  alarm(1);
  while (handled < 2) usleep(1000);
  CHECK(TakeSignalOrigin(SIGALRM) == SignalOrigin::kProcess);
  CHECK(TakeSignalOrigin(SIGALRM) == SignalOrigin::kSystem);
  CHECK(TakeSignalOrigin(SIGALRM) == SignalOrigin::kUnknown);
  UnwatchSignal(SIGALRM);
  raise(SIGALRM);
  CHECK_EQ(handled.load(), 3);
  CHECK(TakeSignalOrigin(SIGALRM) == SignalOrigin::kUnknown);
}

TEST(SignalOrigins, DoesNotTakeOverWhatNobodyHandles) {
  const Handler ignoring(SIGUSR2, SIG_IGN);
  CHECK(!WatchSignal(SIGUSR2));
  CHECK(!WatchSignal(0));
  CHECK(!WatchSignal(1000));
  UnwatchSignal(SIGUSR2);
  raise(SIGUSR2);
}

TEST(SignalOrigins, LeavesAHandlerThatCameLater) {
  const Handler handler(SIGUSR2, Count);
  handled = 0;
  REQUIRE(WatchSignal(SIGUSR2));
  REQUIRE(WatchSignal(SIGUSR2));
  UnwatchSignal(SIGUSR2);
  raise(SIGUSR2);
  CHECK(TakeSignalOrigin(SIGUSR2) == SignalOrigin::kProcess);
  const Handler later(SIGUSR2, SIG_IGN);
  UnwatchSignal(SIGUSR2);
  raise(SIGUSR2);
  CHECK_EQ(handled.load(), 1);
}

TEST(SignalOrigins, ForgetsTheOldestOfVeryMany) {
  const Handler handler(SIGUSR2, Count);
  handled = 0;
  REQUIRE(WatchSignal(SIGUSR2));
  for (int i = 0; i < 70; ++i) raise(SIGUSR2);
  CHECK_EQ(handled.load(), 70);
  for (int i = 0; i < 6; ++i) CHECK(TakeSignalOrigin(SIGUSR2) == SignalOrigin::kUnknown);
  for (int i = 0; i < 64; ++i) CHECK(TakeSignalOrigin(SIGUSR2) == SignalOrigin::kProcess);
  CHECK(TakeSignalOrigin(SIGUSR2) == SignalOrigin::kUnknown);
  UnwatchSignal(SIGUSR2);
}
