#include "sampler/native_sampler.h"

#include <algorithm>
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

/// Code that belongs to no known module makes the mappings be read again, this often at most: code made at run time never does.
constexpr int64_t kRefreshIntervalNs = 20'000'000;

bool IsSame(const std::vector<WalkedFrame>& before, const std::vector<ShownFrame>& now) {
  return std::equal(before.begin(), before.end(), now.begin(), now.end(),
                    [](const WalkedFrame& frame, const ShownFrame& shown) { return frame == shown.walked; });
}

}  // namespace

NativeSampler::NativeSampler(const Target& target, MemoryReader* memory, ProcessSampler* sampler, ThreadStopper* stopper,
                             DescriptorBudget* budget, std::shared_ptr<ModuleFiles> files)
    : target_(target),
      memory_(*memory),
      sampler_(*sampler),
      stopper_(*stopper),
      runs_(target.pid, budget),
      modules_(target.pid, memory, std::move(files)),
      unwinder_(&modules_) {
  RefreshModules();
}

/// Where a thread sleeps: the last two fields of /proc/PID/task/TID/syscall, its stack pointer and next instruction. Not the call and its
/// arguments: they change when the kernel goes on with a call that was interrupted, or Python repeats it for the rest of the time.
/// Empty for a thread that does not sleep.
std::string NativeSampler::SleepOf(uint64_t tid) const {
  std::string line;
  const std::string path = "/proc/" + std::to_string(target_.pid) + "/task/" + std::to_string(tid) + "/syscall";
  if (ReadProcFile(path, line) != 0 || line.starts_with("running")) return {};
  const size_t instruction = line.rfind(' ');
  const size_t place = instruction == std::string::npos || instruction == 0 ? std::string::npos : line.rfind(' ', instruction - 1);
  return place == std::string::npos ? std::string() : line.substr(place);
}

const NativeStack& NativeSampler::Take(SampledThread* sampled, bool kernel, const std::function<void()>& while_stopped) {
  Thread& thread = threads_[sampled->tid];
  NativeStack& stack = thread.stack;
  const std::string sleep = SleepOf(sampled->tid);
  if (SleepsOn(*sampled, sleep, &thread)) {
    stack.pause_ns.reset();
    if (kernel) ReadKernel(thread, sampled->tid);
    return stack;
  }
  stack = {};
  thread.python.clear();
  thread.sleep.clear();
  thread.in_sleep.reset();
  const auto tid = static_cast<pid_t>(sampled->tid);
  const auto before = runs_.Read(sampled->tid);
  if (!sleep.empty()) {
    // It would stop only when it is woken.
    if (ReadThreadWait(target_.pid, tid).activity == ThreadActivity::kUninterruptible) {
      stack.stop = StopOutcome::kUnresponsive;
      return stack;
    }
    if (kernel) {
      KernelStack read = ReadKernelStack(target_.pid, tid);
      stack.kernel = std::move(read.functions);
      stack.kernel_errno = read.sys_errno;
    }
  }

  stack.stop = stopper_.Stop(target_.pid, tid);
  if (stack.stop != StopOutcome::kStopped) {
    stack.kernel.clear();
    return stack;
  }
  const UnwindRegisters at = RegistersFromPtrace(stopper_.registers());
  CopyStack(thread, at);
  const bool is_read = sampler_.Reread(sampled) == RoundOutcome::kSampled && sampled->has_sample;
  const auto at_stop = runs_.Read(sampled->tid);
  if (while_stopped) while_stopped();
  const bool is_in_system_call = stopper_.is_in_system_call();
  stack.pause_ns = stopper_.Resume();
  if (!is_read || !stack.pause_ns) {
    stack.stop = StopOutcome::kGone;
    stack.kernel.clear();
    return stack;
  }
  // To stop it took one slice. If it has had more, the kernel's functions are those of another moment.
  const bool slept_till_stop = is_in_system_call && before && at_stop && at_stop->slices <= before->slices + 1;
  if (!slept_till_stop) stack.kernel.clear();
  Unwind(*sampled, at, &thread);
  for (const ShownFrame& frame : sampled->shown) thread.python.push_back(frame.walked);
  if (slept_till_stop && !sleep.empty()) {
    thread.sleep = sleep;
    NoteReturns(&thread);
  }
  return stack;
}

/// Reads the kernel's functions of a thread that sleeps on.
void NativeSampler::ReadKernel(Thread& thread, uint64_t tid) {
  KernelStack read = ReadKernelStack(target_.pid, static_cast<pid_t>(tid));
  thread.stack.kernel_errno = read.sys_errno;
  thread.stack.kernel = std::move(read.functions);
  if (runs_.Read(tid) != thread.in_sleep) thread.stack.kernel.clear();
}

/// Whether a thread sleeps with the stack that it had when it was stopped. It has run since, at least to go back to its sleep. But if it
/// sleeps at the same place, its Python stack is the same, and the same functions are to return to the same places, then its stack is what
/// it was.
bool NativeSampler::SleepsOn(const SampledThread& sampled, const std::string& sleep, Thread* thread) {
  if (sleep.empty() || thread->sleep != sleep || !IsSame(thread->python, sampled.shown)) return false;
  const auto now = runs_.Read(sampled.tid);
  if (!now) return false;
  if (thread->in_sleep) return *thread->in_sleep == *now;
  if (!HasSameReturns(*thread) || runs_.Read(sampled.tid) != now) return false;
  thread->in_sleep = now;
  return true;
}

/// Notes where the return addresses are by which a stack has been unwound.
void NativeSampler::NoteReturns(Thread* thread) const {
  thread->returns.clear();
  for (size_t i = 0; i + 1 < frames_.size(); ++i) {
    const Address slot = frames_[i].cfa - sizeof(Address);
    uint64_t word = 0;
    if (!copy_.Read(slot, &word) || word != frames_[i + 1].pc) {
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

/// Copies the used part of the stack of a thread that is stopped.
void NativeSampler::CopyStack(const Thread& thread, const UnwindRegisters& at) {
  const Address start = at.sp() - Architecture::kRedZone;
  size_t length = kMaxStackBytes;
  if (thread.base > start && thread.base - start + kBeyondBase < length) length = thread.base - start + kBeyondBase;
  if (stack_bytes_.size() < length) stack_bytes_.resize(length);
  const RemoteRange range{start, length};
  // What is beyond the end of the stack cannot be read, and ends the copy.
  const size_t copied = memory_.ReadRanges({&range, 1}, stack_bytes_.data()).bytes;
  copy_ = {start, {stack_bytes_.data(), copied}};
}

bool NativeSampler::RefreshModules() {
  const int64_t now = MonotonicNanoseconds();
  if (now < refresh_due_ns_) return false;
  refresh_due_ns_ = now + kRefreshIntervalNs;
  const bool has_changed = modules_.Refresh();
  if (has_changed || loop_generation_ != modules_.generation()) {
    loop_ = InterpreterLoop::Find(modules_, target_);
    loop_generation_ = modules_.generation();
  }
  return has_changed;
}

UnwindEnd NativeSampler::UnwindCopy(const UnwindRegisters& at) {
  const UnwindEnd end = unwinder_.Unwind(at, copy_, &frames_);
  // Libraries that have been loaded since.
  return end == UnwindEnd::kNotMapped && RefreshModules() ? unwinder_.Unwind(at, copy_, &frames_) : end;
}

/// Whether the address of a Python frame is in the registers that calls preserve, as they are in an activation of the loop, or in its
/// part of the stack.
bool NativeSampler::Holds(const LoopActivation& loop, Address frame) const {
  const UnwindRegisters& inner = frames_[loop.first].registers;
  const NativeFrame& outer = frames_[loop.first + loop.count - 1];
  for (size_t i = loop.first; i < loop.first + loop.count; ++i) {
    const UnwindRegisters& registers = frames_[i].registers;
    for (unsigned number = 0; number < Architecture::kRegisterCount; ++number) {
      if (registers.Has(number) && registers.value[number] == frame) return true;
    }
  }
  const Address end = std::min<Address>(outer.cfa, copy_.start + copy_.bytes.size());
  for (Address at = (inner.sp() + 7) & ~Address{7}; at + 8 <= end; at += 8) {
    uint64_t word = 0;
    if (copy_.Read(at, &word) && word == frame) return true;
  }
  return false;
}

/// Joins what was copied of a thread.
void NativeSampler::Unwind(const SampledThread& sampled, const UnwindRegisters& at, Thread* thread) {
  const UnwindEnd end = UnwindCopy(at);
  const bool is_complete = end == UnwindEnd::kOutermost;
  thread->base = is_complete && !frames_.empty() && frames_.back().cfa > at.sp() ? frames_.back().cfa : 0;

  loops_.clear();
  for (size_t i = 0; i < frames_.size();) {
    const size_t count = loop_.ActivationAt(frames_, i);
    if (count != 0) loops_.push_back({i, count});
    i += std::max<size_t>(count, 1);
  }
  // Which of the Python frames are shown, and as which.
  python_.clear();
  std::vector<std::optional<uint32_t>> places;
  uint32_t place = 0;
  for (const ShownFrame& frame : sampled.shown) {
    python_.push_back({frame.walked.frame, frame.walked.is_entry});
    places.push_back(frame.is_shown ? std::optional(place++) : std::nullopt);
  }
  const bool is_whole = sampled.settled && place == sampled.stack.size();
  MergeResult result;
  if (is_whole) {
    result = Merge({.python = python_,
                    .is_entering = sampled.is_entering,
                    .native_count = frames_.size(),
                    .loops = loops_,
                    .is_complete = is_complete,
                    .holds = [this](size_t loop, Address frame) { return Holds(loops_[loop], frame); }});
  }
  NativeStack& stack = thread->stack;
  stack.outcome = result.outcome;
  stack.has_gap = result.has_gap;
  if (result.outcome == NativeOutcome::kDisagreed) {
    for (uint32_t i = 0; i < sampled.stack.size(); ++i) stack.merged.push_back({.is_native = false, .index = i});
    return;
  }
  for (const NativeFrame& frame : frames_) stack.calls.push_back({frame.pc, frame.is_exact});
  for (const MergedFrame& frame : result.frames) {
    if (frame.is_native) {
      stack.merged.push_back(frame);
    } else if (places[frame.index]) {
      stack.merged.push_back({.is_native = false, .index = *places[frame.index]});
    }
  }
}

void NativeSampler::ForgetOtherThreads(const std::unordered_set<uint64_t>& living) {
  std::erase_if(threads_, [&living](const auto& entry) { return !living.contains(entry.first); });
  runs_.ForgetOtherThreads(living);
}

}  // namespace austin
