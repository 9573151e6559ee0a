#include "sampler/recording.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "check.h"
#include "child_process.h"
#include "support/mojo_events.h"

using namespace austin;
using austin::check::ChildProcess;

namespace {

constexpr const char* kProgram = R"(
def leaf():
    n = 0
    for i in range(1000):
        n += i
    return n
def outer():
    while True:
        leaf()
print("ready", flush=True)
outer()
)";

struct Recorded {
  RecordingResult result;
  std::string bytes;
  std::vector<std::string> events;

  size_t Count(std::string_view prefix) const {
    return static_cast<size_t>(std::count_if(events.begin(), events.end(),
                                             [&](const std::string& event) { return event.starts_with(prefix); }));
  }
  std::string Metadata(const std::string& key) const {
    for (const std::string& event : events) {
      if (event.starts_with("metadata " + key + ' ')) return event.substr(10 + key.size());
    }
    return {};
  }
};

Recorded RecordToFile(RecordingOptions options, const std::atomic<bool>& stop) {
  const check::TemporaryFolder folder;
  const std::string path = folder.path() + "/out.mojo";
  options.output = UniqueFd(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  RecordingResult result = Record(std::move(options), stop);
  std::ifstream file(path, std::ios::binary);
  Recorded recorded{std::move(result), {std::istreambuf_iterator<char>(file), {}}, {}};
  recorded.events = check::MojoEvents(recorded.bytes);
  return recorded;
}

}  // namespace

TEST(Recording, RecordsARunningInterpreter) {
  const std::vector<std::string> pythons = check::TestPythons();
  if (pythons.empty()) SKIP("no interpreter in AUSTIN_TEST_PYTHONS or on PATH");
  for (const std::string& python : pythons) {
    ChildProcess child({python, "-c", kProgram});
    REQUIRE(child.ReadLine() == "ready");
    std::string heard;
    std::string version;
    int reports = 0;
    RecordingOptions options;
    options.root = child.pid();
    options.duration_us = 300'000;
    options.metadata = {{"x-test", "yes"}};
    options.listener = [&](std::string_view bytes, bool) { heard += bytes; };
    options.on_attached = [&](const Target& target) {
      CHECK_EQ(target.pid, child.pid());
      version = target.version_text;
    };
    options.on_progress = [&](const Statistics&) { ++reports; };
    options.progress_ms = 50;
    const std::atomic<bool> stop = false;
    const Recorded recorded = RecordToFile(std::move(options), stop);

    const Statistics& s = recorded.result.statistics;
    CHECK_EQ(recorded.result.end, RecordingEnd::kDuration);
    CHECK(!recorded.result.error);
    CHECK(s.rounds > 50 && s.samples >= s.rounds);
    const uint64_t whole = s.of(Quality::kExact) + s.of(Quality::kRetried);
    CHECK_EQ(whole + s.of(Quality::kCut) + s.of(Quality::kInvalid), s.samples);
    CHECK(whole > s.samples / 2);
    CHECK_EQ(s.bytes, recorded.bytes.size());
    CHECK(heard == recorded.bytes);
    CHECK(reports > 0);

    CHECK_EQ(recorded.events.front(), "header 4");
    CHECK_EQ(recorded.Count("unknown"), 0u);
    CHECK_EQ(recorded.Count("stack"), s.samples);
    CHECK_EQ(recorded.Count("time"), s.samples);
    CHECK_EQ(recorded.Metadata("austin"), "4.0.0");
    CHECK_EQ(recorded.Metadata("mode"), "wall");
    CHECK_EQ(recorded.Metadata("interval"), "1000");
    CHECK_EQ(recorded.Metadata("x-test"), "yes");
    CHECK_EQ(recorded.Metadata("python"), version);
    CHECK_EQ(recorded.Metadata("count"), std::to_string(s.samples));
    for (const char* name : {"leaf", "outer", "<module>", "<string>"}) {
      const std::string ending = std::string(" ") + name;
      CHECK(std::any_of(recorded.events.begin(), recorded.events.end(), [&](const std::string& event) {
        return event.starts_with("string") && event.ends_with(ending);
      }));
    }
  }
}

TEST(Recording, EndsWithItsTarget) {
  const std::vector<std::string> pythons = check::TestPythons();
  if (pythons.empty()) SKIP("no interpreter in AUSTIN_TEST_PYTHONS or on PATH");
  ChildProcess child({pythons.front(), "-c", kProgram});
  REQUIRE(child.ReadLine() == "ready");
  std::thread end([&] {
    usleep(150'000);
    child.Kill();
  });
  RecordingOptions options;
  options.root = child.pid();
  const std::atomic<bool> stop = false;
  const Recorded recorded = RecordToFile(std::move(options), stop);
  end.join();
  CHECK_EQ(recorded.result.end, RecordingEnd::kTargetEnded);
  CHECK(!recorded.result.error);
  CHECK(recorded.result.statistics.samples > 0);
  CHECK(!recorded.Metadata("duration").empty());
}

TEST(Recording, StopsWhenToldTo) {
  const std::vector<std::string> pythons = check::TestPythons();
  if (pythons.empty()) SKIP("no interpreter in AUSTIN_TEST_PYTHONS or on PATH");
  ChildProcess child({pythons.front(), "-c", kProgram});
  REQUIRE(child.ReadLine() == "ready");
  RecordingOptions options;
  options.root = child.pid();
  options.interval_us = 10'000'000;
  std::atomic<bool> stop = false;
  std::thread stopper([&] {
    usleep(150'000);
    stop = true;
  });
  const Recorded recorded = RecordToFile(std::move(options), stop);
  stopper.join();
  CHECK_EQ(recorded.result.end, RecordingEnd::kStopped);
  CHECK(recorded.result.statistics.duration_us < 5'000'000);
}

TEST(Recording, WritesTheHeadOfAProcessThatEndsAtOnce) {
  ChildProcess child({"true"});
  REQUIRE(child.pid() != 0);
  RecordingOptions options;
  options.root = child.pid();
  options.timeout_ms = 2000;
  const std::atomic<bool> stop = false;
  const Recorded recorded = RecordToFile(std::move(options), stop);
  CHECK_EQ(recorded.result.end, RecordingEnd::kFailed);
  REQUIRE(recorded.result.error.has_value());
  CHECK_EQ(recorded.result.error->code, ErrorCode::kProcessGone);
  CHECK_EQ(recorded.Metadata("mode"), "wall");
  CHECK_EQ(recorded.Metadata("count"), "0");
  CHECK_EQ(recorded.Count("stack"), 0u);
}

TEST(Recording, WritesItsHeadAtOnce) {
  const std::vector<std::string> pythons = check::TestPythons();
  if (pythons.empty()) SKIP("no interpreter in AUSTIN_TEST_PYTHONS or on PATH");
  ChildProcess child({pythons.front(), "-c", kProgram});
  REQUIRE(child.ReadLine() == "ready");
  std::string heard;
  std::atomic<bool> stop = false;
  RecordingOptions options;
  options.root = child.pid();
  // Neither a sample nor the end comes before the head has been heard.
  options.interval_us = options.duration_us = 30'000'000;
  options.repeats = false;
  options.metadata = {{"x-test", "yes"}, {"austin", "3.7.0"}};
  options.listener = [&](std::string_view bytes, bool) {
    heard += bytes;
    stop = heard.find("python") != std::string::npos;
  };
  CHECK_EQ(Record(std::move(options), stop).end, RecordingEnd::kStopped);
  const std::vector<std::string> events = check::MojoEvents(heard);
  REQUIRE(events.size() > 2);
  CHECK_EQ(events[0], "header 3");
  CHECK_EQ(events[1], "metadata austin 3.7.0");
  CHECK_EQ(std::count(events.begin(), events.end(), "metadata x-test yes"), 1);
}

TEST(Recording, LeavesTheHeaderAloneWhereThereIsNoPython) {
  ChildProcess child({"sleep", "60"});
  REQUIRE(child.pid() != 0);
  RecordingOptions options;
  options.root = child.pid();
  options.timeout_ms = 50;
  const std::atomic<bool> stop = false;
  const Recorded recorded = RecordToFile(std::move(options), stop);
  CHECK_EQ(recorded.result.end, RecordingEnd::kFailed);
  CHECK_EQ(recorded.bytes, std::string("MOJ\x04"));
}

TEST(Recording, StopsBeforeItHasFoundAnInterpreter) {
  ChildProcess child({"sleep", "60"});
  REQUIRE(child.pid() != 0);
  RecordingOptions options;
  options.root = child.pid();
  options.timeout_ms = 20'000;
  const std::atomic<bool> stop = true;
  const Recorded recorded = RecordToFile(std::move(options), stop);
  CHECK_EQ(recorded.result.end, RecordingEnd::kStopped);
  CHECK(!recorded.result.error);
}

TEST(Recording, TellsThatTheOutputFailed) {
  const std::vector<std::string> pythons = check::TestPythons();
  if (pythons.empty()) SKIP("no interpreter in AUSTIN_TEST_PYTHONS or on PATH");
  UniqueFd full(open("/dev/full", O_WRONLY | O_CLOEXEC));
  if (!full.valid()) SKIP("no /dev/full");
  ChildProcess child({pythons.front(), "-c", kProgram});
  REQUIRE(child.ReadLine() == "ready");
  RecordingOptions options;
  options.root = child.pid();
  options.duration_us = 5'000'000;
  options.output = std::move(full);
  const std::atomic<bool> stop = false;
  const RecordingResult result = Record(std::move(options), stop);
  CHECK_EQ(result.end, RecordingEnd::kFailed);
  REQUIRE(result.error.has_value());
  CHECK_EQ(result.error->code, ErrorCode::kOutputWrite);
  CHECK_EQ(result.error->sys_errno, ENOSPC);
  CHECK(result.statistics.duration_us < 3'000'000);
}
