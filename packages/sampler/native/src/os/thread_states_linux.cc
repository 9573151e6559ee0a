#include <cerrno>
#include <string_view>
#include <unistd.h>

#include "os/thread_states.h"

namespace austin {

namespace {

/// /proc/PID/task/TID/syscall is "running", or numbers.
bool SaysRunning(std::string_view text) { return text.starts_with("running"); }

/// The state follows the name, which is in parentheses and may itself hold some.
bool IsStateRunning(std::string_view stat) {
  const size_t close = stat.rfind(')');
  return close != std::string_view::npos && close + 2 < stat.size() && stat[close + 2] == 'R';
}

}  // namespace

ThreadStates::ThreadStates(pid_t pid, DescriptorBudget* budget)
    : folder_("/proc/" + std::to_string(pid) + "/task/"), budget_(budget) {}

std::string ThreadStates::PathOf(uint64_t tid, const char* file) const {
  return folder_ + std::to_string(tid) + '/' + file;
}

bool ThreadStates::IsRunning(uint64_t tid) {
  auto file = files_.find(tid);
  if (file == files_.end()) {
    file = files_.emplace(tid, KeptFile(PathOf(tid, has_syscall_ ? "syscall" : "stat"), budget_)).first;
  }
  char text[512];
  const KeptFile::Outcome outcome = file->second.Read(text, sizeof(text));
  if (outcome.sys_errno == 0) {
    const std::string_view answer(text, outcome.bytes);
    return has_syscall_ ? SaysRunning(answer) : IsStateRunning(answer);
  }
  files_.erase(file);
  // Without the file although the thread is there, or without the right to read it: ask the other one from now on.
  if (!has_syscall_ || outcome.sys_errno == ESRCH || access(PathOf(tid, "stat").c_str(), F_OK) != 0) return false;
  has_syscall_ = false;
  files_.clear();
  return IsRunning(tid);
}

void ThreadStates::ForgetOtherThreads(const std::unordered_set<uint64_t>& living) {
  std::erase_if(files_, [&living](const auto& entry) { return !living.contains(entry.first); });
}

}  // namespace austin
