#include "sampler/recording.h"

#include <algorithm>
#include <climits>
#include <cstring>
#include <map>
#include <memory>

#include "binary/process_tree.h"
#include "cpython/thread_names.h"
#include "memory/process_memory_reader.h"
#include "sampler/clock.h"
#include "sampler/mojo_recorder.h"
#include "sampler/process_sampler.h"

namespace austin {

namespace {

/// The generation of Austin whose stream this is; front ends compare it with the least they support.
constexpr const char* kCompatibleVersion = "4.0.0";

constexpr int64_t kNanosPerMicro = 1000;
constexpr int64_t kNanosPerMilli = 1'000'000;

/// What is not yet written is lost with the sampler; it is never older than this.
constexpr int64_t kFlushIntervalNs = 100 * kNanosPerMilli;
constexpr size_t kFlushBytes = 64 << 10;

/// A sleep is cut into pieces of this length, so that a stop is noticed soon.
constexpr int64_t kSleepSliceNs = 10 * kNanosPerMilli;

/// A process without a thread for so long may have become another program.
constexpr int64_t kEmptyPatienceNs = 100 * kNanosPerMilli;

/// When thread names are looked up after a thread appeared: at once, and again for those that `threading` did not know
/// yet.
constexpr int64_t kNameRetriesNs[] = {0, 20 * kNanosPerMilli, 500 * kNanosPerMilli};

/// A real-time thread that is busy for more than this share of its time would take the processor from others.
constexpr double kRealtimeBusyShare = 0.5;
constexpr int64_t kRealtimeLeastIntervalUs = 100;

/// Everything that belongs to the process being sampled.
struct Attachment {
  explicit Attachment(Target found, FrameTable* frames)
      : target(std::move(found)), memory(target.pid), sampler(target, &memory, frames), names(target.layout) {}

  Target target;
  ProcessMemoryReader memory;
  ProcessSampler sampler;
  ThreadNames names;
  size_t name_attempt = std::size(kNameRetriesNs);
  int64_t names_due_ns = 0;
  int64_t last_threads_ns = 0;
};

class Recorder {
 public:
  Recorder(RecordingOptions options, const std::atomic<bool>& stop)
      : options_(std::move(options)),
        stop_(stop),
        pump_(std::move(options_.output), std::move(options_.listener)),
        recorder_(&frames_, &buffer_) {}

  RecordingResult Run() {
    WriteHead();
    if (auto error = Attach(options_.timeout_ms)) return Finish(stop_ ? std::nullopt : std::move(error));
    TimelyThread timely(options_.interval_us >= kRealtimeLeastIntervalUs);
    start_ns_ = last_round_ns_ = last_flush_ns_ = last_progress_ns_ = MonotonicNanoseconds();
    deadline_ns_ = start_ns_ + options_.interval_us * kNanosPerMicro;
    while (true) {
      if (!SleepUntilDeadline()) break;
      auto error = Round();
      if (error) return Finish(std::move(error));
      if (ended_) break;
      if (!Flush(/*force=*/false)) break;
      Report();
      const int64_t spent = MonotonicNanoseconds() - start_ns_;
      if (timely.is_realtime() && statistics_.busy_ns > kRealtimeBusyShare * static_cast<double>(spent) &&
          statistics_.rounds > 1000) {
        timely.Yield();
      }
    }
    return Finish(std::nullopt);
  }

 private:
  void WriteHead() {
    MojoWriter& writer = recorder_.writer();
    writer.Header();
    writer.Metadata("austin", kCompatibleVersion);
    writer.Metadata("interval", std::to_string(options_.interval_us));
    writer.Metadata("mode", "wall");
    writer.Metadata("x-thread-ids", "hex");
    for (const auto& [key, value] : options_.metadata) writer.Metadata(key, value);
  }

  /// Finds an interpreter in the process tree. Nothing when one was found.
  std::optional<Error> Attach(int timeout_ms) {
    CollectReasons();
    attachment_.reset();
    Result<Target> target = WaitForPython(options_.root, timeout_ms, stop_);
    if (!target) return target.error();
    attachment_ = std::make_unique<Attachment>(std::move(*target), &frames_);
    counted_reasons_ = {};
    if (attachment_->target.version_text != python_) {
      python_ = attachment_->target.version_text;
      recorder_.writer().Metadata("python", python_);
    }
    attachment_->last_threads_ns = MonotonicNanoseconds();
    if (options_.on_attached) options_.on_attached(attachment_->target);
    return std::nullopt;
  }

  /// Looks for another interpreter where one was: the process ran another program, or a shell starts the next one.
  std::optional<Error> AttachAgain() {
    int timeout_ms = INT_MAX;
    if (options_.duration_us != 0) {
      const int64_t left_us = options_.duration_us - (MonotonicNanoseconds() - start_ns_) / kNanosPerMicro;
      timeout_ms = static_cast<int>(std::clamp<int64_t>(left_us / 1000, 0, INT_MAX));
    }
    auto error = Attach(timeout_ms);
    if (error) {
      // The end of the process, the end of the time and a stop are ordinary ends, not errors.
      const bool is_end = stop_ || error->code == ErrorCode::kProcessGone || error->code == ErrorCode::kNotPython;
      ended_ = true;
      target_ended_ = error->code == ErrorCode::kProcessGone;
      return is_end ? std::nullopt : std::move(error);
    }
    last_round_ns_ = MonotonicNanoseconds();
    deadline_ns_ = last_round_ns_ + options_.interval_us * kNanosPerMicro;
    return std::nullopt;
  }

  /// False when the recording is to end instead.
  bool SleepUntilDeadline() {
    const int64_t end_ns =
        options_.duration_us != 0 ? start_ns_ + options_.duration_us * kNanosPerMicro : INT64_MAX;
    while (true) {
      if (stop_) return false;
      const int64_t now = MonotonicNanoseconds();
      if (now >= end_ns) return false;
      if (now >= deadline_ns_) return true;
      SleepUntilNanoseconds(std::min({deadline_ns_, end_ns, now + kSleepSliceNs}));
      // Samples of a slow recording are not kept back until the next round.
      if (deadline_ns_ - now > kFlushIntervalNs) Flush(/*force=*/false);
    }
  }

  std::optional<Error> Round() {
    const int64_t begin = MonotonicNanoseconds();
    const int64_t interval_ns = options_.interval_us * kNanosPerMicro;
    const RoundOutcome outcome = attachment_->sampler.Round();
    if (outcome == RoundOutcome::kSampled) Emit(begin);
    const int64_t end = MonotonicNanoseconds();

    const bool may_have_moved = outcome != RoundOutcome::kSampled || begin - attachment_->last_threads_ns > kEmptyPatienceNs;
    if (outcome == RoundOutcome::kGone && attachment_->target.pid == options_.root) {
      ended_ = target_ended_ = true;
      return std::nullopt;
    }
    if (may_have_moved) return AttachAgain();

    ++statistics_.rounds;
    const uint64_t took = end - begin;
    statistics_.busy_ns += took;
    statistics_.shortest_round_ns = std::min(statistics_.shortest_round_ns, took);
    statistics_.longest_round_ns = std::max(statistics_.longest_round_ns, took);
    statistics_.duration_us = (begin - start_ns_) / kNanosPerMicro;
    if (interval_ns == 0) {
      deadline_ns_ = end;
    } else {
      if (begin - deadline_ns_ > interval_ns) ++statistics_.late_rounds;
      if (took > static_cast<uint64_t>(interval_ns)) ++statistics_.long_rounds;
      deadline_ns_ += interval_ns;
      if (deadline_ns_ < end) {
        // What was missed is not made up for by a burst: the next sample weighs the time that really passed.
        const int64_t missed = (end - deadline_ns_) / interval_ns + 1;
        statistics_.missed_rounds += missed;
        deadline_ns_ += missed * interval_ns;
      }
    }
    RefreshNames(end);
    return std::nullopt;
  }

  void Emit(int64_t now) {
    // The difference of whole microseconds, so that the weights add up to the time that passed.
    const uint64_t weight_us = (now - start_ns_) / kNanosPerMicro - (last_round_ns_ - start_ns_) / kNanosPerMicro;
    last_round_ns_ = now;
    ProcessSampler& sampler = attachment_->sampler;
    const pid_t pid = attachment_->target.pid;
    if (sampler.TakeThreadsChanged()) {
      recorder_.ForgetOtherThreads(pid, sampler.threads());
      attachment_->name_attempt = 0;
      attachment_->names_due_ns = now + kNameRetriesNs[0];
    }
    for (const auto& thread : sampler.threads()) {
      if (!thread->has_sample) continue;
      attachment_->last_threads_ns = now;
      if (!thread->is_announced) {
        thread->is_announced = true;
        recorder_.ThreadMetadata("x-thread-start", pid, *thread, std::to_string((now - start_ns_) / kNanosPerMicro));
      }
      recorder_.Sample(pid, *thread, weight_us);
      ++statistics_.samples;
      ++statistics_.by_quality[static_cast<size_t>(thread->quality)];
    }
  }

  void RefreshNames(int64_t now) {
    Attachment& attachment = *attachment_;
    if (attachment.name_attempt == std::size(kNameRetriesNs) || now < attachment.names_due_ns) return;
    for (const Address interpreter : attachment.sampler.interpreters()) {
      for (const ThreadName& name : attachment.names.Read(attachment.memory, interpreter)) {
        for (const auto& thread : attachment.sampler.threads()) {
          if (thread->interpreter != interpreter || thread->ident != name.thread_id || !thread->is_announced) continue;
          if (thread->name == name.name) continue;
          thread->name = name.name;
          recorder_.ThreadMetadata("x-thread-name", attachment.target.pid, *thread, name.name);
        }
      }
    }
    const auto& threads = attachment.sampler.threads();
    const bool all_named =
        std::all_of(threads.begin(), threads.end(), [](const auto& thread) { return !thread->name.empty(); });
    ++attachment.name_attempt;
    if (all_named) attachment.name_attempt = std::size(kNameRetriesNs);
    if (attachment.name_attempt < std::size(kNameRetriesNs)) {
      attachment.names_due_ns = now + kNameRetriesNs[attachment.name_attempt];
    }
  }

  /// Hands what has been encoded to the pump, when it is due. False once writing has failed.
  bool Flush(bool force) {
    const int64_t now = MonotonicNanoseconds();
    if (!force && buffer_.size() < kFlushBytes && now - last_flush_ns_ < kFlushIntervalNs) return true;
    last_flush_ns_ = now;
    statistics_.bytes += buffer_.size();
    return buffer_.empty() || pump_.Push(&buffer_);
  }

  void Report() {
    if (options_.progress_ms == 0 || !options_.on_progress) return;
    const int64_t now = MonotonicNanoseconds();
    if (now - last_progress_ns_ < options_.progress_ms * kNanosPerMilli) return;
    last_progress_ns_ = now;
    CollectReasons();
    options_.on_progress(statistics_);
  }

  /// Adds what the present attachment has counted since the last call.
  void CollectReasons() {
    if (!attachment_) return;
    const auto& now = attachment_->sampler.reasons();
    for (size_t i = 0; i < kReasonCount; ++i) statistics_.reasons[i] += now[i] - counted_reasons_[i];
    counted_reasons_ = now;
  }

  void WriteFoot() {
    MojoWriter& writer = recorder_.writer();
    const Statistics& s = statistics_;
    const auto number = [&](const char* key, uint64_t value) { writer.Metadata(key, std::to_string(value)); };
    number("count", s.samples);
    number("duration", start_ns_ != 0 ? (MonotonicNanoseconds() - start_ns_) / kNanosPerMicro : 0);
    if (s.rounds != 0) {
      writer.Metadata("sampling", std::to_string(s.shortest_round_ns / kNanosPerMicro) + ',' +
                                      std::to_string(s.busy_ns / s.rounds / kNanosPerMicro) + ',' +
                                      std::to_string(s.longest_round_ns / kNanosPerMicro));
      writer.Metadata("saturation", std::to_string(s.long_rounds) + '/' + std::to_string(s.rounds));
      writer.Metadata("errors", std::to_string(s.of(Quality::kCut) + s.of(Quality::kInvalid)) + '/' +
                                    std::to_string(s.samples));
    }
    number("x-rounds", s.rounds);
    number("x-exact", s.of(Quality::kExact));
    number("x-retried", s.of(Quality::kRetried));
    number("x-cut", s.of(Quality::kCut));
    number("x-invalid", s.of(Quality::kInvalid));
    number("x-late-rounds", s.late_rounds);
    number("x-missed-rounds", s.missed_rounds);
    for (size_t i = 0; i < kReasonCount; ++i) {
      if (s.reasons[i] == 0) continue;
      writer.Metadata(std::string("x-attempts-failed:") + ReasonName(static_cast<Reason>(i)),
                      std::to_string(s.reasons[i]));
    }
  }

  RecordingResult Finish(std::optional<Error> error) {
    CollectReasons();
    WriteFoot();
    Flush(/*force=*/true);
    if (const int failure = pump_.Finish()) {
      error = Error{ErrorCode::kOutputWrite, std::string("cannot write the recording: ") + std::strerror(failure),
                    failure};
    }
    RecordingResult result{RecordingEnd::kDuration, statistics_, std::move(error)};
    if (result.error) {
      result.end = RecordingEnd::kFailed;
    } else if (stop_) {
      result.end = RecordingEnd::kStopped;
    } else if (target_ended_) {
      result.end = RecordingEnd::kTargetEnded;
    }
    return result;
  }

  RecordingOptions options_;
  const std::atomic<bool>& stop_;
  OutputPump pump_;
  FrameTable frames_;
  std::string buffer_;
  MojoRecorder recorder_;
  std::unique_ptr<Attachment> attachment_;
  std::string python_;

  Statistics statistics_;
  /// How much of the present attachment's reasons is in the statistics.
  std::array<uint64_t, kReasonCount> counted_reasons_{};
  int64_t start_ns_ = 0;
  int64_t last_round_ns_ = 0;
  int64_t deadline_ns_ = 0;
  int64_t last_flush_ns_ = 0;
  int64_t last_progress_ns_ = 0;
  bool ended_ = false;
  bool target_ended_ = false;
};

}  // namespace

RecordingResult Record(RecordingOptions options, const std::atomic<bool>& stop) {
  return Recorder(std::move(options), stop).Run();
}

}  // namespace austin
