#include "binary/program_tree.h"

#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <string>

#include "binary/process_info.h"
#include "check.h"
#include "child_process.h"

using namespace austin;
using austin::check::ChildProcess;

namespace {

/// A shell that starts another one, which does what `script` says and then sleeps; both print their pids.
std::string Family(const std::string& script) { return "echo $$; sh -c '" + script + "echo $$; sleep 60; true'; true"; }

}  // namespace

TEST(ProgramTree, SignalsAProgramAndWhatItStarted) {
  ChildProcess shell({"sh", "-c", Family("")});
  REQUIRE(shell.ReadLine() == std::to_string(shell.pid()));
  const pid_t inner = std::stoi(shell.ReadLine());
  ProgramTree tree(shell.pid());
  CHECK(tree.Signal(0));
  CHECK(tree.Signal(SIGTERM));
  tree.End(std::chrono::seconds(10));
  CHECK(StateOf(inner) != ProcessState::kAlive);
  CHECK(!tree.Signal(0));
}

TEST(ProgramTree, KillsWhatDoesNotObeyAndHasLostItsParent) {
  ChildProcess shell({"sh", "-c", Family("trap \"\" TERM; ")});
  REQUIRE(shell.ReadLine() == std::to_string(shell.pid()));
  const pid_t inner = std::stoi(shell.ReadLine());
  ProgramTree tree(shell.pid());
  CHECK(tree.Signal(SIGTERM));
  while (StateOf(shell.pid()) == ProcessState::kAlive) usleep(1000);
  CHECK(StateOf(inner) == ProcessState::kAlive);
  tree.End(std::chrono::milliseconds(10));
  CHECK(StateOf(inner) != ProcessState::kAlive);
}

TEST(ProgramTree, CollectsItsRoot) {
  ChildProcess sleeper({"sleep", "60"});
  REQUIRE(sleeper.pid() != 0);
  ProgramTree(sleeper.pid()).End(std::chrono::seconds(10));
  CHECK(StateOf(sleeper.pid()) == ProcessState::kGone);
}

TEST(ProgramTree, HasNothingToDoWithWhatIsGone) {
  pid_t pid = 0;
  {
    ChildProcess sleeper({"sleep", "60"});
    pid = sleeper.pid();
    CHECK(ProgramTree(pid).Signal(0));
    sleeper.Kill();
    while (StateOf(pid) == ProcessState::kAlive) usleep(1000);
    CHECK(!ProgramTree(pid).Signal(0));
  }
  CHECK(!ProgramTree(pid).Signal(0));
}
