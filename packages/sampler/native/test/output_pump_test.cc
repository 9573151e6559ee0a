#include "sampler/output_pump.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "check.h"
#include "child_process.h"

using namespace austin;

namespace {

/// Writing to a closed pipe is an error to be told, not the end of the process.
class IgnoreBrokenPipe {
 public:
  IgnoreBrokenPipe() : before_(signal(SIGPIPE, SIG_IGN)) {}
  ~IgnoreBrokenPipe() { signal(SIGPIPE, before_); }
  IgnoreBrokenPipe(const IgnoreBrokenPipe&) = delete;
  IgnoreBrokenPipe& operator=(const IgnoreBrokenPipe&) = delete;

 private:
  sighandler_t before_;
};

struct Pipe {
  explicit Pipe(int flags = 0) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | flags) != 0) return;
    read_end = UniqueFd(ends[0]);
    write_end = UniqueFd(ends[1]);
  }
  UniqueFd read_end;
  UniqueFd write_end;
};

std::string Numbered(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += std::to_string(i) + '\n';
  return text;
}

std::string ReadAll(int fd) {
  std::string all;
  char bytes[1 << 16];
  for (ssize_t got; (got = read(fd, bytes, sizeof(bytes))) > 0;) all.append(bytes, static_cast<size_t>(got));
  return all;
}

}  // namespace

TEST(OutputPump, WritesInOrder) {
  const check::TemporaryFolder folder;
  const std::string path = folder.path() + "/out";
  const std::string expected = Numbered(20'000);
  std::string heard;
  {
    OutputPump pump(UniqueFd(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)),
                    [&](std::string_view bytes, bool) { heard += bytes; });
    for (size_t at = 0; at < expected.size();) {
      std::string piece = expected.substr(at, at % 97 + 1);
      at += piece.size();
      CHECK(pump.Push(&piece));
      CHECK(piece.empty());
    }
    CHECK_EQ(pump.Finish(), 0);
    CHECK_EQ(pump.Finish(), 0);
  }
  std::ifstream file(path);
  CHECK(std::string(std::istreambuf_iterator<char>(file), {}) == expected);
  CHECK(heard == expected);
}

TEST(OutputPump, NeedsNoFile) {
  std::string heard;
  OutputPump pump(UniqueFd(), [&](std::string_view bytes, bool) { heard += bytes; });
  std::string bytes = "abc";
  CHECK(pump.Push(&bytes));
  CHECK_EQ(pump.Finish(), 0);
  CHECK_EQ(heard, "abc");
  OutputPump silent(UniqueFd(), {});
  bytes = "abc";
  CHECK(silent.Push(&bytes));
}

TEST(OutputPump, EndsWithoutEverHavingWritten) {
  OutputPump pump(UniqueFd(), {});
  CHECK_EQ(pump.Finish(), 0);
}

TEST(OutputPump, TellsThatTheDiskIsFull) {
  UniqueFd full(open("/dev/full", O_WRONLY | O_CLOEXEC));
  if (!full.valid()) SKIP("no /dev/full");
  OutputPump pump(std::move(full), {});
  bool is_writing = true;
  for (int i = 0; i < 10'000 && is_writing; ++i) {
    std::string bytes = "abc";
    is_writing = pump.Push(&bytes);
    usleep(100);
  }
  CHECK(!is_writing);
  CHECK_EQ(pump.Finish(), ENOSPC);
  CHECK_EQ(pump.Finish(), ENOSPC);
}

TEST(OutputPump, TellsThatTheReaderIsGone) {
  const IgnoreBrokenPipe ignored;
  Pipe pipe;
  pipe.read_end.reset();
  OutputPump pump(std::move(pipe.write_end), {});
  std::string bytes = "abc";
  pump.Push(&bytes);
  CHECK_EQ(pump.Finish(), EPIPE);
}

TEST(OutputPump, WaitsForASlowReader) {
  const IgnoreBrokenPipe ignored;
  for (const int flags : {0, O_NONBLOCK}) {
    Pipe pipe(flags);
    if (flags != 0) fcntl(pipe.read_end.get(), F_SETFL, 0);
    OutputPump pump(std::move(pipe.write_end), {});
    // More than may wait, with nobody reading: pushing blocks, and goes on when somebody reads.
    const size_t megabytes = 40;
    std::atomic<size_t> pushed = 0;
    std::thread producer([&] {
      for (size_t i = 0; i < megabytes; ++i) {
        std::string bytes(1 << 20, static_cast<char>('a' + i % 26));
        CHECK(pump.Push(&bytes));
        ++pushed;
      }
      CHECK_EQ(pump.Finish(), 0);
    });
    usleep(300'000);
    CHECK(pushed < megabytes);
    std::string all;
    char bytes[1 << 16];
    while (all.size() < megabytes << 20) {
      const ssize_t got = read(pipe.read_end.get(), bytes, sizeof(bytes));
      if (got <= 0) break;
      all.append(bytes, static_cast<size_t>(got));
    }
    producer.join();
    CHECK_EQ(all.size(), megabytes << 20);
    for (size_t i = 0; i < megabytes; ++i) CHECK_EQ(all[(i << 20) + 5], static_cast<char>('a' + i % 26));
  }
}

TEST(OutputPump, LetsAWaitingProducerGoWhenWritingFails) {
  const IgnoreBrokenPipe ignored;
  Pipe pipe;
  OutputPump pump(std::move(pipe.write_end), {});
  std::atomic<bool> refused = false;
  std::thread producer([&] {
    for (int i = 0; i < 100 && !refused; ++i) {
      std::string bytes(1 << 20, 'x');
      if (!pump.Push(&bytes)) refused = true;
    }
  });
  usleep(100'000);
  CHECK(!refused);
  pipe.read_end.reset();
  producer.join();
  CHECK(refused);
  CHECK_EQ(pump.Finish(), EPIPE);
}

TEST(OutputPump, KeepsFilesApart) {
  // The first piece holds the pump up until all others wait.
  std::atomic<bool> go = false;
  std::vector<std::pair<std::string, bool>> heard;
  OutputPump pump(UniqueFd(), [&](std::string_view bytes, bool starts_file) {
    while (!go) usleep(1000);
    heard.emplace_back(bytes, starts_file);
  });
  const std::pair<const char*, bool> pushes[] = {{"head", true}, {"a", false}, {"b", false}, {"foot", false},
                                                 {"head", true}, {"foot", false}, {"head", true}};
  for (const auto& [text, starts_file] : pushes) {
    std::string bytes = text;
    CHECK(pump.Push(&bytes, starts_file));
  }
  go = true;
  CHECK_EQ(pump.Finish(), 0);
  std::vector<std::string> files;
  for (const auto& [bytes, starts_file] : heard) {
    if (starts_file || files.empty()) files.emplace_back();
    files.back() += bytes;
  }
  CHECK(files == std::vector<std::string>({"headabfoot", "headfoot", "head"}));
}

TEST(OutputPump, TellsWhenWhatWasPushedIsWritten) {
  Pipe pipe;
  std::string heard;
  std::vector<std::string> done;
  OutputPump pump(std::move(pipe.write_end), [&](std::string_view bytes, bool) { heard += bytes; });
  const auto note = [&](uint64_t bytes) { done.push_back(heard + ' ' + std::to_string(bytes)); };
  pump.WhenWritten(note);
  for (const char* text : {"abc", "de", "f"}) {
    std::string bytes = text;
    pump.Push(&bytes);
    pump.WhenWritten(note);
  }
  std::string last = "never asked about";
  pump.Push(&last);
  pump.WhenWritten(note);
  pump.WhenWritten(note);
  CHECK_EQ(pump.Finish(), 0);
  REQUIRE(done.size() == 6);
  CHECK_EQ(done[0], " 0");
  CHECK_EQ(done[1], "abc 3");
  CHECK_EQ(done[2], "abcde 5");
  CHECK_EQ(done[3], "abcdef 6");
  CHECK_EQ(done[4], "abcdefnever asked about 23");
  CHECK_EQ(done[5], done[4]);
}

TEST(OutputPump, DoesNotTellOfWhatWasNotWritten) {
  UniqueFd full(open("/dev/full", O_WRONLY | O_CLOEXEC));
  if (!full.valid()) SKIP("no /dev/full");
  OutputPump pump(std::move(full), {});
  std::string bytes = "abc";
  pump.Push(&bytes);
  pump.WhenWritten([](uint64_t) { FAIL_TEST("it was not written"); });
  CHECK_EQ(pump.Finish(), ENOSPC);
}

TEST(OutputPump, WritesWhatWaitsWhenItIsDestroyed) {
  Pipe pipe;
  {
    OutputPump pump(std::move(pipe.write_end), {});
    std::string bytes = "last words";
    pump.Push(&bytes);
  }
  CHECK_EQ(ReadAll(pipe.read_end.get()), "last words");
}
