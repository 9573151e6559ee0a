#include "sampler/process_recording.h"

#include <algorithm>
#include <iterator>
#include <unordered_set>
#include <utility>

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
  if (context_.has_memory()) charged_bytes_ = resident_bytes_ = resident_.Bytes().value_or(0);
}

ProcessRecording::~ProcessRecording() { CollectReasons(); }

RoundOptions ProcessRecording::PlanRounds() {
  RoundOptions options;
  options.gc = context_.gc;
  options.frames = context_.tasks;
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
  const bool is_new = !thread->is_announced;
  if (is_new) {
    thread->is_announced = true;
    const int64_t start_us = context_.FileMicros(thread->first_seen);
    context_.recorder->ThreadMetadata("x-thread-start", pid(), *thread, std::to_string(start_us));
    if (!thread->name.empty()) WriteName(*thread);
  }
  // What was said last may have been said of another thread with this number.
  if (context_.gil_holders && (is_new || thread->holds_gil != thread->said_to_hold_gil)) WriteHolding(thread);
  context_.recorder->Sample(pid(), *thread, metrics);
  ++context_.statistics->samples;
  ++context_.statistics->by_quality[static_cast<size_t>(thread->quality)];
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
  context_.recorder->ThreadMetadata("x-thread-name", pid(), thread, thread.name);
}

void ProcessRecording::WriteHolding(SampledThread* thread) {
  thread->said_to_hold_gil = thread->holds_gil;
  context_.recorder->ThreadMetadata("x-holds-gil", pid(), *thread, thread->holds_gil ? "on" : "off");
}

void ProcessRecording::BeginFile() {
  for (const auto& thread : sampler_.threads()) thread->is_announced = false;
}

void ProcessRecording::CollectReasons() {
  const auto& now = sampler_.reasons();
  for (size_t i = 0; i < kReasonCount; ++i) context_.statistics->reasons[i] += now[i] - collected_[i];
  collected_ = now;
  context_.statistics->missed_tasks += tasks_.TakeMissed();
}

}  // namespace austin
