#include <elf.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string>
#include <string_view>

#include "binary/process_info.h"
#include "binary/proc_file.h"
#include "os/processors.h"
#include "os/thread_stop.h"
#include "sampler/clock.h"

namespace austin {

namespace {

/// A thread that runs on another processor stops within this time.
constexpr int64_t kSpinNs = 25'000;
/// A thread that has to wait for this processor stops as soon as it is let.
constexpr int64_t kShortestSleepNs = 5'000;
constexpr int64_t kLongestSleepNs = 200'000;
/// Threads that take longer are in a system call, or get no processor.
constexpr int64_t kPatienceNs = 50'000'000;

/// PTRACE_EVENT_STOP (linux/ptrace.h): the stop that was asked for, or one of job control.
constexpr int kEventStop = 128;

/// The kernel tells a tracer of each stop by SIGCHLD, unless it asks not to be told. Node's own handler would wake up, and ask for
/// the state of each of its children: it takes every answer for the end of the child, and the child may be the one that has
/// stopped. Handlers are installed without this flag, so it is set again.
void IgnoreStopsOfChildren() {
  struct sigaction action{};
  if (sigaction(SIGCHLD, nullptr, &action) != 0 || (action.sa_flags & SA_NOCLDSTOP) != 0) return;
  action.sa_flags |= SA_NOCLDSTOP;
  sigaction(SIGCHLD, &action, nullptr);
}

/// Why the system did not let a thread be traced.
CaptureOutcome ReasonOfRefusal(pid_t pid, pid_t tid) {
  std::string status;
  if (ReadProcFile("/proc/" + std::to_string(pid) + "/task/" + std::to_string(tid) + "/status", status) != 0) {
    return CaptureOutcome::kGone;
  }
  const auto field = [&status](std::string_view name) {
    const size_t at = status.find(name);
    return at == std::string::npos ? std::string_view() : std::string_view(status).substr(at + name.size());
  };
  const std::string_view state = field("\nState:\t");
  if (state.starts_with('Z') || state.starts_with('X')) return CaptureOutcome::kGone;
  const std::string_view tracer = field("\nTracerPid:\t");
  return tracer.empty() || tracer.starts_with('0') ? CaptureOutcome::kPermission : CaptureOutcome::kTraced;
}

}  // namespace

ThreadStopper::ThreadStopper() : spin_ns_(HasOneProcessor() ? 0 : kSpinNs) {}

ThreadStopper::~ThreadStopper() {
  if (stopped_.tid != 0) Resume();
  Settle();
}

/// Looks whether a traced thread has stopped. What has ended is only seen here, not waited for: its parent may be another
/// part of this process.
ThreadStopper::Wait ThreadStopper::LookAt(pid_t tid) {
  siginfo_t info{};
  if (waitid(P_PID, static_cast<id_t>(tid), &info, WSTOPPED | WNOHANG | __WALL) != 0) return Wait::kGone;
  if (info.si_pid == 0) return HasStoppedUnheard(tid) ? Wait::kStopped : Wait::kNothing;
  // A signal on its way to the thread is delivered when it goes on. Other stops have their kind above the signal's number.
  const int kind = info.si_status >> 8;
  signal_ = kind == kEventStop ? 0 : info.si_status & 0x7F;
  return Wait::kStopped;
}

/// Whether a traced thread has stopped although there is no answer to be had: whoever else waits for children in this process, as Node
/// does for all of its own when one of them ends, may have taken it. Only a thread that is stopped answers to ptrace.
bool ThreadStopper::HasStoppedUnheard(pid_t tid) {
  siginfo_t info{};
  if (ptrace(PTRACE_GETSIGINFO, tid, nullptr, &info) != 0) {
    signal_ = 0;
    return errno == EINVAL;  // job control has stopped it
  }
  signal_ = info.si_code >> 8 == kEventStop ? 0 : info.si_signo;
  return true;
}

ThreadStopper::Wait ThreadStopper::WaitFor(pid_t tid) {
  const int64_t asked_ns = MonotonicNanoseconds();
  while (true) {
    stopped_since_ns_ = MonotonicNanoseconds();
    const Wait seen = LookAt(tid);
    if (seen != Wait::kNothing) return seen;
    const int64_t now = MonotonicNanoseconds();
    if (now - asked_ns > kPatienceNs) return Wait::kNothing;
    if (now - asked_ns < spin_ns_) continue;
    // One that has waited for long for a processor will wait on.
    SleepUntilNanoseconds(now + std::clamp((now - asked_ns) / 8, kShortestSleepNs, kLongestSleepNs));
  }
}

CaptureOutcome ThreadStopper::Stop(pid_t pid, pid_t tid) {
  Settle();
  // What has not stopped yet is still traced, by us.
  const auto is_same = [tid](const Thread& thread) { return thread.tid == tid; };
  if (std::any_of(owed_.begin(), owed_.end(), is_same)) return CaptureOutcome::kUnresponsive;
  IgnoreStopsOfChildren();
  if (ptrace(PTRACE_SEIZE, tid, nullptr, nullptr) != 0) {
    return errno == ESRCH ? CaptureOutcome::kGone : ReasonOfRefusal(pid, tid);
  }
  const Thread thread{pid, tid};
  // It fails for a thread that has ended meanwhile, which is seen next.
  ptrace(PTRACE_INTERRUPT, tid, nullptr, nullptr);
  switch (WaitFor(tid)) {
    case Wait::kGone:
      Bury(thread);
      return CaptureOutcome::kGone;
    case Wait::kNothing:
      owed_.push_back(thread);
      return CaptureOutcome::kUnresponsive;
    case Wait::kStopped:
      break;
  }
  stopped_ = thread;
  ReadRegisters(tid);
  return CaptureOutcome::kTaken;
}

void ThreadStopper::ReadRegisters(pid_t tid) {
  iovec to{registers_.data(), registers_.size()};
  register_bytes_ = ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &to) == 0 ? to.iov_len : 0;
#if defined(__x86_64__)
  // `orig_rax` of struct user_regs_struct: the number of the system call, or -1 outside of one.
  constexpr size_t kSystemCall = 15 * 8;
  int64_t number = -1;
  if (register_bytes_ >= kSystemCall + sizeof(number)) std::memcpy(&number, registers_.data() + kSystemCall, sizeof(number));
#else
  int32_t number = -1;
  iovec call{&number, sizeof(number)};
  if (ptrace(PTRACE_GETREGSET, tid, NT_ARM_SYSTEM_CALL, &call) != 0) number = -1;
#endif
  is_in_system_call_ = number >= 0;
}

bool ThreadStopper::Detach(const Thread& thread) {
  if (ptrace(PTRACE_DETACH, thread.tid, nullptr, static_cast<intptr_t>(signal_)) == 0) return true;
  Bury(thread);
  return false;
}

std::optional<uint64_t> ThreadStopper::Resume() {
  const Thread thread = stopped_;
  stopped_ = {};
  if (thread.tid == 0 || !Detach(thread)) return std::nullopt;
  return static_cast<uint64_t>(MonotonicNanoseconds() - stopped_since_ns_);
}

/// A traced thread that has ended stays until its tracer has heard of it. Where it is the last of a child of ours, whoever waits for
/// that child hears of it, and must be the one.
void ThreadStopper::Bury(const Thread& thread) {
  if (thread.pid == thread.tid) {
    const auto stat = ReadProcessStat(thread.pid);
    if (stat && stat->parent == getpid()) return;
  }
  siginfo_t info{};
  if (waitid(P_PID, static_cast<id_t>(thread.tid), &info, WEXITED | WNOHANG | __WALL) != 0) return;
  // The first thread of a process ends after all others.
  if (info.si_pid == 0) owed_.push_back(thread);
}

void ThreadStopper::Settle() {
  if (owed_.empty()) return;
  std::vector<Thread> owed;
  owed.swap(owed_);
  for (const Thread& thread : owed) {
    switch (LookAt(thread.tid)) {
      case Wait::kNothing:
        owed_.push_back(thread);
        break;
      case Wait::kStopped:
        Detach(thread);
        break;
      case Wait::kGone:
        Bury(thread);
        break;
    }
  }
}

}  // namespace austin
