#include "sampler/process_recording.h"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <unordered_set>
#include <utility>

#include "sampler/module_description.h"

namespace austin {

namespace {

constexpr int64_t kNanosPerMilli = 1'000'000;

/// A process without a thread for so long may have become another program.
constexpr int64_t kEmptyPatience = 100 * kNanosPerMilli;

/// How often it is made sure that the process is still the same program.
constexpr int64_t kProgramInterval = 20 * kNanosPerMilli;

/// When thread names are looked up after a thread appeared: at once, and again for those that `threading` did not know
/// yet.
constexpr int64_t kNameRetries[] = {0, 20 * kNanosPerMilli, 500 * kNanosPerMilli};

}  // namespace

ProcessRecording::ProcessRecording(FoundProcess process, RecordingContext* context, int64_t now)
    : target_(std::move(process.target)),
      context_(*context),
      memory_(target_.pid),
      states_(target_.pid, context->budget),
      resident_(target_.pid, context->budget),
      sampler_(target_, &memory_, context->frames, PlanRounds()),
      names_(target_.layout),
      tasks_(target_, &memory_, context->frames),
      program_(process.program),
      last_round_(now),
      last_threads_(now),
      name_attempt_(std::size(kNameRetries)) {
  if (context_.native != nullptr) {
    native_ = std::make_unique<NativeSampler>(target_, &memory_, &sampler_, &context_.native->tools, context_.budget);
  } else if (context_.kernel) {
    kernel_ = std::make_unique<KernelFrames>(target_.pid, context_.budget);
  }
  if (context_.has_memory()) charged_bytes_ = resident_bytes_ = resident_.Bytes().value_or(0);
}

ProcessRecording::~ProcessRecording() { CollectReasons(); }

RoundOptions ProcessRecording::PlanRounds() {
  RoundOptions options;
  options.gc = context_.gc;
  options.frames = context_.tasks;
  options.entries = context_.native != nullptr;
  options.holders_only = context_.gil_only || context_.mode == RecordingMode::kMemory;
  options.gil = options.attached =
      options.holders_only || context_.gil_holders || context_.gc || context_.has_memory();
  const RecordingMode mode = context_.mode;
  if (mode == RecordingMode::kCpu || mode == RecordingMode::kFull) {
    options.is_wanted = [this, mode](SampledThread& thread) {
      thread.is_running = states_.IsRunning(thread.tid);
      return thread.is_running || mode == RecordingMode::kFull;
    };
  }
  return options;
}

/// Another program may have the interpreter at the same address, and another process the same number.
RoundOutcome ProcessRecording::CheckProgram(int64_t now) {
  if (now < program_due_) return RoundOutcome::kSampled;
  program_due_ = now + kProgramInterval;
  const std::optional<ProcessStat> stat = ReadProcessStat(pid());
  // What cannot be known is not decided here: the memory will tell.
  if (!stat || program_.start_ticks == 0) return RoundOutcome::kSampled;
  if (stat->start_ticks != program_.start_ticks) return RoundOutcome::kGone;
  return stat->IsSameProgram(program_) ? RoundOutcome::kSampled : RoundOutcome::kLost;
}

RoundOutcome ProcessRecording::Round(int64_t now) {
  const RoundOutcome program = CheckProgram(now);
  if (program != RoundOutcome::kSampled) return program;
  if (context_.has_memory() && !AskMemory()) return RoundOutcome::kSampled;
  if (kernel_) kernel_->BeginRound(sampler_.threads());
  const RoundOutcome outcome = sampler_.Round();
  if (outcome != RoundOutcome::kSampled) return outcome;
  if (sampler_.TakeThreadsChanged()) NoteThreads(now);
  if (context_.tasks) tasks_.Mark(sampler_.threads());
  Emit(now);
  RefreshNames(now);
  return now - last_threads_ > kEmptyPatience ? RoundOutcome::kLost : RoundOutcome::kSampled;
}

bool ProcessRecording::AskMemory() {
  // Where the process is ending, or gone, the round will tell.
  resident_bytes_ = resident_.Bytes().value_or(0);
  const bool has_changed = resident_bytes_ != charged_bytes_;
  return has_changed || context_.mode == RecordingMode::kFull || context_.gc;
}

void ProcessRecording::NoteThreads(int64_t now) {
  std::unordered_set<uint64_t> tids;
  for (const auto& thread : sampler_.threads()) {
    tids.insert(thread->tid);
    if (thread->first_seen == 0) thread->first_seen = now;
  }
  states_.ForgetOtherThreads(tids);
  if (native_) native_->ForgetOtherThreads(tids);
  if (kernel_) kernel_->ForgetOtherThreads(tids);
  context_.recorder->ForgetOtherThreads(pid(), sampler_.threads());
  name_attempt_ = 0;
  names_due_ = now + kNameRetries[0];
}

void ProcessRecording::Emit(int64_t now) {
  // The difference of whole microseconds, so that the weights add up to the time that passed.
  const auto weight_us = static_cast<uint64_t>(context_.Micros(now) - context_.Micros(last_round_));
  last_round_ = now;
  if (sampler_.is_collecting()) context_.statistics->gc_us += weight_us;

  const SampledThread* charged = context_.has_memory() ? ChargedThread() : nullptr;
  const int64_t change = resident_bytes_ - charged_bytes_;
  if (charged != nullptr) charged_bytes_ = resident_bytes_;

  for (const auto& thread : sampler_.threads()) {
    if (thread->has_sample || !thread->wanted) last_threads_ = now;
    if (!IsEmitted(*thread)) continue;
    SampleMetrics metrics;
    metrics.is_collecting = thread->collects;
    switch (context_.mode) {
      case RecordingMode::kWall:
      case RecordingMode::kCpu:
        metrics.time_us = weight_us;
        break;
      case RecordingMode::kMemory:
        if (thread.get() != charged || change == 0) continue;
        metrics.memory = change;
        break;
      case RecordingMode::kFull:
        metrics.time_us = weight_us;
        metrics.is_idle = !thread->is_running;
        metrics.memory = thread.get() == charged ? change : 0;
        break;
    }
    EmitThread(thread.get(), metrics);
  }
}

bool ProcessRecording::IsEmitted(const SampledThread& thread) const {
  return thread.has_sample && thread.wanted && (!context_.gil_only || thread.holds_gil);
}

/// The thread to which a change of memory is charged: the one that holds the GIL, or held it last; in free-threaded
/// builds the first that may run Python code. Without one the change waits for the next round.
const SampledThread* ProcessRecording::ChargedThread() const {
  const SampledThread* last_holder = nullptr;
  for (const auto& thread : sampler_.threads()) {
    if (!IsEmitted(*thread)) continue;
    if (thread->holds_gil) return thread.get();
    if (thread->held_gil_last && last_holder == nullptr) last_holder = thread.get();
  }
  return last_holder;
}

void ProcessRecording::EmitThread(SampledThread* thread, const SampleMetrics& metrics) {
  if (native_) {
    EmitNative(thread, metrics);
    return;
  }
  Announce(thread);
  if (kernel_ && context_.kernel) {
    const KernelStack kernel = kernel_->Read(*thread);
    NoteKernelErrno(kernel.sys_errno);
    RecordedStack stack = StackOf(*thread);
    stack.kernel = kernel.functions;
    context_.recorder->Sample(pid(), stack, metrics);
  } else {
    context_.recorder->Sample(pid(), *thread, metrics);
  }
  Count(*thread);
}

/// Reads a thread once more, with its native functions, and has that written.
void ProcessRecording::EmitNative(SampledThread* thread, SampleMetrics metrics) {
  const auto mark = [this, thread] {
    if (context_.tasks) tasks_.Mark(thread);
  };
  const NativeStack& native = native_->Take(thread, context_.kernel, mark);
  Statistics& statistics = *context_.statistics;
  if (native.pause_ns) statistics.pauses.Add(*native.pause_ns);
  // It has ended since.
  if (!thread->has_sample) return;
  metrics.is_collecting = thread->collects;
  switch (native.joined.outcome) {
    case NativeOutcome::kWhole:
      break;
    case NativeOutcome::kIncomplete:
      ++statistics.native_incomplete;
      break;
    case NativeOutcome::kDisagreed:
      ++statistics.native_disagreed;
      break;
    case NativeOutcome::kMissed:
      ++statistics.native_missed[static_cast<size_t>(native.capture)];
      if (native.capture == CaptureOutcome::kPermission) NoteRefusal(*thread);
      break;
  }
  NoteKernelErrno(native.kernel_errno);
  WriteModules();
  Announce(thread);
  context_.native->queue.AddSample(pid(), *thread, metrics, native, native_->modules());
  Count(*thread);
}

void ProcessRecording::Announce(SampledThread* thread) {
  const bool is_new = !thread->is_announced;
  if (is_new) {
    thread->is_announced = true;
    Tell("x-thread-start", *thread, std::to_string(context_.FileMicros(thread->first_seen)));
    if (!thread->name.empty()) WriteName(*thread);
  }
  // What was said last may have been said of another thread with this number.
  if (context_.gil_holders && (is_new || thread->holds_gil != thread->said_to_hold_gil)) WriteHolding(thread);
}

void ProcessRecording::Count(const SampledThread& thread) {
  ++context_.statistics->samples;
  ++context_.statistics->by_quality[static_cast<size_t>(thread.quality)];
}

/// Without the right to see the kernel's functions they are not asked for again.
void ProcessRecording::NoteKernelErrno(int sys_errno) {
  if (sys_errno != EPERM && sys_errno != EACCES) return;
  context_.kernel = false;
  if (!context_.notice) return;
  context_.notice({ErrorCode::kKernelStacksPermission,
                   "the kernel does not tell in which of its functions the threads of process " + std::to_string(pid()) +
                       " are; the stacks are recorded without them",
                   sys_errno});
}

void ProcessRecording::NoteRefusal(const SampledThread& thread) {
  if (context_.native->tools.way == NativeWay::kUndisturbed) {
    context_.failure = Error{ErrorCode::kPerfPermission,
                             "the kernel refuses to copy the native stack of thread " + std::to_string(thread.tid) + " of " +
                                 DescribeProcess(pid()) + " while it runs",
                             native_->refused_errno()};
    return;
  }
  context_.failure = Error{ErrorCode::kPermission,
                           "thread " + std::to_string(thread.tid) + " of " + DescribeProcess(pid()) +
                               " may not be stopped, which native stacks need",
                           EPERM};
}

/// Says where the native code is, when that is new: the addresses in the samples are those of this process.
void ProcessRecording::WriteModules() {
  const Modules& modules = native_->modules();
  if (told_modules_ == modules.generation()) return;
  told_modules_ = modules.generation();
  SampleQueue& queue = context_.native->queue;
  for (const FileMapping& mapping : modules.mappings()) {
    std::string line = MapLine(mapping);
    if (told_mappings_.Tell(mapping.start, mapping.end, line)) queue.AddMetadata("map", std::move(line));
  }
  for (const Module& module : modules.all()) {
    std::string description = DescribeModule(module);
    if (!told_descriptions_.Tell(module.start, module.end, description)) continue;
    queue.AddMetadata("x-module:" + std::to_string(pid()), std::move(description));
  }
}

void ProcessRecording::Tell(std::string_view what, const SampledThread& thread, std::string_view value) {
  std::string key = ThreadKey(what, pid(), thread);
  if (native_) {
    context_.native->queue.AddMetadata(std::move(key), std::string(value));
  } else {
    context_.recorder->writer().Metadata(key, value);
  }
}

void ProcessRecording::RefreshNames(int64_t now) {
  if (name_attempt_ == std::size(kNameRetries) || now < names_due_) return;
  const auto& threads = sampler_.threads();
  for (const Address interpreter : sampler_.interpreters()) {
    for (const ThreadName& name : names_.Read(memory_, interpreter)) {
      for (const auto& thread : threads) {
        if (thread->interpreter != interpreter || thread->ident != name.thread_id) continue;
        if (thread->name == name.name) continue;
        thread->name = name.name;
        if (thread->is_announced) WriteName(*thread);
      }
    }
  }
  const bool all_named =
      std::all_of(threads.begin(), threads.end(), [](const auto& thread) { return !thread->name.empty(); });
  name_attempt_ = all_named ? std::size(kNameRetries) : name_attempt_ + 1;
  if (name_attempt_ < std::size(kNameRetries)) names_due_ = now + kNameRetries[name_attempt_];
}

void ProcessRecording::WriteName(const SampledThread& thread) {
  Tell("x-thread-name", thread, thread.name);
}

void ProcessRecording::WriteHolding(SampledThread* thread) {
  thread->said_to_hold_gil = thread->holds_gil;
  Tell("x-holds-gil", *thread, thread->holds_gil ? "on" : "off");
}

void ProcessRecording::BeginFile() {
  for (const auto& thread : sampler_.threads()) thread->is_announced = false;
  told_modules_ = 0;
  told_mappings_.Clear();
  told_descriptions_.Clear();
}

void ProcessRecording::CollectReasons() {
  const auto& now = sampler_.reasons();
  for (size_t i = 0; i < kReasonCount; ++i) context_.statistics->reasons[i] += now[i] - collected_[i];
  collected_ = now;
  context_.statistics->missed_tasks += tasks_.TakeMissed();
}

}  // namespace austin
