#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "base/unique_fd.h"

namespace austin::check {

/// A program that runs while the object lives; killed and waited for at the end.
class ChildProcess {
 public:
  /// Starts a program with its standard output in a pipe. `environment` is added to the own one, as "NAME=value".
  explicit ChildProcess(const std::vector<std::string>& arguments, const std::vector<std::string>& environment = {});
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// 0 if it could not be started.
  pid_t pid() const { return pid_; }

  /// Waits up to 10 s for the next line of its output, without the newline; empty when there is none.
  std::string ReadLine();

  /// Ends it with SIGKILL. It stays a zombie until the object dies.
  void Kill();

 private:
  pid_t pid_ = 0;
  UniqueFd output_;
  std::string buffer_;
};

/// The interpreters to test with: those of AUSTIN_TEST_PYTHONS (with colons between), else `python3` of PATH if it works; of each
/// the real executable, behind all shims and virtual environments.
std::vector<std::string> TestPythons();

/// A folder that is removed with its contents at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace austin::check
