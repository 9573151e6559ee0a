#include "sampler/descendant_watch.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <thread>
#include <utility>

namespace austin {

namespace {

constexpr int64_t kMilli = 1'000'000;

/// So long a program may take to become a Python by loading it; later it is looked at less often.
constexpr int64_t kYoung = 300 * kMilli;
constexpr int64_t kShortestPause = kMilli / 2;
constexpr int64_t kLongestPause = 5 * kMilli;
/// Within the time that a Python takes to begin.
constexpr int64_t kStarting = 60 * kMilli;
constexpr int64_t kLongestPauseStarting = 3 * kMilli / 2;
/// For a program that has had time to load a Python and has not.
constexpr int64_t kOldProbePause = 500 * kMilli;

/// The births may be incomplete; where they are not known at all, the tree is walked more often.
constexpr int64_t kWalkPause = 1000 * kMilli;
constexpr int64_t kBlindWalkPause = 2 * kMilli;

constexpr int kMaxAncestors = 64;

/// A bound on trees that grow without end.
constexpr size_t kMaxMembers = 65536;

}  // namespace

void DescendantWatch::Look(int64_t now, std::vector<FoundProcess>* found) {
  FindBirths(now);
  for (auto member = members_.begin(); member != members_.end();) {
    const bool is_alive =
        member->second.next_look > now || LookAt(member->first, &member->second, now, found);
    member = is_alive ? std::next(member) : members_.erase(member);
  }
  is_over_ = !members_.contains(root_) && std::none_of(members_.begin(), members_.end(), [now](const auto& entry) {
    const Member& member = entry.second;
    return member.is_found || member.status == ProbeStatus::kNotReady || now - member.since < kYoung;
  });
}

/// What the system tells at once tells also who the parent was. Where it does not, or told more than was kept, what there is
/// are the numbers.
std::optional<std::vector<Birth>> DescendantWatch::TakeBirths() {
  auto numbers = births_.Take();
  if (!events_.is_usable()) return numbers;
  auto events = events_.Take();
  return events ? events : numbers;
}

void DescendantWatch::Wait(std::chrono::nanoseconds rest, std::chrono::nanoseconds most) {
  std::this_thread::sleep_for(rest);
  events_.Wait(most);
}

void DescendantWatch::FindBirths(int64_t now) {
  const std::optional<std::vector<Birth>> births = TakeBirths();
  if (!births || !births->empty()) last_birth_ = now;
  if (births) {
    for (const Birth& birth : *births) {
      if (!members_.contains(birth.pid)) numbers_.erase(birth.pid);
    }
  }
  if (now >= next_walk_) {
    next_walk_ = now + (births ? kWalkPause : kBlindWalkPause);
    WalkTree(now);
  }
  if (!births) return;
  // Where the numbers have begun anew a child may come before its parent.
  std::vector<Birth> others = *births;
  for (size_t left = others.size() + 1; others.size() < left;) {
    left = others.size();
    std::erase_if(others, [&](const Birth& birth) { return Adopt(birth, now); });
  }
}

void DescendantWatch::Begin(int64_t now) {
  const auto root = ReadProcessStat(root_);
  if (!root) return;
  AddMember(root_, *root, now);
  auto ancestor = root;
  for (int depth = 0; depth < kMaxAncestors && ancestor && ancestor->parent > 0; ++depth) {
    ancestors_.insert(ancestor->parent);
    ancestor = ReadProcessStat(ancestor->parent);
  }
}

/// Goes from the known processes to their children.
void DescendantWatch::WalkTree(int64_t now) {
  if (numbers_.empty()) Begin(now);
  std::deque<pid_t> queue;
  for (const auto& entry : members_) queue.push_back(entry.first);
  while (!queue.empty() && members_.size() < kMaxMembers) {
    const pid_t pid = queue.front();
    queue.pop_front();
    for (const pid_t child : ChildrenOf(pid)) {
      if (members_.contains(child)) continue;
      const auto stat = ReadProcessStat(child);
      if (!stat || stat->Life() != ProcessState::kAlive) continue;
      AddMember(child, *stat, now);
      queue.push_back(child);
    }
  }
}

/// Takes a new process into the tree if it belongs there. False where it does not.
bool DescendantWatch::Adopt(Birth birth, int64_t now) {
  if (birth.pid == root_) return true;
  if (birth.parent != 0) {
    if (!numbers_.contains(birth.parent)) return false;
    // It may have ended already, and have started others before.
    numbers_.insert(birth.pid);
  }
  const auto stat = ReadProcessStat(birth.pid);
  if (!stat || stat->Life() != ProcessState::kAlive) return false;
  // Of one whose parent has ended already, and which an ancestor of all has inherited, the process group or session
  // that it is in tells where it comes from: both are named after the process that made them.
  const bool is_orphan = ancestors_.contains(stat->parent);
  const bool belongs = birth.parent != 0 || numbers_.contains(stat->parent) ||
                       (is_orphan && (numbers_.contains(stat->group) || numbers_.contains(stat->session)));
  if (!belongs || members_.size() >= kMaxMembers || !IsProcess(birth.pid)) return false;
  const auto known = members_.find(birth.pid);
  if (known != members_.end() && known->second.stat.start_ticks == stat->start_ticks) return true;
  AddMember(birth.pid, *stat, now);
  return true;
}

void DescendantWatch::AddMember(pid_t pid, const ProcessStat& stat, int64_t now) {
  members_.erase(pid);
  members_.try_emplace(pid, pid, stat, cache_, now);
  numbers_.insert(pid);
}

bool DescendantWatch::LookAt(pid_t pid, Member* member, int64_t now, std::vector<FoundProcess>* found) {
  if (member->is_found) return true;
  const auto stat = ReadProcessStat(pid);
  const bool is_alive = stat && stat->Life() == ProcessState::kAlive &&
                        stat->start_ticks == member->stat.start_ticks;
  if (!is_alive) return false;
  if (!stat->IsSameProgram(member->stat)) {
    member->stat = *stat;
    member->since = now;
    member->pause = 0;
    member->next_probe = 0;
  }
  const bool is_starting = now - member->since < kStarting || member->status == ProbeStatus::kNotReady;
  const int64_t longest = is_starting ? kLongestPauseStarting : kLongestPause;
  member->pause = std::clamp(member->pause + member->pause / 2, kShortestPause, longest);
  member->next_look = now + member->pause;
  if (now < member->next_probe) return true;

  Probe probe = member->locator.Look(member->memory);
  if (probe.status == ProbeStatus::kNotReady && member->status != ProbeStatus::kNotReady) member->pause = 0;
  member->status = probe.status;
  if (probe.status == ProbeStatus::kGone) return false;
  if (probe.status == ProbeStatus::kFound) {
    member->is_found = true;
    found->push_back({std::move(*probe.result), member->stat});
    return true;
  }
  member->why = probe.result.error();
  const bool is_promising = now - member->since < kYoung || probe.status == ProbeStatus::kNotReady;
  member->next_probe = is_promising ? now : now + kOldProbePause;
  return true;
}

bool DescendantWatch::is_calm(int64_t now) const {
  if (now - last_birth_ < kYoung) return false;
  return std::all_of(members_.begin(), members_.end(), [](const auto& entry) { return entry.second.is_found; });
}

void DescendantWatch::Release(pid_t pid) {
  const auto member = members_.find(pid);
  if (member == members_.end()) return;
  member->second.is_found = false;
  member->second.next_look = member->second.next_probe = member->second.pause = 0;
}

PythonSearch::Pass DescendantWatch::pass() const {
  const Error gone{ErrorCode::kProcessGone, {}};
  PythonSearch::Pass pass{ProbeStatus::kGone, Probe{ProbeStatus::kGone, gone}};
  if (!members_.empty()) pass.root = ProbeStatus::kNotPython;
  for (const auto& [pid, member] : members_) {
    if (pid == root_) pass.root = member.status;
    if (pid == root_ || PythonSearch::Pass::Nearness(member.status) > PythonSearch::Pass::Nearness(pass.best.status)) {
      pass.best = Probe{member.status, member.why};
    }
  }
  return pass;
}

}  // namespace austin
