#include <unistd.h>

#include <atomic>
#include <cstring>
#include <thread>
#include <vector>

#include "check.h"
#include "child_process.h"
#include "os/descriptor_budget.h"
#include "os/resident_memory.h"
#include "os/thread_states.h"

using namespace austin;
using austin::check::ChildProcess;

namespace {

/// A child that waits for its input to end, and one that never rests.
ChildProcess Waiting() { return ChildProcess({"sh", "-c", "echo ready; read -r line"}); }
ChildProcess Running() { return ChildProcess({"sh", "-c", "echo ready; while :; do :; done"}); }

/// How often of a hundred a process was found running, 1 ms apart.
int TimesRunning(ThreadStates& states, pid_t pid) {
  int times = 0;
  for (int i = 0; i < 100; ++i) {
    if (states.IsRunning(static_cast<uint64_t>(pid))) ++times;
    usleep(1000);
  }
  return times;
}

}  // namespace

TEST(ThreadStates, TellsWhoRuns) {
  ChildProcess waiting = Waiting();
  ChildProcess running = Running();
  REQUIRE(waiting.ReadLine() == "ready");
  REQUIRE(running.ReadLine() == "ready");
  // With descriptors to keep and without.
  for (const size_t count : {10, 0}) {
    DescriptorBudget budget(count);
    ThreadStates of_waiting(waiting.pid(), &budget);
    ThreadStates of_running(running.pid(), &budget);
    usleep(50'000);
    CHECK(TimesRunning(of_waiting, waiting.pid()) < 10);
    CHECK_EQ(TimesRunning(of_running, running.pid()), 100);
  }
}

TEST(ThreadStates, KeepsNoMoreThanItsBudgetAndGivesItBack) {
  std::atomic<bool> done = false;
  std::atomic<pid_t> tids[2] = {0, 0};
  std::vector<std::thread> threads;
  for (std::atomic<pid_t>& tid : tids) {
    threads.emplace_back([&] {
      tid = gettid();
      while (!done) {
      }
    });
  }
  while (tids[0] == 0 || tids[1] == 0) usleep(100);
  DescriptorBudget budget(1);
  {
    ThreadStates states(getpid(), &budget);
    for (const std::atomic<pid_t>& tid : tids) CHECK(states.IsRunning(static_cast<uint64_t>(tid)));
    CHECK(!budget.Take());
    states.ForgetOtherThreads({});
    CHECK(budget.Take());
    budget.Give();
    CHECK(states.IsRunning(static_cast<uint64_t>(tids[1])));
  }
  CHECK(budget.Take());
  done = true;
  for (std::thread& thread : threads) thread.join();
}

TEST(ThreadStates, AThreadThatIsGoneDoesNotRun) {
  DescriptorBudget budget;
  ChildProcess child = Running();
  REQUIRE(child.ReadLine() == "ready");
  ThreadStates states(child.pid(), &budget);
  CHECK(states.IsRunning(static_cast<uint64_t>(child.pid())));
  child.Kill();
  CHECK(!states.IsRunning(static_cast<uint64_t>(child.pid())));
}

TEST(ResidentMemory, FollowsWhatIsTouched) {
  DescriptorBudget budget;
  ResidentMemory memory(getpid(), &budget);
  const int64_t before = memory.Bytes().value_or(0);
  CHECK(before > 0);
  constexpr size_t kSize = 64 << 20;
  std::vector<char> block(kSize, 1);
  const int64_t grown = memory.Bytes().value_or(0) - before;
  CHECK(block[kSize / 2] == 1);
  // The kernel counts in lots.
  CHECK(grown > static_cast<int64_t>(kSize * 9 / 10) && grown < static_cast<int64_t>(kSize * 11 / 10));
  CHECK(PhysicalMemoryKib() * 1024 > static_cast<uint64_t>(before));
  CHECK(!ResidentMemory(0x3fffffff, &budget).Bytes());
}
