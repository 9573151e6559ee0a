#include "sampler/descendant_watch.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "check.h"
#include "child_process.h"
#include "os/birth_events.h"
#include "os/process_births.h"
#include "sampler/clock.h"
#include "sampler/process_discovery.h"

using namespace austin;
using austin::check::ChildProcess;

namespace {

/// Looks until a number of processes has been found, or nothing more can come.
std::vector<FoundProcess> Find(DescendantWatch& watch, size_t count) {
  std::vector<FoundProcess> found;
  while (found.size() < count && !watch.is_over()) {
    watch.Look(MonotonicNanoseconds(), &found);
    usleep(1000);
  }
  return found;
}

}  // namespace

TEST(ProcessBirths, NamesWhatIsNew) {
  ProcessBirths births;
  if (!births.Take()) SKIP("this system does not tell the last process number");
  for (int i = 0; i < 5; ++i) {
    const pid_t child = fork();
    if (child == 0) _exit(0);
    const auto news = births.Take();
    waitpid(child, nullptr, 0);
    REQUIRE(news.has_value());
    CHECK(std::any_of(news->begin(), news->end(), [child](const Birth& birth) { return birth.pid == child; }));
  }
}

TEST(DescendantWatch, FindsPythonsThroughOtherPrograms) {
  const std::vector<std::string> pythons = check::TestPythons();
  if (pythons.empty()) SKIP("no interpreter in AUSTIN_TEST_PYTHONS or on PATH");
  const std::string python = pythons.front() + " -c 'import time; time.sleep(60)'";
  ChildProcess root({"sh", "-c", "sh -c \"" + python + " & sleep 0.3; " + python + "; true\"; true"});
  DescendantWatch watch(root.pid());
  const std::vector<FoundProcess> found = Find(watch, 2);
  REQUIRE(found.size() == 2);
  CHECK(found[0].target.pid != found[1].target.pid);
  CHECK(found[0].target.pid != root.pid());
  CHECK(found[0].program.start_ticks != 0);
  // Once found it is not found again, unless it is released.
  std::vector<FoundProcess> more;
  watch.Look(MonotonicNanoseconds(), &more);
  CHECK(more.empty());
  watch.Release(found[1].target.pid);
  watch.Look(MonotonicNanoseconds(), &more);
  REQUIRE(more.size() == 1);
  CHECK_EQ(more[0].target.pid, found[1].target.pid);
  // The tree is over when all have ended, whoever ended first.
  root.Kill();
  watch.Look(MonotonicNanoseconds(), &more);
  CHECK(!watch.is_over());
  for (const FoundProcess& process : found) kill(process.target.pid, SIGKILL);
  for (int i = 0; i < 1000 && !watch.is_over(); ++i) {
    // One that is about to end may be found once more.
    for (const FoundProcess& process : found) watch.Release(process.target.pid);
    watch.Look(MonotonicNanoseconds(), &more);
    usleep(1000);
  }
  CHECK(watch.is_over());
}

TEST(DescendantWatch, FindsADaemonWhoseParentsHaveEnded) {
  const std::vector<std::string> pythons = check::TestPythons();
  if (pythons.empty()) SKIP("no interpreter in AUSTIN_TEST_PYTHONS or on PATH");
  if (!BirthEvents().is_usable()) SKIP("this system does not tell of processes: that takes its first namespaces, and often root");
  const std::string python = pythons.front() + " -c 'import time; time.sleep(60)'";
  // Each setsid is in a session of its own, starts the next one and ends.
  ChildProcess root({"sh", "-c", "sleep 0.3; setsid -f setsid -f setsid -f " + python + "; sleep 20; true"});
  DescendantWatch watch(root.pid());
  std::vector<FoundProcess> found;
  watch.Look(MonotonicNanoseconds(), &found);
  // By then all have ended but the Python.
  usleep(600'000);
  found = Find(watch, 1);
  REQUIRE(found.size() == 1);
  kill(found[0].target.pid, SIGKILL);
}

TEST(DescendantWatch, KnowsThatNothingIsThere) {
  ChildProcess root({"sleep", "60"});
  DescendantWatch watch(root.pid());
  std::vector<FoundProcess> found;
  watch.Look(MonotonicNanoseconds(), &found);
  CHECK(found.empty());
  CHECK(watch.pass().root == ProbeStatus::kNotPython);
  CHECK(watch.pass().best.result.error().message.find(std::to_string(root.pid())) != std::string::npos);
  root.Kill();
  watch.Look(MonotonicNanoseconds() + 60'000'000'000, &found);
  CHECK(watch.is_over());
  CHECK(watch.pass().root == ProbeStatus::kGone);
}

TEST(ProcessDiscovery, GivesUpAsASearchDoes) {
  const std::atomic<bool> stop = false;
  ChildProcess sleeper({"sleep", "60"});
  ProcessDiscovery nothing(sleeper.pid(), 100, stop);
  const auto error = nothing.WaitForFirst();
  REQUIRE(error.has_value());
  CHECK_EQ(error->code, ErrorCode::kNotPython);

  ChildProcess ended({"true"});
  ProcessDiscovery gone(ended.pid(), 30'000, stop);
  const auto gone_error = gone.WaitForFirst();
  REQUIRE(gone_error.has_value());
  CHECK_EQ(gone_error->code, ErrorCode::kProcessGone);

  const std::atomic<bool> stopped = true;
  ProcessDiscovery cancelled(sleeper.pid(), 30'000, stopped);
  CHECK(cancelled.WaitForFirst().has_value());
}
