#include "sampler/recording.h"

#include <algorithm>
#include <climits>
#include <cmath>
#include <cstring>
#include <memory>
#include <set>

#include "binary/process_info.h"
#include "binary/process_tree.h"
#include "os/descriptor_budget.h"
#include "os/resident_memory.h"
#include "sampler/clock.h"
#include "sampler/mojo_recorder.h"
#include "sampler/process_description.h"
#include "sampler/process_discovery.h"
#include "sampler/process_recording.h"
#include "sampler/schedule.h"

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

/// A real-time thread that is busy for more than this share of its time would take the processor from others.
constexpr double kRealtimeBusyShare = 0.5;
constexpr int64_t kRealtimeLeastIntervalUs = 100;

/// A number with one digit after the point.
std::string Tenths(double value) {
  const auto tenths = static_cast<uint64_t>(std::llround(value * 10));
  return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10);
}

class Recorder {
 public:
  Recorder(RecordingOptions options, const std::atomic<bool>& stop)
      : options_(std::move(options)),
        stop_(stop),
        schedule_(options_.interval_us),
        pump_(std::move(options_.output), std::move(options_.listener)),
        recorder_(&frames_, &buffer_),
        context_{.mode = options_.mode,
                 .gc = options_.gc,
                 .gil_only = options_.gil_only,
                 .frames = &frames_,
                 .recorder = &recorder_,
                 .statistics = &statistics_,
                 .budget = &descriptors_} {}

  RecordingResult Run() {
    WriteHead();
    if (auto error = AttachFirst()) return Finish(stop_ ? std::nullopt : std::move(error));
    TimelyThread timely(options_.interval_us >= kRealtimeLeastIntervalUs);
    while (SleepUntilDeadline()) {
      auto error = Round();
      if (error) return Finish(std::move(error));
      if (ended_) break;
      if (!Flush(/*force=*/false)) break;
      Report();
      const int64_t spent = MonotonicNanoseconds() - context_.start_ns;
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
    writer.Metadata("mode", ModeName(options_.mode));
    if (options_.children) writer.Metadata("multiprocess", "on");
    if (context_.has_memory()) writer.Metadata("memory", std::to_string(PhysicalMemoryKib()));
    if (options_.gc) writer.Metadata("gc", "on");
    if (options_.gil_only) writer.Metadata("x-gil-only", "on");
    writer.Metadata("x-thread-ids", "hex");
    writer.Metadata("x-clock", "monotonic");
    for (const auto& [key, value] : options_.metadata) writer.Metadata(key, value);
  }

  /// Finds the first interpreter. Nothing when one was found.
  std::optional<Error> AttachFirst() {
    std::vector<FoundProcess> found;
    if (options_.children) {
      discovery_ = std::make_unique<ProcessDiscovery>(options_.root, options_.timeout_ms, stop_);
      if (auto error = discovery_->WaitForFirst()) return error;
      found = discovery_->Take();
    } else {
      Result<Target> target = WaitForPython(options_.root, options_.timeout_ms, stop_);
      if (!target) return target.error();
      const pid_t pid = target->pid;
      found.push_back({std::move(*target), ReadProcessStat(pid).value_or(ProcessStat{})});
    }
    const int64_t now = MonotonicNanoseconds();
    context_.start_ns = last_flush_ns_ = last_progress_ns_ = now;
    schedule_.Start(now);
    for (FoundProcess& process : found) Add(std::move(process), now);
    return std::nullopt;
  }

  void Add(FoundProcess process, int64_t now) {
    const Target& target = process.target;
    WriteProcess(target, now);
    if (options_.on_attached) options_.on_attached(target);
    if (pids_.insert(target.pid).second) ++statistics_.processes;
    processes_.push_back(std::make_unique<ProcessRecording>(std::move(process), &context_, now));
  }

  /// Says in the stream what is sampled from here on.
  void WriteProcess(const Target& target, int64_t now) {
    MojoWriter& writer = recorder_.writer();
    // Of several processes the key can tell only one.
    if (target.version_text != python_ && (python_.empty() || !options_.children)) {
      python_ = target.version_text;
      writer.Metadata("python", python_);
    }
    writer.Metadata("x-process:" + std::to_string(target.pid),
                    DescribeTarget(target, context_.start_ns, context_.Micros(now)));
  }

  /// Looks for another interpreter where one was: the process ran another program, or a shell starts the next one.
  std::optional<Error> AttachAgain() {
    int timeout_ms = INT_MAX;
    if (options_.duration_us != 0) {
      const int64_t left_us = options_.duration_us - context_.Micros(MonotonicNanoseconds());
      timeout_ms = static_cast<int>(std::clamp<int64_t>(left_us / 1000, 0, INT_MAX));
    }
    Result<Target> target = WaitForPython(options_.root, timeout_ms, stop_);
    if (!target) {
      // The end of the process, the end of the time and a stop are ordinary ends, not errors.
      const ErrorCode code = target.error().code;
      ended_ = true;
      target_ended_ = code == ErrorCode::kProcessGone;
      if (stop_ || target_ended_ || code == ErrorCode::kNotPython) return std::nullopt;
      return target.error();
    }
    const int64_t now = MonotonicNanoseconds();
    schedule_.Start(now);
    const pid_t pid = target->pid;
    Add({std::move(*target), ReadProcessStat(pid).value_or(ProcessStat{})}, now);
    return std::nullopt;
  }

  /// False when the recording is to end instead.
  bool SleepUntilDeadline() {
    const int64_t end_ns =
        options_.duration_us != 0 ? context_.start_ns + options_.duration_us * kNanosPerMicro : INT64_MAX;
    while (true) {
      if (stop_) return false;
      const int64_t now = MonotonicNanoseconds();
      if (now >= end_ns) return false;
      if (now >= schedule_.deadline()) return true;
      SleepUntilNanoseconds(std::min({schedule_.deadline(), end_ns, now + kSleepSliceNs}));
      // Samples of a slow recording are not kept back until the next round.
      if (schedule_.deadline() - now > kFlushIntervalNs) Flush(/*force=*/false);
    }
  }

  /// Samples every process once.
  std::optional<Error> Round() {
    const int64_t begin = MonotonicNanoseconds();
    if (discovery_) {
      for (FoundProcess& process : discovery_->Take()) Add(std::move(process), MonotonicNanoseconds());
    }
    std::erase_if(processes_, [this](const auto& process) {
      const RoundOutcome outcome = process->Round(MonotonicNanoseconds());
      if (outcome != RoundOutcome::kSampled) Leave(process->pid(), outcome);
      return outcome != RoundOutcome::kSampled;
    });
    if (ended_) return std::nullopt;
    if (processes_.empty()) {
      if (!discovery_) return AttachAgain();
      if (discovery_->IsOver()) ended_ = target_ended_ = true;
    }
    const int64_t end = MonotonicNanoseconds();

    ++statistics_.rounds;
    const uint64_t took = end - begin;
    statistics_.busy_ns += took;
    statistics_.shortest_round_ns = std::min(statistics_.shortest_round_ns, took);
    statistics_.longest_round_ns = std::max(statistics_.longest_round_ns, took);
    statistics_.duration_us = context_.Micros(begin);
    schedule_.Book(begin, end);
    return std::nullopt;
  }

  /// A process has ended, or has become another program.
  void Leave(pid_t pid, RoundOutcome outcome) {
    const bool is_gone = outcome == RoundOutcome::kGone;
    if (is_gone) recorder_.ForgetProcess(pid);
    if (!discovery_) {
      if (is_gone && pid == options_.root) ended_ = target_ended_ = true;
    } else if (is_gone) {
      discovery_->TellGone(pid);
    } else {
      discovery_->TellLost(pid);
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
    CollectCounts();
    options_.on_progress(statistics_);
  }

  /// Brings the statistics up to date with what is counted elsewhere.
  void CollectCounts() {
    for (const auto& process : processes_) process->CollectReasons();
    statistics_.late_rounds = schedule_.late_rounds();
    statistics_.missed_rounds = schedule_.missed_rounds();
    statistics_.long_rounds = schedule_.long_rounds();
  }

  void WriteFoot() {
    MojoWriter& writer = recorder_.writer();
    const Statistics& s = statistics_;
    const auto number = [&](const char* key, uint64_t value) { writer.Metadata(key, std::to_string(value)); };
    number("count", s.samples);
    number("duration", context_.start_ns != 0 ? context_.Micros(MonotonicNanoseconds()) : 0);
    if (options_.gc) number("gc", s.gc_us);
    if (s.rounds != 0) {
      writer.Metadata("sampling", std::to_string(s.shortest_round_ns / kNanosPerMicro) + ',' +
                                      std::to_string(s.busy_ns / s.rounds / kNanosPerMicro) + ',' +
                                      std::to_string(s.longest_round_ns / kNanosPerMicro));
      writer.Metadata("saturation", std::to_string(s.long_rounds) + '/' + std::to_string(s.rounds));
      writer.Metadata("errors", std::to_string(s.of(Quality::kCut) + s.of(Quality::kInvalid)) + '/' +
                                    std::to_string(s.samples));
    }
    number("x-rounds", s.rounds);
    if (s.rounds > 1) {
      const double interval_us = static_cast<double>(s.duration_us) / static_cast<double>(s.rounds - 1);
      writer.Metadata("x-interval-got", Tenths(interval_us));
    }
    number("x-processes", s.processes);
    number("x-exact", s.of(Quality::kExact));
    number("x-retried", s.of(Quality::kRetried));
      number("x-between", s.of(Quality::kBetween));
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
    CollectCounts();
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
  Schedule schedule_;
  OutputPump pump_;
  FrameTable frames_;
  std::string buffer_;
  MojoRecorder recorder_;
  Statistics statistics_;
  DescriptorBudget descriptors_;
  RecordingContext context_;
  /// Of a recording with children.
  std::unique_ptr<ProcessDiscovery> discovery_;
  std::vector<std::unique_ptr<ProcessRecording>> processes_;
  std::set<pid_t> pids_;
  std::string python_;

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
