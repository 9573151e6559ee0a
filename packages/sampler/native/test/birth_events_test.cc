#include "os/birth_events.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

#include "check.h"

using namespace austin;

namespace {

/// Waits for the birth of a process, and tells who started it; 0 if nothing comes.
pid_t ParentOf(BirthEvents& events, pid_t pid) {
  for (int i = 0; i < 1000; ++i) {
    events.Wait(std::chrono::milliseconds(10));
    const auto births = events.Take();
    if (!births) return 0;
    for (const Birth& birth : *births) {
      if (birth.pid == pid) return birth.parent;
    }
  }
  return 0;
}

}  // namespace

TEST(BirthEvents, NameEachProcessAndItsParent) {
  BirthEvents events;
  if (!events.is_usable()) SKIP("this system does not tell of processes: that takes its first namespaces, and often root");
  const pid_t child = fork();
  if (child == 0) _exit(0);
  // A thread is no process.
  std::thread([] {}).join();
  CHECK_EQ(ParentOf(events, child), getpid());
  waitpid(child, nullptr, 0);
  const auto others = events.Take();
  REQUIRE(others.has_value());
  CHECK(std::none_of(others->begin(), others->end(), [](const Birth& birth) { return birth.parent == getpid(); }));
}

TEST(BirthEvents, WaitForTheReader) {
  BirthEvents events;
  if (!events.is_usable()) SKIP("this system does not tell of processes: that takes its first namespaces, and often root");
  std::vector<pid_t> children;
  for (int i = 0; i < 1000; ++i) {
    const pid_t child = fork();
    if (child == 0) _exit(0);
    waitpid(child, nullptr, 0);
    children.push_back(child);
  }
  const auto births = events.Take();
  REQUIRE(births.has_value());
  std::vector<pid_t> ours;
  for (const Birth& birth : *births) {
    if (birth.parent == getpid()) ours.push_back(birth.pid);
  }
  CHECK(ours == children);
}

TEST(BirthEvents, AWaitCanBeInterrupted) {
  BirthEvents events;
  events.Interrupt();
  events.Wait(std::chrono::hours(1));
  std::thread other([&] { events.Interrupt(); });
  // Births end a wait as well, and not the test.
  events.Wait(std::chrono::hours(1));
  other.join();
}
