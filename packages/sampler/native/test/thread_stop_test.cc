#include "os/thread_stop.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "base/unique_fd.h"
#include "binary/proc_file.h"
#include "check.h"
#include "sampler/clock.h"

using namespace austin;

namespace {

constexpr int64_t kMilli = 1'000'000;

/// What a child and the test see both.
struct Shared {
  std::atomic<uint64_t> count = 0;
  std::atomic<int> ready = 0;
  std::atomic<int> errors = 0;
  std::atomic<pid_t> tid = 0;
};

void Sleep(int64_t ns) { SleepUntilNanoseconds(MonotonicNanoseconds() + ns); }

/// A forked process that runs a function; killed and waited for at the end.
class Child {
 public:
  explicit Child(const std::function<void(Shared&)>& body)
      : shared_(new(mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) Shared) {
    pid_ = fork();
    if (pid_ == 0) {
      body(*shared_);
      _exit(0);
    }
    while (shared_->ready == 0) Sleep(kMilli / 10);
  }
  ~Child() {
    if (pid_ != 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    munmap(shared_, sizeof(Shared));
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  Shared& shared() { return *shared_; }

  /// Waits for its end, and returns how it was.
  int Wait() {
    int status = 0;
    CHECK_EQ(waitpid(pid_, &status, 0), pid_);
    pid_ = 0;
    return status;
  }

  char State() const {
    std::string stat;
    ReadProcFile("/proc/" + std::to_string(pid_) + "/stat", stat);
    const size_t name_end = stat.rfind(')');
    return name_end == std::string::npos ? '?' : stat[name_end + 2];
  }
  /// Waits until it is in that state, for a while.
  bool Becomes(char state) const {
    for (int i = 0; i < 2000 && State() != state; ++i) Sleep(kMilli);
    return State() == state;
  }
  bool GoesOn() {
    const uint64_t before = shared_->count;
    for (int i = 0; i < 5000 && shared_->count == before; ++i) Sleep(kMilli);
    return shared_->count != before;
  }

 private:
  Shared* shared_;
  pid_t pid_ = 0;
};

void CountForEver(Shared& shared) {
  for (shared.ready = 1;;) ++shared.count;
}

/// Stops a thread that will stop as soon as it gets a processor.
CaptureOutcome StopSurely(ThreadStopper& stopper, pid_t pid, pid_t tid) {
  CaptureOutcome outcome = stopper.Stop(pid, tid);
  for (int i = 0; i < 100 && outcome == CaptureOutcome::kUnresponsive; ++i) {
    Sleep(kMilli);
    outcome = stopper.Stop(pid, tid);
  }
  return outcome;
}

void SettleAll(ThreadStopper& stopper) {
  for (int i = 0; i < 5000 && stopper.owes(); ++i) {
    stopper.Settle();
    Sleep(kMilli);
  }
  CHECK(!stopper.owes());
}

std::atomic<uint64_t>* handled = nullptr;
void Handle(int) { ++*handled; }

std::atomic<int> children_signals = 0;

}  // namespace

TEST(ThreadStop, StopsABusyThreadAndLetsItGoOn) {
  Child child(CountForEver);
  ThreadStopper stopper;
  for (int i = 0; i < 20; ++i) {
    REQUIRE(StopSurely(stopper, child.pid(), child.pid()) == CaptureOutcome::kTaken);
    const uint64_t count = child.shared().count;
    CHECK_EQ(child.State(), 't');
    CHECK(stopper.registers().size() >= 16 * 8);
    CHECK(!stopper.is_in_system_call());
    CHECK_EQ(child.shared().count.load(), count);
    const auto pause = stopper.Resume();
    CHECK(pause.has_value() && *pause > 0);
    CHECK(child.GoesOn());
  }
}

TEST(ThreadStop, LeavesASleeperToSleepOn) {
  constexpr int64_t kSleep = 300 * kMilli;
  Child child([](Shared& shared) {
    const int64_t begin = MonotonicNanoseconds();
    shared.ready = 1;
    const timespec wanted{.tv_sec = 0, .tv_nsec = kSleep};
    if (nanosleep(&wanted, nullptr) != 0) shared.errors = 1;
    if (MonotonicNanoseconds() - begin < kSleep) shared.errors = 2;
  });
  ThreadStopper stopper;
  int in_system_call = 0;
  for (int i = 0; i < 20; ++i) {
    if (StopSurely(stopper, child.pid(), child.pid()) != CaptureOutcome::kTaken) break;
    if (stopper.is_in_system_call()) ++in_system_call;
    stopper.Resume();
    Sleep(kMilli);
  }
  CHECK(in_system_call > 0);
  CHECK_EQ(child.Wait(), 0);
  CHECK_EQ(child.shared().errors.load(), 0);
}

TEST(ThreadStop, DeliversEverySignalThatComesInBetween) {
  Child child([](Shared& shared) {
    handled = &shared.count;
    struct sigaction action{};
    action.sa_handler = Handle;
    sigaction(SIGRTMIN, &action, nullptr);
    shared.ready = 1;
    while (true) pause();
  });
  ThreadStopper stopper;
  constexpr uint64_t kSignals = 300;
  uint64_t stops = 0;
  for (uint64_t i = 0; i < kSignals; ++i) {
    // Before it is stopped, in a race with it; and while it is.
    if (i % 2 == 0) kill(child.pid(), SIGRTMIN);
    if (StopSurely(stopper, child.pid(), child.pid()) == CaptureOutcome::kTaken) ++stops;
    if (i % 2 == 1) kill(child.pid(), SIGRTMIN);
    stopper.Resume();
  }
  CHECK(stops > 0);
  SettleAll(stopper);
  for (int i = 0; i < 5000 && child.shared().count < kSignals; ++i) Sleep(kMilli);
  CHECK_EQ(child.shared().count.load(), kSignals);
}

TEST(ThreadStop, RespectsJobControl) {
  Child child(CountForEver);
  ThreadStopper stopper;
  kill(child.pid(), SIGSTOP);
  CHECK(child.Becomes('T'));
  const uint64_t count = child.shared().count;
  for (int i = 0; i < 3; ++i) {
    CHECK_EQ(StopSurely(stopper, child.pid(), child.pid()), CaptureOutcome::kTaken);
    stopper.Resume();
    CHECK(child.Becomes('T'));
  }
  CHECK_EQ(child.shared().count.load(), count);
  kill(child.pid(), SIGCONT);
  CHECK(child.GoesOn());
  // A stop of job control that comes while the thread is stopped takes effect when it goes on.
  CHECK_EQ(StopSurely(stopper, child.pid(), child.pid()), CaptureOutcome::kTaken);
  kill(child.pid(), SIGSTOP);
  stopper.Resume();
  CHECK(child.Becomes('T'));
  kill(child.pid(), SIGCONT);
  CHECK(child.GoesOn());
}

TEST(ThreadStop, LeavesTheEndOfAChildToItsParent) {
  for (int i = 0; i < 10; ++i) {
    Child child(CountForEver);
    ThreadStopper stopper;
    REQUIRE(StopSurely(stopper, child.pid(), child.pid()) == CaptureOutcome::kTaken);
    kill(child.pid(), SIGKILL);
    if (i % 2 == 0) Sleep(5 * kMilli);
    const bool resumed = stopper.Resume().has_value();
    if (i % 2 == 0) CHECK(!resumed);
    const int status = child.Wait();
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    CHECK_EQ(stopper.Stop(1 << 22, 1 << 22), CaptureOutcome::kGone);
  }
}

TEST(ThreadStop, StopsAThreadThoughSomebodyElseHasHeardOfIt) {
  Child child(CountForEver);
  std::atomic<bool> done = false;
  // As Node asks for its children: it takes every answer, and knows nothing of stops.
  std::thread other([&] {
    while (!done) waitpid(child.pid(), nullptr, WNOHANG);
  });
  {
    ThreadStopper stopper;
    for (int i = 0; i < 500; ++i) {
      CHECK_EQ(StopSurely(stopper, child.pid(), child.pid()), CaptureOutcome::kTaken);
      stopper.Resume();
    }
    CHECK(!stopper.owes());
  }
  done = true;
  other.join();
  CHECK(child.GoesOn());
}

TEST(ThreadStop, BuriesThreadsThatEndWhileTheyAreStopped) {
  Child child([](Shared& shared) {
    std::thread([&shared] {
      shared.tid = static_cast<pid_t>(syscall(SYS_gettid));
      for (shared.ready = 1;;) ++shared.count;
    }).join();
  });
  ThreadStopper stopper;
  REQUIRE(StopSurely(stopper, child.pid(), child.shared().tid) == CaptureOutcome::kTaken);
  kill(child.pid(), SIGKILL);
  Sleep(5 * kMilli);
  CHECK(!stopper.Resume().has_value());
  // It may take its time to end, and its process ends when somebody has heard of that.
  for (int i = 0; i < 5000 && stopper.owes(); ++i) {
    Sleep(kMilli);
    stopper.Settle();
  }
  REQUIRE(!stopper.owes());
  CHECK(WIFSIGNALED(child.Wait()));
}

TEST(ThreadStop, TellsAnotherTracer) {
  Child child(CountForEver);
  Child tracer([pid = child.pid()](Shared& shared) {
    if (ptrace(PTRACE_SEIZE, pid, nullptr, nullptr) != 0) shared.errors = 1;
    shared.ready = 1;
    while (true) pause();
  });
  if (tracer.shared().errors != 0) SKIP("a child may not trace another here");
  ThreadStopper stopper;
  CHECK_EQ(stopper.Stop(child.pid(), child.pid()), CaptureOutcome::kTraced);
  CHECK(child.GoesOn());
}

TEST(ThreadStop, LeavesNothingStoppedWhenItIsKilled) {
  Child child(CountForEver);
  for (int i = 0; i < 20; ++i) {
    Child tracer([pid = child.pid()](Shared& shared) {
      ThreadStopper stopper;
      shared.errors = StopSurely(stopper, pid, pid) == CaptureOutcome::kTaken ? 0 : 1;
      shared.ready = 1;
      while (true) pause();
    });
    if (tracer.shared().errors != 0) SKIP("a child may not trace another here");
    CHECK_EQ(child.State(), 't');
    kill(tracer.pid(), SIGKILL);
    tracer.Wait();
    CHECK(child.GoesOn());
  }
}

TEST(ThreadStop, DoesNotTellTheProcessOfStopsOfItsChildren) {
  struct sigaction action{};
  struct sigaction before{};
  action.sa_handler = [](int) { ++children_signals; };
  sigaction(SIGCHLD, &action, &before);
  {
    Child child(CountForEver);
    children_signals = 0;
    ThreadStopper stopper;
    for (int i = 0; i < 5; ++i) {
      CHECK_EQ(StopSurely(stopper, child.pid(), child.pid()), CaptureOutcome::kTaken);
      stopper.Resume();
    }
    CHECK_EQ(children_signals.load(), 0);
    // The end of a child is another matter.
    kill(child.pid(), SIGKILL);
    child.Wait();
    CHECK(children_signals.load() > 0);
  }
  sigaction(SIGCHLD, &before, nullptr);
}

TEST(ThreadStop, GivesUpOnWhatDoesNotStopAndLetsItGoOnLater) {
  // vfork: the parent sleeps, and no signal wakes it, until the child calls exec or ends.
  Child child([](Shared& shared) {
    const pid_t waiting = vfork();
    if (waiting == 0) {
      shared.ready = 1;
      const timespec wanted{.tv_sec = 0, .tv_nsec = 400 * kMilli};
      syscall(SYS_nanosleep, &wanted, nullptr);
      _exit(0);
    }
    waitpid(waiting, nullptr, 0);
    CountForEver(shared);
  });
  ThreadStopper stopper;
  CHECK_EQ(stopper.Stop(child.pid(), child.pid()), CaptureOutcome::kUnresponsive);
  CHECK(stopper.owes());
  CHECK_EQ(stopper.Stop(child.pid(), child.pid()), CaptureOutcome::kUnresponsive);
  SettleAll(stopper);
  CHECK(child.GoesOn());
}
