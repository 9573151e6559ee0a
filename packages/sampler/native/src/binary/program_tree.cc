#include "binary/program_tree.h"

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <thread>

#include "binary/process_info.h"

namespace austin {
namespace {

using std::chrono::milliseconds;

constexpr size_t kMaxMembers = 65536;
constexpr milliseconds kPause{5};
/// How long the kernel may take to end a process after SIGKILL, which one in an uninterruptible wait delays.
constexpr milliseconds kReapPatience{1000};

/// When a process started; 0 for one that is gone, or a zombie. One that is only about to end still runs.
uint64_t StartTicksOf(pid_t pid) {
  const auto stat = ReadProcessStat(pid);
  return !stat || stat->state == 'Z' || stat->state == 'X' || stat->state == 'x' ? 0 : stat->start_ticks;
}

}  // namespace

ProgramTree::ProgramTree(pid_t root) { members_.push_back({root, StartTicksOf(root)}); }

bool ProgramTree::IsRunning(const Member& member) {
  return member.start_ticks != 0 && StartTicksOf(member.pid) == member.start_ticks;
}

void ProgramTree::Grow() {
  for (size_t i = 0; i < members_.size(); ++i) {
    if (!IsRunning(members_[i])) continue;
    for (const pid_t child : ChildrenOf(members_[i].pid)) {
      const Member member{child, StartTicksOf(child)};
      const bool is_known = std::any_of(members_.begin(), members_.end(), [&](const Member& known) {
        return known.pid == member.pid && known.start_ticks == member.start_ticks;
      });
      if (!is_known && member.start_ticks != 0 && members_.size() < kMaxMembers) members_.push_back(member);
    }
  }
}

bool ProgramTree::Signal(int number) {
  Grow();
  bool is_any_running = false;
  for (const Member& member : members_) {
    if (!IsRunning(member)) continue;
    is_any_running = true;
    // What runs as another user is not ours to signal; the rest is.
    kill(member.pid, number);
  }
  return is_any_running;
}

bool ProgramTree::IsGoneAfter(int number, std::chrono::milliseconds patience) {
  const auto start = std::chrono::steady_clock::now();
  bool is_any_running = Signal(number);
  while (is_any_running && std::chrono::steady_clock::now() - start < patience) {
    std::this_thread::sleep_for(kPause);
    is_any_running = Signal(0);
  }
  return !is_any_running;
}

void ProgramTree::End(std::chrono::milliseconds grace) {
  if (!IsGoneAfter(SIGTERM, grace)) IsGoneAfter(SIGKILL, kReapPatience);
  // Nobody else collects it: the event loop that would have is gone.
  waitpid(members_.front().pid, nullptr, WNOHANG);
}

}  // namespace austin
