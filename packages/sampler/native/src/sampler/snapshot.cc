#include "sampler/snapshot.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <map>
#include <memory>
#include <thread>
#include <utility>

#include "cpython/thread_names.h"
#include "memory/bounded_reader.h"
#include "memory/process_memory_reader.h"
#include "os/descriptor_budget.h"
#include "os/thread_stop.h"
#include "sampler/clock.h"
#include "sampler/kernel_frames.h"
#include "sampler/native_sampler.h"
#include "sampler/snapshot_tasks.h"
#include "unwind/symbols.h"

namespace austin {

namespace {

/// One look is worth more patience than one sample of thousands.
constexpr int kTornRetries = 30;
constexpr int kAttempts = 20;
constexpr int64_t kAttemptPauseNs = 1'000'000;
/// Attempts for what is not a stack: a busy program's waits and locals never stand still.
constexpr int kAttemptsForDetails = 8;

/// What the locals and the tasks of one attempt may cost.
constexpr ReadBudget kLocalsBudget{.reads = 200'000, .bytes = 64 << 20, .time = std::chrono::milliseconds(500)};

/// One process, looked at until what was seen fits together.
class Look {
 public:
  Look(const Target& target, const SnapshotOptions& options)
      : target_(target),
        options_(options),
        memory_(target.pid),
        sampler_(target, &memory_, &frames_, PlanRounds(target, options)),
        names_(target.layout),
        tasks_(target, memory_),
        kernel_(target.pid, &descriptors_) {
    sampler_.set_torn_retries(kTornRetries);
    if (!options.native) return;
    native_ = std::make_unique<NativeSampler>(target, &memory_, &sampler_, &tools_, &descriptors_);
  }

  Result<Snapshot> Take(const std::atomic<bool>& cancel) {
    std::optional<Snapshot> best;
    int fewest_flaws = 0;
    int attempt = 0;
    const int64_t begin = MonotonicNanoseconds();
    const int64_t patience_ns = std::chrono::nanoseconds(options_.patience).count();
    bool is_out_of_time = false;
    for (; attempt < kAttempts && !cancel.load(std::memory_order_relaxed); ++attempt) {
      is_out_of_time = best && MonotonicNanoseconds() - begin >= patience_ns;
      if (is_out_of_time) break;
      if (attempt != 0) SleepUntilNanoseconds(MonotonicNanoseconds() + kAttemptPauseNs);
      flaws_ = 0;
      const std::vector<ThreadWait> before = ReadWaits();
      if (options_.kernel && !native_) kernel_.BeginRound(sampler_.threads());
      if (sampler_.Round() != RoundOutcome::kSampled) {
        return Error{ErrorCode::kProcessGone, "process " + std::to_string(target_.pid) + " ended while it was read"};
      }
      ReadNative();
      if (!AreStacksWhole()) flaws_ += kStackFlaw;
      const std::vector<ThreadWait> waits = ReadWaits();
      if (waits != before) ++flaws_;
      Snapshot snapshot = Describe(waits);
      if (!best || flaws_ < fewest_flaws) {
        best = std::move(snapshot);
        fewest_flaws = flaws_;
      }
      if (fewest_flaws != 0 && (attempt + 1 < attempts_for_details() || fewest_flaws >= kStackFlaw)) continue;
      ++attempt;
      break;
    }
    if (!best) return Error{ErrorCode::kProcessGone, "the look at process " + std::to_string(target_.pid) + " was cancelled"};
    best->attempts = attempt;
    best->is_out_of_time = is_out_of_time;
    return std::move(*best);
  }

 private:
  static RoundOptions PlanRounds(const Target& target, const SnapshotOptions& wanted) {
    RoundOptions options;
    options.frames = true;
    options.entries = wanted.native;
    options.attached = target.layout.free_threaded;
    return options;
  }

  /// Weighs more than all other flaws together do in a process of reasonable size.
  static constexpr int kStackFlaw = 1 << 24;
  /// Weighs more than some values that changed.
  static constexpr int kFrameFlaw = 8;

  /// Stopping threads again and again for what never stands still would disturb them.
  int attempts_for_details() const { return native_ ? 1 : kAttemptsForDetails; }

  /// Reads each thread once more, with its native functions. Its part of the result is by thread id.
  void ReadNative() {
    taken_.clear();
    if (!native_) return;
    for (const auto& thread : sampler_.threads()) {
      if (thread->has_sample) taken_.emplace(thread->tid, &native_->Take(thread.get(), options_.kernel));
    }
    while (tools_.stopper.owes()) {
      tools_.stopper.Settle();
      SleepUntilNanoseconds(MonotonicNanoseconds() + kAttemptPauseNs / 5);
    }
  }

  bool AreStacksWhole() const {
    const auto& threads = sampler_.threads();
    return !threads.empty() &&
           std::all_of(threads.begin(), threads.end(), [](const auto& thread) { return thread->has_sample && thread->settled; });
  }

  /// In the order of the sampler's threads.
  std::vector<ThreadWait> ReadWaits() const {
    std::vector<ThreadWait> waits;
    for (const auto& thread : sampler_.threads()) {
      waits.push_back(ReadThreadWait(target_.pid, static_cast<pid_t>(thread->tid)));
    }
    return waits;
  }

  Snapshot Describe(const std::vector<ThreadWait>& waits) {
    BoundedReader bounded(memory_, kLocalsBudget);
    LocalsReader locals(bounded, target_.layout);
    Snapshot snapshot{.target = target_, .threads = {}, .tasks = {}};
    const auto names = ReadNames();
    for (size_t i = 0; i < sampler_.threads().size(); ++i) {
      const SampledThread& thread = *sampler_.threads()[i];
      if (!thread.has_sample) continue;
      Snapshot::Thread& seen = snapshot.threads.emplace_back();
      seen.iid = thread.iid;
      seen.tid = thread.tid;
      const auto name = names.find({thread.interpreter, thread.ident});
      if (name != names.end()) seen.name = name->second;
      (UsesGil(thread) ? seen.holds_gil : seen.attached) = thread.holds_gil;
      seen.quality = thread.quality;
      DescribeWaiting(thread, waits[i], seen);
      DescribeFrames(thread, locals, seen);
    }
    if (options_.tasks) flaws_ += tasks_.Describe(sampler_, frames_, snapshot);
    return snapshot;
  }

  void DescribeFrames(const SampledThread& thread, LocalsReader& locals, Snapshot::Thread& seen) {
    const auto taken = taken_.find(thread.tid);
    const NativeStack* native = taken != taken_.end() ? taken->second : nullptr;
    if (native != nullptr) seen.native = native->joined.outcome;
    if (native != nullptr && native->joined.outcome != NativeOutcome::kMissed) {
      for (const MergedFrame& frame : native->joined.merged) {
        if (frame.is_native) {
          seen.frames.push_back(NativeFrameOf(native->joined.calls[frame.index]));
        } else {
          DescribePythonFrame(thread, frame.index, locals, seen);
        }
      }
    } else {
      for (size_t at = 0; at < thread.stack.size(); ++at) DescribePythonFrame(thread, at, locals, seen);
    }
    if (!options_.kernel) return;
    const KernelStack kernel = native != nullptr ? KernelStack{native->kernel, native->kernel_errno} : kernel_.Read(thread);
    seen.is_kernel_refused = kernel.sys_errno == EPERM || kernel.sys_errno == EACCES;
    for (const std::string& function : kernel.functions) {
      seen.frames.push_back({.name = function, .file = "kernel", .position = {}, .kind = Snapshot::FrameKind::kKernel});
    }
  }

  void DescribePythonFrame(const SampledThread& thread, size_t at, LocalsReader& locals, Snapshot::Thread& seen) {
    Snapshot::Frame& frame = seen.frames.emplace_back(FrameOf(thread.stack[at]));
    if (!options_.locals) return;
    const WalkedFrame& walked = thread.frames[at];
    frame.locals = locals.Read({walked.frame, walked.code, walked.instruction, at + 1 == thread.stack.size()});
    if (!frame.locals) {
      flaws_ += kFrameFlaw;
    } else {
      flaws_ += static_cast<int>(std::count_if(frame.locals->begin(), frame.locals->end(),
                                               [](const auto& local) { return local.value == kChangingText; }));
    }
  }

  Snapshot::Frame NativeFrameOf(const NativeCall& call) {
    char file[32];
    std::snprintf(file, sizeof(file), "native@%llx", static_cast<unsigned long long>(call.pc));
    Snapshot::Frame frame{.name = kUnknownSymbol, .file = file, .position = {}, .kind = Snapshot::FrameKind::kNative};
    frame.address = call.pc;
    // The call is before the address that it returns to, and may be the last instruction of its function.
    const Address back = call.is_exact ? 0 : 1;
    const Module* module = call.is_known ? native_->modules().Find(call.pc - back) : nullptr;
    if (module == nullptr) return frame;
    frame.module = module->path;
    const NativeName name = symbols_.Find(*module, module->FileAddress(call.pc - back));
    frame.name = name.symbol;
    if (name.symbol != kUnknownSymbol) frame.offset = name.offset + back;
    return frame;
  }

  Snapshot::Frame FrameOf(FrameId id) const {
    const FrameTable::Frame& frame = frames_.frame(id);
    return {frames_.string(frame.name), frames_.string(frame.file), frame.position};
  }

  void DescribeWaiting(const SampledThread& thread, const ThreadWait& wait, Snapshot::Thread& seen) {
    seen.activity = wait.activity;
    seen.system_call = SystemCallName(wait);
    if (seen.holds_gil) {
      seen.waits_for_gil = WaitsForGil(thread, wait);
      // A thread holds the GIL before anything tells that it has stopped to wait.
      if (thread.holds_gil) seen.waits_for_gil = false;
    }
    seen.waits_for = seen.waits_for_gil.value_or(false) ? "the GIL" : DescribeWait(memory_, target_.pid, wait);
  }

  /// Free-threaded builds have a GIL that is in use only where it was asked for, by the user or by an extension.
  bool UsesGil(const SampledThread& thread) {
    if (thread.gil == 0) return false;
    const Offset enabled = target_.layout.gil.enabled;
    return enabled == kAbsent || memory_.ReadValue<int32_t>(thread.gil + uint64_t(enabled)).value_or(0) != 0;
  }

  /// A thread waits for the GIL at a condition variable or a mutex within the GIL's own record. From 3.15 on it says so itself.
  std::optional<bool> WaitsForGil(const SampledThread& thread, const ThreadWait& wait) {
    const Layout& layout = target_.layout;
    if (layout.thread.gil_requested != kAbsent) {
      const auto requested =
          memory_.ReadValue<int32_t>(thread.plan.thread_state() + uint64_t(layout.thread.gil_requested));
      if (requested) return *requested != 0;
    }
    if (wait.activity == ThreadActivity::kRunning) return false;
    if (!wait.call) return std::nullopt;
    const Address futex = FutexOf(wait);
    return futex >= thread.gil + uint64_t(layout.gil.wait_begin) && futex < thread.gil + uint64_t(layout.gil.wait_end);
  }

  /// By interpreter and Python's identifier of the thread.
  std::map<std::pair<Address, uint64_t>, std::string> ReadNames() {
    std::map<std::pair<Address, uint64_t>, std::string> names;
    for (const Address interpreter : sampler_.interpreters()) {
      for (ThreadName& name : names_.Read(memory_, interpreter)) {
        names[{interpreter, name.thread_id}] = std::move(name.name);
      }
    }
    return names;
  }

  const Target& target_;
  const SnapshotOptions& options_;
  ProcessMemoryReader memory_;
  FrameTable frames_;
  ProcessSampler sampler_;
  ThreadNames names_;
  SnapshotTasks tasks_;
  DescriptorBudget descriptors_;
  KernelFrames kernel_;
  NativeTools tools_{NativeWay::kExact, /*kernel=*/false};
  /// Null unless native functions are wanted.
  std::unique_ptr<NativeSampler> native_;
  std::map<uint64_t, const NativeStack*> taken_;
  Symbols symbols_;
  /// What of the current attempt did not fit together.
  int flaws_ = 0;
};

}  // namespace

Result<Snapshot> TakeSnapshotOf(const Target& target, const SnapshotOptions& options, const std::atomic<bool>& cancel) {
  if (!options.native) return Look(target, options).Take(cancel);
  // The kernel lets go of what a thread has stopped when that thread ends.
  std::optional<Result<Snapshot>> result;
  std::thread([&] { result.emplace(Look(target, options).Take(cancel)); }).join();
  return std::move(*result);
}

}  // namespace austin
