#include "os/thread_wait.h"

#include <string>
#include <vector>

#include "check.h"
#include "child_process.h"
#include "memory/process_memory_reader.h"
#include "os/system_calls.h"

using namespace austin;
using austin::check::ChildProcess;

namespace {

/// Each script ends in one wait, which begins soon after it has said "now".
struct Case {
  const char* script;
  /// Beginning of what the wait is described as.
  std::string expected;
};

const Case kCases[] = {
    {"time.sleep(60)", "sleeping"},
    {"os.read(os.pipe()[0], 1)", "reading from pipe:["},
    {"s = socket.socketpair(); s[0].recv(1)", "reading from socket:["},
    {"s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(); s.accept()", "a connection on socket:["},
    {"select.select([os.pipe()[0]], [], [])", "events on pipe:["},
    {"p = select.poll(); p.register(r, select.POLLIN); p.register(os.pipe()[0], select.POLLIN); p.poll()", "events on pipe:["},
    {"e = select.epoll(); e.register(os.pipe()[0], select.EPOLLIN); e.poll()", "events on pipe:["},
    {"l = threading.Lock(); l.acquire(); l.acquire()", "a lock"},
    {"pid = os.fork() or child(); os.waitpid(pid, 0)", "child process "},
    {"os.fork() or child(); os.wait()", "a child process"},
    {"signal.pause()", "a signal"},
    {"signal.pthread_sigmask(signal.SIG_BLOCK, [10]); signal.sigwait([10])", "a signal"},
    {"s = b'x' * 10**7; os.write(os.pipe()[1], s)", "writing to pipe:["},
};

}  // namespace

TEST(ThreadWait, ParsesLines) {
  const auto call = ParseBlockedCall("202 0x7f00 0x189 0x0 0x1 0x2 0xffffffff 0x7ffe 0x7f11\n");
  REQUIRE(call.has_value());
  CHECK_EQ(call->number, 202);
  CHECK_EQ(call->arguments[0], 0x7f00u);
  CHECK_EQ(call->arguments[5], 0xffffffffu);
  CHECK_EQ(ParseBlockedCall("-1 0x7ffe 0x7f11\n")->number, -1);
  CHECK(!ParseBlockedCall("running\n"));
  CHECK(!ParseBlockedCall(""));
  CHECK(!ParseBlockedCall("202 0x7f00 0x189"));
  CHECK(!ParseBlockedCall("202 nonsense"));
}

TEST(ThreadWait, TellsWhatLivingThreadsWaitFor) {
  const std::vector<std::string> pythons = check::TestPythons();
  if (pythons.empty()) SKIP("no interpreter in AUSTIN_TEST_PYTHONS or on PATH");
  for (const std::string& python : pythons) {
    for (const Case& each : kCases) {
      ChildProcess child({python, "-I", "-c",
                          "import os, select, signal, socket, threading, time, warnings\n"
                          "warnings.simplefilter('ignore')\n"
                          "signal.alarm(60)\n"
                          "r, w = os.pipe()\n"
                          "def child():\n"
                          "    os.close(w)\n"
                          "    os.read(r, 1)\n"
                          "    os._exit(0)\n"
                          "print('now', flush=True)\n" +
                              std::string(each.script)});
      REQUIRE(child.ReadLine() == "now");
      ProcessMemoryReader memory(child.pid());
      std::string got;
      // Until it sleeps for good; the writer of the line may still be on its way.
      for (int attempt = 0; attempt < 200'000; ++attempt) {
        const ThreadWait wait = ReadThreadWait(child.pid(), child.pid());
        if (wait.activity == ThreadActivity::kEnded) break;
        got = DescribeWait(memory, child.pid(), wait);
        if (got.starts_with(each.expected)) {
          CHECK_EQ(wait.activity, ThreadActivity::kSleeping);
          CHECK(!SystemCallName(wait).empty());
          CHECK((FutexOf(wait) != 0) == (got == "a lock"));
          break;
        }
      }
      if (!got.starts_with(each.expected)) {
        FAIL_TEST(python + ": " + each.script + " waits for '" + got + "', expected '" + each.expected + "'");
      }
    }
  }
}

TEST(ThreadWait, TellsThatAThreadRuns) {
  ChildProcess child({"sh", "-c", "echo now; while :; do :; done"});
  REQUIRE(child.ReadLine() == "now");
  ThreadWait wait = ReadThreadWait(child.pid(), child.pid());
  for (int i = 0; i < 1000 && wait.activity != ThreadActivity::kRunning; ++i) wait = ReadThreadWait(child.pid(), child.pid());
  CHECK_EQ(wait.activity, ThreadActivity::kRunning);
  ProcessMemoryReader memory(child.pid());
  CHECK_EQ(DescribeWait(memory, child.pid(), wait), "");
  CHECK_EQ(SystemCallName(wait), "");
}

TEST(ThreadWait, KnowsNothingOfWhatIsGone) {
  const ThreadWait wait = ReadThreadWait(4194304, 4194304);
  CHECK_EQ(wait.activity, ThreadActivity::kUnknown);
  CHECK(!wait.call);
  CHECK(FindSystemCall(100'000) == nullptr);
}
