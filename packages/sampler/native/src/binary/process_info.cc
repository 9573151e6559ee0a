#include "binary/process_info.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

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

/// Parses /proc/PID/stat: "pid (command) state parent group session terminal foreground flags …", in which field 22 is
/// the start and 26 and 28 the addresses of code and stack. The command may itself hold parentheses, spaces and
/// newlines, so fields are counted from the last ')'.
bool ParseStat(std::string_view text, ProcessStat& stat) {
  const size_t close = text.rfind(')');
  if (close == std::string_view::npos || close + 3 >= text.size()) return false;
  stat.state = text[close + 2];
  text.remove_prefix(close + 3);
  for (int field = 4; field <= 28; ++field) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    const size_t length = std::min(text.find(' '), text.size());
    const auto read = [&](auto& value) {
      return std::from_chars(text.data(), text.data() + length, value).ec == std::errc();
    };
    if (field == 4 && !read(stat.parent)) return false;
    if (field == 5 && !read(stat.group)) return false;
    if (field == 6 && !read(stat.session)) return false;
    if (field == 9 && !read(stat.flags)) return false;
    if (field == 22 && !read(stat.start_ticks)) return false;
    if (field == 26) read(stat.code_start);
    if (field == 28) read(stat.stack_start);
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
    ProcessStat stat;
    if (ReadProcFile(ProcPath(other, "stat"), text) == 0 && ParseStat(text, stat) && stat.parent == pid) {
      children.push_back(other);
    }
  }
  return children;
}

}  // namespace

std::optional<ProcessStat> ReadProcessStat(pid_t pid) {
  std::string text;
  ProcessStat stat;
  if (ReadProcFile(ProcPath(pid, "stat"), text) != 0 || !ParseStat(text, stat)) return std::nullopt;
  return stat;
}

ProcessState ProcessStat::Life() const {
  if (state == 'X' || state == 'x') return ProcessState::kGone;
  return state == 'Z' || (flags & kExiting) != 0 ? ProcessState::kZombie : ProcessState::kAlive;
}

ProcessState StateOf(pid_t pid) {
  std::string text;
  if (ReadProcFile(ProcPath(pid, "stat"), text) != 0) {
    return kill(pid, 0) != 0 && errno == ESRCH ? ProcessState::kGone : ProcessState::kAlive;
  }
  ProcessStat stat;
  return ParseStat(text, stat) ? stat.Life() : ProcessState::kGone;
}

bool IsProcess(pid_t pid) {
  std::string text;
  return ReadProcFile(ProcPath(pid, "status"), text) == 0 &&
         text.find("\nTgid:\t" + std::to_string(pid) + '\n') != std::string::npos;
}

int64_t StartTime(const ProcessStat& stat) {
  timespec boot{};
  timespec monotonic{};
  clock_gettime(CLOCK_BOOTTIME, &boot);
  clock_gettime(CLOCK_MONOTONIC, &monotonic);
  // The clock of the start goes on while the machine sleeps; ours does not.
  const int64_t asleep = (boot.tv_sec - monotonic.tv_sec) * 1'000'000'000 + boot.tv_nsec - monotonic.tv_nsec;
  static const int64_t ticks_per_second = sysconf(_SC_CLK_TCK);
  return static_cast<int64_t>(stat.start_ticks) * (1'000'000'000 / ticks_per_second) - asleep;
}

std::vector<std::string> CommandOf(pid_t pid) {
  std::vector<std::string> words;
  std::string text;
  if (ReadProcFile(ProcPath(pid, "cmdline"), text) != 0) return words;
  if (text.ends_with('\0')) text.pop_back();
  for (size_t at = 0; at <= text.size() && !text.empty();) {
    const size_t end = std::min(text.find('\0', at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
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
