#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <charconv>
#include <string>
#include <string_view>
#include <utility>

#include "binary/proc_file.h"
#include "os/process_births.h"

namespace austin {

namespace {

/// Beyond so many numbers, walking the tree is cheaper.
constexpr pid_t kMostNumbers = 4096;
constexpr pid_t kDefaultPidMax = 32768;

/// Containers may put a file of their own there, which is not up to date, or number processes otherwise than we do.
bool IsKernelsOwn(const char* path) {
  struct statfs system;
  return statfs(path, &system) == 0 && system.f_type == PROC_SUPER_MAGIC &&
         ReadProcLink("/proc/self") == std::to_string(getpid());
}

pid_t PidMax() {
  std::string text;
  pid_t most = kDefaultPidMax;
  if (ReadProcFile("/proc/sys/kernel/pid_max", text) != 0) return most;
  std::from_chars(text.data(), text.data() + text.size(), most);
  return most;
}

}  // namespace

ProcessBirths::ProcessBirths() : file_("/proc/loadavg", nullptr), is_usable_(IsKernelsOwn("/proc/loadavg")) {
  if (is_usable_) last_ = LastNumber();
  if (last_ <= 0) is_usable_ = false;
}

/// The fifth field of /proc/loadavg: "0.20 0.18 0.12 1/80 11206".
pid_t ProcessBirths::LastNumber() {
  char text[128];
  const KeptFile::Outcome outcome = file_.Read(text, sizeof(text));
  std::string_view line(text, outcome.bytes);
  while (!line.empty() && line.back() == '\n') line.remove_suffix(1);
  const size_t space = line.rfind(' ');
  pid_t number = 0;
  if (outcome.sys_errno != 0 || space == std::string_view::npos) return 0;
  std::from_chars(line.data() + space + 1, line.data() + line.size(), number);
  return number;
}

std::optional<std::vector<Birth>> ProcessBirths::Take() {
  if (!is_usable_) return std::nullopt;
  const pid_t now = LastNumber();
  if (now <= 0) return std::nullopt;
  std::vector<Birth> births;
  if (now == last_) return births;
  const pid_t before = std::exchange(last_, now);
  // After the highest number it begins anew.
  const pid_t end = now > before ? now : PidMax();
  if (end - before + (now > before ? 0 : now) > kMostNumbers) return std::nullopt;
  for (pid_t pid = before + 1; pid <= end; ++pid) births.push_back({.pid = pid});
  for (pid_t pid = 1; now < before && pid <= now; ++pid) births.push_back({.pid = pid});
  return births;
}

}  // namespace austin
