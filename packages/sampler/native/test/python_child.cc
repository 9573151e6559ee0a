#include "python_child.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <sstream>

namespace austin::check {
namespace {

constexpr const char* kPrologue = R"(
import sys, ctypes
def line(*values):
    print(*values, flush=True)
def text(value):
    return value.encode('utf-8', 'surrogateescape').hex() or '-'
_get = getattr(ctypes.pythonapi, 'PyInterpreterState_Get', None) or ctypes.pythonapi._PyInterpreterState_Get
_get.restype = ctypes.c_void_p
line(sys.hexversion, ctypes.addressof(ctypes.c_char.in_dll(ctypes.pythonapi, '_PyRuntime')), _get())
)";

constexpr const char* kWait = "\nsys.stdout.write('.\\n')\nsys.stdout.flush()\nsys.stdin.buffer.raw.read(1)\n";

}  // namespace

PythonChild::PythonChild(const std::string& executable, const std::string& script, const std::string& more) {
  int to_child[2];
  int from_child[2];
  if (pipe2(to_child, O_CLOEXEC) != 0) return;
  if (pipe2(from_child, O_CLOEXEC) != 0) {
    close(to_child[0]);
    close(to_child[1]);
    return;
  }
  const std::string program = kPrologue + script + kWait + more + kWait;
  pid_ = fork();
  if (pid_ == 0) {
    dup2(to_child[0], 0);
    dup2(from_child[1], 1);
    execl(executable.c_str(), executable.c_str(), "-I", "-c", program.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  close(to_child[0]);
  close(from_child[1]);
  input_ = to_child[1];
  output_ = fdopen(from_child[0], "r");
  std::string first;
  if (!ReadLine(first)) return;
  uint64_t hex = 0;
  std::istringstream(first) >> hex >> runtime_ >> interpreter_;
  version_ = PythonVersion::FromHex(uint32_t(hex));
  started_ = version_.major == 3;
}

PythonChild::~PythonChild() {
  if (input_ >= 0) close(input_);
  if (output_ != nullptr) fclose(output_);
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
}

bool PythonChild::ReadLine(std::string& line) {
  line.clear();
  if (output_ == nullptr) return false;
  for (int c = getc(output_); c != EOF; c = getc(output_)) {
    if (c == '\n') return true;
    line += char(c);
  }
  return false;
}

std::vector<std::vector<std::string>> PythonChild::Lines() {
  std::vector<std::vector<std::string>> lines;
  for (std::string text; ReadLine(text) && text != ".";) {
    std::istringstream words(text);
    lines.emplace_back();
    for (std::string word; words >> word;) lines.back().push_back(word);
  }
  return lines;
}

void PythonChild::GoOn() {
  if (write(input_, "\n", 1) != 1) return;
}

std::string FromHex(const std::string& digits) {
  std::string bytes;
  if (digits == "-") return bytes;
  for (size_t at = 0; at + 2 <= digits.size(); at += 2) {
    bytes += char(std::strtoul(digits.substr(at, 2).c_str(), nullptr, 16));
  }
  return bytes;
}

}  // namespace austin::check
