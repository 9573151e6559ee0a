#include "os/thread_wait.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "binary/proc_file.h"
#include "os/system_calls.h"

namespace austin {
namespace {

/// Descriptors named for one wait; of more, the number is told.
constexpr size_t kMaxNamed = 3;
/// Descriptors of one poll or select that are looked at.
constexpr size_t kMaxPolled = 1024;

// linux/wait.h: what the second argument of waitid is.
constexpr uint64_t kWaitForPid = 1;

std::string TaskPath(pid_t pid, pid_t tid, const char* file) {
  return "/proc/" + std::to_string(pid) + "/task/" + std::to_string(tid) + "/" + file;
}

ThreadActivity ActivityOf(char letter) {
  switch (letter) {
    case 'R':
      return ThreadActivity::kRunning;
    case 'S':
    case 'I':
      return ThreadActivity::kSleeping;
    case 'D':
      return ThreadActivity::kUninterruptible;
    case 'T':
      return ThreadActivity::kStopped;
    case 't':
      return ThreadActivity::kTraced;
    case 'Z':
    case 'X':
    case 'x':
      return ThreadActivity::kEnded;
    default:
      return ThreadActivity::kUnknown;
  }
}

std::string TargetOf(pid_t pid, int64_t descriptor) {
  const std::string path = ReadProcLink("/proc/" + std::to_string(pid) + "/fd/" + std::to_string(descriptor));
  return path.empty() ? "descriptor " + std::to_string(descriptor) : path;
}

std::string Targets(pid_t pid, const std::vector<int32_t>& descriptors) {
  std::string text;
  for (size_t i = 0; i < descriptors.size() && i < kMaxNamed; ++i) {
    text += (i == 0 ? "" : ", ") + TargetOf(pid, descriptors[i]);
  }
  if (descriptors.size() > kMaxNamed) text += ", … " + std::to_string(descriptors.size() - kMaxNamed) + " more";
  return text;
}

std::string WaitingForEvents(pid_t pid, const std::vector<int32_t>& descriptors) {
  return descriptors.empty() ? "events" : "events on " + Targets(pid, descriptors);
}

/// poll: an array of { int fd; short events, revents; }.
std::string DescribePoll(MemoryReader& memory, pid_t pid, const BlockedCall& call) {
  const uint64_t count = std::min<uint64_t>(call.arguments[1], kMaxPolled);
  if (count == 0) return "sleeping";
  std::vector<uint64_t> entries(static_cast<size_t>(count));
  if (!memory.Read(call.arguments[0], entries.data(), entries.size() * sizeof(uint64_t))) return "events";
  std::vector<int32_t> descriptors;
  for (const uint64_t entry : entries) {
    const auto descriptor = static_cast<int32_t>(entry & 0xFFFFFFFF);
    if (descriptor >= 0) descriptors.push_back(descriptor);
  }
  return WaitingForEvents(pid, descriptors);
}

/// select: how many descriptors, then three sets of bits.
std::string DescribeSelect(MemoryReader& memory, pid_t pid, const BlockedCall& call) {
  const uint64_t count = std::min<uint64_t>(call.arguments[0], kMaxPolled);
  if (count == 0) return "sleeping";
  std::vector<uint64_t> wanted((static_cast<size_t>(count) + 63) / 64);
  std::vector<uint64_t> set(wanted.size());
  for (int i = 1; i <= 3; ++i) {
    if (call.arguments[i] == 0) continue;
    if (!memory.Read(call.arguments[i], set.data(), set.size() * sizeof(uint64_t))) return "events";
    for (size_t word = 0; word < set.size(); ++word) wanted[word] |= set[word];
  }
  std::vector<int32_t> descriptors;
  for (size_t bit = 0; bit < count; ++bit) {
    if ((wanted[bit / 64] >> (bit % 64) & 1) != 0) descriptors.push_back(static_cast<int32_t>(bit));
  }
  return WaitingForEvents(pid, descriptors);
}

/// The descriptors that an epoll watches: lines "tfd: 5 events: …" of its information.
std::string DescribeEpoll(pid_t pid, const BlockedCall& call) {
  std::string text;
  const auto epoll = static_cast<int32_t>(call.arguments[0]);
  std::vector<int32_t> descriptors;
  if (ReadProcFile("/proc/" + std::to_string(pid) + "/fdinfo/" + std::to_string(epoll), text) == 0) {
    for (size_t at = text.find("tfd:"); at != std::string::npos; at = text.find("tfd:", at + 1)) {
      const size_t digits = text.find_first_not_of(" \t", at + 4);
      int32_t descriptor = 0;
      if (digits == std::string::npos) break;
      const auto parsed = std::from_chars(text.data() + digits, text.data() + text.size(), descriptor);
      if (parsed.ec == std::errc()) descriptors.push_back(descriptor);
    }
  }
  std::sort(descriptors.begin(), descriptors.end());
  return WaitingForEvents(pid, descriptors);
}

std::string DescribeChild(bool is_one, uint64_t id) {
  return is_one ? "child process " + std::to_string(static_cast<int32_t>(id)) : "a child process";
}

}  // namespace

const char* ThreadActivityName(ThreadActivity activity) {
  switch (activity) {
    case ThreadActivity::kUnknown:
      return "unknown";
    case ThreadActivity::kRunning:
      return "running";
    case ThreadActivity::kSleeping:
      return "sleeping";
    case ThreadActivity::kUninterruptible:
      return "uninterruptible";
    case ThreadActivity::kStopped:
      return "stopped";
    case ThreadActivity::kTraced:
      return "traced";
    case ThreadActivity::kEnded:
      return "ended";
  }
  return "unknown";
}

std::optional<BlockedCall> ParseBlockedCall(std::string_view line) {
  BlockedCall call;
  const char* at = line.data();
  const char* const end = line.data() + line.size();
  const auto number = std::from_chars(at, end, call.number);
  if (number.ec != std::errc()) return std::nullopt;
  if (call.number == -1) return call;
  at = number.ptr;
  for (uint64_t& argument : call.arguments) {
    constexpr std::string_view kPrefix = " 0x";
    if (!std::string_view(at, size_t(end - at)).starts_with(kPrefix)) return std::nullopt;
    const auto parsed = std::from_chars(at + kPrefix.size(), end, argument, 16);
    if (parsed.ec != std::errc()) return std::nullopt;
    at = parsed.ptr;
  }
  return call;
}

ThreadWait ReadThreadWait(pid_t pid, pid_t tid) {
  ThreadWait wait;
  std::string text;
  // The name in it may hold any character, so the state comes after the last ')'.
  if (ReadProcFile(TaskPath(pid, tid, "stat"), text) == 0) {
    const size_t close = text.rfind(')');
    if (close != std::string::npos && close + 2 < text.size()) wait.activity = ActivityOf(text[close + 2]);
  }
  if (wait.activity == ThreadActivity::kRunning || wait.activity == ThreadActivity::kEnded) return wait;
  if (ReadProcFile(TaskPath(pid, tid, "syscall"), text) == 0) {
    wait.call = ParseBlockedCall(text);
    if (!wait.call && text.starts_with("running")) wait.activity = ThreadActivity::kRunning;
  } else if (ReadProcFile(TaskPath(pid, tid, "wchan"), text) == 0 && text != "0") {
    wait.kernel_function = text;
  }
  return wait;
}

std::string SystemCallName(const ThreadWait& wait) {
  if (!wait.call || wait.call->number < 0) return "";
  const SystemCall* known = FindSystemCall(wait.call->number);
  return known != nullptr ? known->name : "system call " + std::to_string(wait.call->number);
}

std::string DescribeWait(MemoryReader& memory, pid_t pid, const ThreadWait& wait) {
  if (!wait.call) return wait.kernel_function.empty() ? "" : wait.kernel_function + " of the kernel";
  if (wait.call->number < 0) return "a page of memory";
  const SystemCall* known = FindSystemCall(wait.call->number);
  if (known == nullptr) return "";
  const auto& arguments = wait.call->arguments;
  const auto target = [&] {
    return TargetOf(pid, static_cast<int32_t>(arguments[static_cast<size_t>(known->descriptor_argument)]));
  };
  switch (known->kind) {
    case WaitKind::kOther:
      return known->descriptor_argument < 0 ? "" : target();
    case WaitKind::kRead:
      return "reading from " + target();
    case WaitKind::kWrite:
      return "writing to " + target();
    case WaitKind::kAccept:
      return "a connection on " + target();
    case WaitKind::kConnect:
      return "connecting " + target();
    case WaitKind::kPoll:
      return DescribePoll(memory, pid, *wait.call);
    case WaitKind::kSelect:
      return DescribeSelect(memory, pid, *wait.call);
    case WaitKind::kEpoll:
      return DescribeEpoll(pid, *wait.call);
    case WaitKind::kFutex:
      return "a lock";
    case WaitKind::kSleep:
      return "sleeping";
    case WaitKind::kWaitPid:
      return DescribeChild(static_cast<int32_t>(arguments[0]) > 0, arguments[0]);
    case WaitKind::kWaitId:
      return DescribeChild(arguments[0] == kWaitForPid, arguments[1]);
    case WaitKind::kFileLock:
      return "a lock of " + target();
    case WaitKind::kSync:
      return "writing " + target() + " to its device";
    case WaitKind::kSignal:
      return "a signal";
  }
  return "";
}

Address FutexOf(const ThreadWait& wait) {
  if (!wait.call) return 0;
  const SystemCall* known = FindSystemCall(wait.call->number);
  return known != nullptr && known->kind == WaitKind::kFutex ? wait.call->arguments[0] : 0;
}

}  // namespace austin
