#pragma once

#include <sys/types.h>

#include <cstdio>
#include <string>
#include <vector>

#include "cpython/layout.h"
#include "memory/memory_reader.h"

namespace austin::check {

/// An interpreter that runs a script and then waits, so that its memory can be read. Ends with the object.
class PythonChild {
 public:
  /// Before the script runs, `line(*values)` is defined to print values separated by spaces and flush; after it,
  /// the interpreter waits until it is told to go on, then runs `more`, if any, and waits again. It waits in the
  /// script's own frame.
  PythonChild(const std::string& executable, const std::string& script, const std::string& more = "");
  ~PythonChild();
  PythonChild(const PythonChild&) = delete;
  PythonChild& operator=(const PythonChild&) = delete;

  pid_t pid() const { return pid_; }
  /// The interpreter's version, and the addresses of `_PyRuntime` and of the main interpreter.
  PythonVersion version() const { return version_; }
  Address runtime() const { return runtime_; }
  Address interpreter() const { return interpreter_; }
  bool started() const { return started_; }

  /// The words of each line the script has printed. Call once after construction and once after GoOn.
  std::vector<std::vector<std::string>> Lines();
  void GoOn();

 private:
  bool ReadLine(std::string& line);

  pid_t pid_ = -1;
  FILE* output_ = nullptr;
  int input_ = -1;
  PythonVersion version_;
  Address runtime_ = 0;
  Address interpreter_ = 0;
  bool started_ = false;
};

/// Text as the bytes that the hexadecimal digits of a script's output stand for; "-" is the empty text.
std::string FromHex(const std::string& digits);

}  // namespace austin::check
