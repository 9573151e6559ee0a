#include "binary/process_info.h"

#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <string_view>

#include "binary/proc_file.h"

namespace austin {
namespace {

std::string ProcPath(pid_t pid, const char* name) { return "/proc/" + std::to_string(pid) + "/" + name; }

// PF_EXITING, in the kernel's flags of a task: its memory is being, or has been, given up.
constexpr unsigned kExiting = 4;

struct Stat {
  char state = 0;
  pid_t parent = 0;
  unsigned flags = 0;
};

/// Parses /proc/PID/stat: "pid (command) state parent group session terminal foreground flags …". The command may
/// itself hold parentheses, spaces and newlines, so fields are counted from the last ')'.
bool ParseStat(std::string_view text, Stat& stat) {
  const size_t close = text.rfind(')');
  if (close == std::string_view::npos || close + 3 >= text.size()) return false;
  stat.state = text[close + 2];
  text.remove_prefix(close + 3);
  for (int field = 4; field <= 9; ++field) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    const size_t length = std::min(text.find(' '), text.size());
    const char* const end = text.data() + length;
    if (field == 4 && std::from_chars(text.data(), end, stat.parent).ec != std::errc()) return false;
    if (field == 9 && std::from_chars(text.data(), end, stat.flags).ec != std::errc()) return false;
    text.remove_prefix(length);
  }
  return true;
}

void AppendNumbers(std::string_view text, std::vector<pid_t>& numbers) {
  while (!text.empty()) {
    pid_t number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    if (parsed.ec == std::errc()) {
      numbers.push_back(number);
      text.remove_prefix(size_t(parsed.ptr - text.data()));
    } else {
      text.remove_prefix(1);
    }
  }
}

// For kernels without CONFIG_PROC_CHILDREN.
std::vector<pid_t> ChildrenByParent(pid_t pid) {
  std::vector<pid_t> children;
  std::string text;
  for (const pid_t other : NumericEntries("/proc")) {
    Stat stat;
    if (ReadProcFile(ProcPath(other, "stat"), text) == 0 && ParseStat(text, stat) && stat.parent == pid) {
      children.push_back(other);
    }
  }
  return children;
}

}  // namespace

ProcessState StateOf(pid_t pid) {
  std::string text;
  if (ReadProcFile(ProcPath(pid, "stat"), text) != 0) {
    return kill(pid, 0) != 0 && errno == ESRCH ? ProcessState::kGone : ProcessState::kAlive;
  }
  Stat stat;
  if (!ParseStat(text, stat) || stat.state == 'X' || stat.state == 'x') return ProcessState::kGone;
  return stat.state == 'Z' || (stat.flags & kExiting) != 0 ? ProcessState::kZombie : ProcessState::kAlive;
}

std::string ProgramOf(pid_t pid) {
  constexpr std::string_view kDeleted = " (deleted)";
  std::string path = ReadProcLink(ProcPath(pid, "exe"));
  if (path.ends_with(kDeleted)) path.resize(path.size() - kDeleted.size());
  if (!path.empty()) return path;
  std::string name;
  if (ReadProcFile(ProcPath(pid, "comm"), name) != 0 || name.empty()) return "[unknown]";
  while (name.ends_with('\n')) name.pop_back();
  return "[" + name + "]";
}

std::vector<pid_t> ChildrenOf(pid_t pid) {
  std::vector<pid_t> children;
  std::string text;
  bool supported = false;
  for (const pid_t tid : NumericEntries(ProcPath(pid, "task"))) {
    if (ReadProcFile(ProcPath(pid, "task/") + std::to_string(tid) + "/children", text) != 0) continue;
    supported = true;
    AppendNumbers(text, children);
  }
  if (!supported && StateOf(pid) == ProcessState::kAlive) return ChildrenByParent(pid);
  return children;
}

std::string DescribeProcess(pid_t pid) { return "process " + std::to_string(pid) + " (" + ProgramOf(pid) + ")"; }

}  // namespace austin
