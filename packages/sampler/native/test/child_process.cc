#include "child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

extern char** environ;

namespace austin::check {

ChildProcess::ChildProcess(const std::vector<std::string>& arguments, const std::vector<std::string>& environment) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return;
  output_ = UniqueFd(ends[0]);
  const UniqueFd input(ends[1]);

  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  std::vector<char*> envp;
  for (const std::string& variable : environment) envp.push_back(const_cast<char*>(variable.c_str()));
  for (char** variable = environ; *variable != nullptr; ++variable) envp.push_back(*variable);
  envp.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input.get(), STDOUT_FILENO);
  pid_t pid = 0;
  if (posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), envp.data()) == 0) pid_ = pid;
  posix_spawn_file_actions_destroy(&actions);
}

ChildProcess::~ChildProcess() {
  if (pid_ == 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

std::string ChildProcess::ReadLine() {
  while (true) {
    const size_t end = buffer_.find('\n');
    if (end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    pollfd waiting{output_.get(), POLLIN, 0};
    char bytes[4096];
    if (poll(&waiting, 1, 10'000) <= 0) return {};
    const ssize_t got = read(output_.get(), bytes, sizeof(bytes));
    if (got <= 0) return {};
    buffer_.append(bytes, size_t(got));
  }
}

void ChildProcess::Kill() {
  siginfo_t info;
  kill(pid_, SIGKILL);
  waitid(P_PID, id_t(pid_), &info, WEXITED | WNOWAIT);
}

std::vector<std::string> TestPythons() {
  const char* named = std::getenv("AUSTIN_TEST_PYTHONS");
  std::istringstream stream(named != nullptr ? named : "python3");
  std::vector<std::string> pythons;
  for (std::string command; std::getline(stream, command, ':');) {
    if (command.empty()) continue;
    // What stands on PATH may be a script that starts the interpreter, and runs for a while before it does.
    ChildProcess probe({command, "-c", "import os, sys; print(os.path.realpath(sys.executable))"});
    const std::string path = probe.ReadLine();
    if (!path.empty()) pythons.push_back(path);
  }
  return pythons;
}

TemporaryFolder::TemporaryFolder() {
  std::string path = (std::filesystem::temp_directory_path() / "austin-test-XXXXXX").string();
  if (mkdtemp(path.data()) != nullptr) path_ = path;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace austin::check
