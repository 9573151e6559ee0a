#include "sampler/native_sampler.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <span>
#include <string_view>
#include <utility>

#include "binary/proc_file.h"
#include "os/thread_wait.h"
#include "sampler/clock.h"

namespace austin {

namespace {

/// Of a thread whose stack is not known yet so much is copied, or what there is.
constexpr size_t kMaxStackBytes = size_t{256} << 10;
/// Beyond the place where the stack was seen to begin.
constexpr size_t kBeyondBase = 64;

/// How often a thread that does not run is asked for its copy; each time takes some milliseconds.
constexpr int kRunningAttempts = 16;

bool IsSame(const std::vector<WalkedFrame>& before, const std::vector<ShownFrame>& now) {
  return std::equal(before.begin(), before.end(), now.begin(), now.end(),
                    [](const WalkedFrame& frame, const ShownFrame& shown) { return frame == shown.walked; });
}

/// A number as ` 0x7ffd…` has it; 0 where there is none.
Address HexAfterSpace(std::string_view text) {
  Address value = 0;
  if (text.starts_with(" 0x")) std::from_chars(text.data() + 3, text.data() + text.size(), value, 16);
  return value;
}

}  // namespace

NativeTools::NativeTools(NativeWay way_, bool kernel)
    : way(way_), kernel_symbols(kernel && way == NativeWay::kUndisturbed ? KernelSymbols::Read() : KernelSymbols()) {}

NativeSampler::NativeSampler(const Target& target, MemoryReader* memory, ProcessSampler* sampler, NativeTools* tools,
                             DescriptorBudget* budget)
    : target_(target),
      memory_(*memory),
      sampler_(*sampler),
      tools_(*tools),
      perf_(PerfRegisterMask(), /*kernel=*/!tools->kernel_symbols.empty(), budget),
      runs_(target.pid, budget),
      joiner_(target, memory, tools->files) {}

/// Asks the kernel where a thread sleeps. Only the addresses count: the call and its arguments change when the kernel goes on with a call
/// that was interrupted, or Python repeats it for the rest of the time.
NativeSampler::Sleep NativeSampler::SleepOf(uint64_t tid) const {
  Sleep sleep;
  std::string line;
  const std::string path = "/proc/" + std::to_string(target_.pid) + "/task/" + std::to_string(tid) + "/syscall";
  if (ReadProcFile(path, line) != 0 || line.starts_with("running")) return sleep;
  const size_t instruction = line.rfind(' ');
  const size_t pointer = instruction == std::string::npos || instruction == 0 ? std::string::npos : line.rfind(' ', instruction - 1);
  if (pointer == std::string::npos) return sleep;
  sleep.place = line.substr(pointer);
  sleep.stack_pointer = HexAfterSpace(std::string_view(line).substr(pointer, instruction - pointer));
  sleep.instruction = HexAfterSpace(std::string_view(line).substr(instruction));
  return sleep;
}

const NativeStack& NativeSampler::Take(SampledThread* sampled, bool kernel, const std::function<void()>& when_read) {
  Thread& thread = threads_[sampled->plan.thread_state()];
  if (thread.tid != sampled->tid) {
    thread = {};
    thread.tid = sampled->tid;
  }
  const Sleep sleep = SleepOf(sampled->tid);
  if (SleepsOn(*sampled, sleep.place, &thread)) {
    thread.stack.pause_ns.reset();
    if (!kernel) return thread.stack;
    KernelStack read = ReadKernel(sampled->tid);
    thread.stack.kernel_errno = read.sys_errno;
    thread.stack.kernel = std::move(read.functions);
    if (runs_.Read(sampled->tid) != thread.in_sleep) thread.stack.kernel.clear();
    return thread.stack;
  }
  thread.stack = {};
  thread.python.clear();
  thread.sleep.clear();
  thread.in_sleep.reset();
  if (!sleep.place.empty() && TakeAsleep(sampled, sleep, kernel, when_read, &thread)) return thread.stack;
  thread.stack = {};
  if (tools_.way == NativeWay::kExact) {
    TakeStopped(sampled, sleep, kernel, when_read, &thread);
  } else {
    TakeRunning(sampled, kernel, when_read, &thread);
  }
  return thread.stack;
}

/// Takes a thread that sleeps as it is. Of its registers the kernel tells the stack pointer and the next instruction; what functions have
/// saved of the others is on the stack. False if it has run meanwhile, or where it has to be stopped for more.
bool NativeSampler::TakeAsleep(SampledThread* sampled, const Sleep& sleep, bool kernel, const std::function<void()>& when_read,
                               Thread* thread) {
  const auto before = runs_.Read(sampled->tid);
  if (!before) return false;
  NativeStack& stack = thread->stack;
  if (kernel) {
    KernelStack read = ReadKernel(sampled->tid);
    stack.kernel_errno = read.sys_errno;
    stack.kernel = std::move(read.functions);
  }
  NativeCopy copy;
  copy.taken_ns = MonotonicNanoseconds();
  copy.registers.Set(Architecture::kStackPointer, sleep.stack_pointer);
  copy.registers.Set(Architecture::kProgramCounter, sleep.instruction);
  copy.stack = CopyStack(*thread, sleep.stack_pointer);
  if (!Reread(sampled, when_read)) return false;
  if (runs_.Read(sampled->tid) != before || SleepOf(sampled->tid).place != sleep.place) return false;
  Join(sampled, copy, thread);
  if (stack.joined.outcome != NativeOutcome::kWhole && tools_.way == NativeWay::kExact) return false;
  thread->sleep = sleep.place;
  thread->in_sleep = before;
  return true;
}

void NativeSampler::TakeStopped(SampledThread* sampled, const Sleep& sleep, bool kernel, const std::function<void()>& when_read,
                                Thread* thread) {
  NativeStack& stack = thread->stack;
  const auto tid = static_cast<pid_t>(sampled->tid);
  const auto before = runs_.Read(sampled->tid);
  if (!sleep.place.empty()) {
    // It would stop only when it is woken.
    if (IsUninterruptible(sampled->tid)) {
      stack.capture = CaptureOutcome::kUnresponsive;
      return;
    }
    if (kernel) {
      KernelStack read = ReadKernel(sampled->tid);
      stack.kernel_errno = read.sys_errno;
      stack.kernel = std::move(read.functions);
    }
  }
  ThreadStopper& stopper = tools_.stopper;
  stack.capture = stopper.Stop(target_.pid, tid);
  if (stack.capture != CaptureOutcome::kTaken) {
    stack.kernel.clear();
    return;
  }
  NativeCopy copy{.registers = RegistersFromPtrace(stopper.registers()), .stack = {}, .taken_ns = MonotonicNanoseconds()};
  copy.stack = CopyStack(*thread, copy.registers.sp());
  const bool is_read = Reread(sampled, when_read);
  joiner_.ForgetReplaced();
  const auto at_stop = runs_.Read(sampled->tid);
  const bool is_in_system_call = stopper.is_in_system_call();
  stack.pause_ns = stopper.Resume();
  if (!is_read || !stack.pause_ns) {
    stack.capture = CaptureOutcome::kGone;
    stack.kernel.clear();
    return;
  }
  // To stop it took one slice. If it has had more, the kernel's functions are those of another moment.
  const bool slept_till_stop = is_in_system_call && before && at_stop && at_stop->slices <= before->slices + 1;
  if (!slept_till_stop) stack.kernel.clear();
  Join(sampled, copy, thread);
  if (slept_till_stop && !sleep.place.empty()) {
    thread->sleep = sleep.place;
    NoteReturns(copy.stack, thread);
  }
}

/// Names the functions of the kernel that the thread was in when it was copied.
void NativeSampler::NameKernel(NativeStack* stack) const {
  const std::span<const uint64_t> addresses = perf_.kernel();
  stack->kernel_errno = perf_.tells_kernel() ? 0 : EPERM;
  for (size_t i = addresses.size(); i-- > 0;) {
    // A caller's address is the one to which the call returns.
    const auto name = tools_.kernel_symbols.Find(addresses[i] - (i == 0 ? 0 : 1));
    if (name) stack->kernel.emplace_back(*name);
  }
}

/// Takes a thread while it runs; if it goes to sleep first, then.
void NativeSampler::TakeRunning(SampledThread* sampled, bool kernel, const std::function<void()>& when_read, Thread* thread) {
  NativeStack& stack = thread->stack;
  const auto tid = static_cast<pid_t>(sampled->tid);
  for (int attempt = 0; attempt < kRunningAttempts; ++attempt) {
    stack.capture = perf_.Take(tid);
    if (stack.capture != CaptureOutcome::kUnresponsive) break;
    const Sleep sleep = SleepOf(sampled->tid);
    if (!sleep.place.empty() && TakeAsleep(sampled, sleep, kernel, when_read, thread)) {
      stack.capture = CaptureOutcome::kTaken;
      return;
    }
  }
  if (stack.capture != CaptureOutcome::kTaken) return;
  if (!Reread(sampled, when_read)) {
    stack.capture = CaptureOutcome::kGone;
    return;
  }
  if (kernel) NameKernel(&stack);
  const UnwindRegisters registers = RegistersFromPerf(perf_.registers());
  Join(sampled, {.registers = registers, .stack = {registers.sp(), perf_.stack()}, .is_same_moment = false, .taken_ns = perf_.taken_ns()}, thread);
  if (joiner_.end() == UnwindEnd::kStackNotCopied) perf_.WantMore(tid);
}

bool NativeSampler::Reread(SampledThread* sampled, const std::function<void()>& when_read) {
  if (sampler_.Reread(sampled) != RoundOutcome::kSampled || !sampled->has_sample) return false;
  if (when_read) when_read();
  return true;
}

bool NativeSampler::IsUninterruptible(uint64_t tid) const {
  return ReadThreadWait(target_.pid, static_cast<pid_t>(tid)).activity == ThreadActivity::kUninterruptible;
}

KernelStack NativeSampler::ReadKernel(uint64_t tid) const { return ReadKernelStack(target_.pid, static_cast<pid_t>(tid)); }

/// Whether a thread sleeps with the stack that it had when it was copied. If it was stopped it has run since, at least to go back to its
/// sleep. But if it sleeps at the same place, its Python stack is the same, and the same functions are to return to the same places, then
/// its stack is what it was.
bool NativeSampler::SleepsOn(const SampledThread& sampled, const std::string& sleep, Thread* thread) {
  if (sleep.empty() || thread->sleep != sleep || !IsSame(thread->python, sampled.shown)) return false;
  const auto now = runs_.Read(sampled.tid);
  if (!now) return false;
  if (thread->in_sleep) return *thread->in_sleep == *now;
  if (!HasSameReturns(*thread) || runs_.Read(sampled.tid) != now) return false;
  thread->in_sleep = now;
  return true;
}

/// Notes where the return addresses are by which the last stack has been unwound.
void NativeSampler::NoteReturns(const StackMemory& stack, Thread* thread) const {
  thread->returns.clear();
  const std::vector<NativeFrame>& frames = joiner_.frames();
  for (size_t i = 0; i + 1 < frames.size(); ++i) {
    const Address slot = frames[i].cfa - sizeof(Address);
    uint64_t word = 0;
    if (!stack.Read(slot, &word) || word != frames[i + 1].pc) {
      thread->returns.clear();
      return;
    }
    thread->returns.emplace_back(slot, word);
  }
}

bool NativeSampler::HasSameReturns(const Thread& thread) {
  if (thread.returns.empty()) return false;
  const RemoteRange range{thread.returns.front().first, thread.returns.back().first + sizeof(Address) - thread.returns.front().first};
  if (thread.returns.back().first < range.address || range.length > kMaxStackBytes) return false;
  if (stack_bytes_.size() < range.length) stack_bytes_.resize(range.length);
  if (!memory_.Read(range.address, stack_bytes_.data(), range.length)) return false;
  const StackMemory now{range.address, {stack_bytes_.data(), range.length}};
  return std::all_of(thread.returns.begin(), thread.returns.end(), [&now](const auto& expected) {
    uint64_t word = 0;
    return now.Read(expected.first, &word) && word == expected.second;
  });
}

/// Copies the used part of the stack of a thread that does not run. Valid until the next copy.
StackMemory NativeSampler::CopyStack(const Thread& thread, Address stack_pointer) {
  const Address start = stack_pointer - Architecture::kRedZone;
  size_t length = kMaxStackBytes;
  if (thread.base > start && thread.base - start + kBeyondBase < length) length = thread.base - start + kBeyondBase;
  if (stack_bytes_.size() < length) stack_bytes_.resize(length);
  const RemoteRange range{start, length};
  // What is beyond the end of the stack cannot be read, and ends the copy.
  const size_t copied = memory_.ReadRanges({&range, 1}, stack_bytes_.data()).bytes;
  return {start, {stack_bytes_.data(), copied}};
}

void NativeSampler::Join(SampledThread* sampled, const NativeCopy& copy, Thread* thread) {
  const bool may_be_shared = sampler_.interpreter_count() > 1;
  thread->stack.joined = joiner_.Join(*sampled, copy, may_be_shared);
  // Up to 3.10 a thread that has not begun goes by the id of the one that creates it, whose native stack this is.
  const bool is_another = sampled->shown.empty() && !may_be_shared && thread->stack.joined.outcome == NativeOutcome::kDisagreed;
  if (is_another) sampled->has_sample = false;
  const std::vector<NativeFrame>& frames = joiner_.frames();
  const bool has_base = joiner_.end() == UnwindEnd::kOutermost && !frames.empty() && frames.back().cfa > copy.registers.sp();
  thread->base = has_base ? frames.back().cfa : 0;
  thread->python.clear();
  for (const ShownFrame& frame : sampled->shown) thread->python.push_back(frame.walked);
}

void NativeSampler::ForgetOtherThreads(const std::unordered_set<uint64_t>& living) {
  std::erase_if(threads_, [&living](const auto& entry) { return !living.contains(entry.second.tid); });
  runs_.ForgetOtherThreads(living);
  perf_.ForgetOtherThreads(living);
}

}  // namespace austin
