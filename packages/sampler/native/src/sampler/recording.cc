#include "sampler/recording.h"

#include <algorithm>
#include <climits>
#include <cstring>
#include <memory>
#include <set>
#include <utility>

#include "binary/process_info.h"
#include "binary/process_tree.h"
#include "os/descriptor_budget.h"
#include "os/resident_memory.h"
#include "os/timely_thread.h"
#include "sampler/clock.h"
#include "sampler/cpu_limit.h"
#include "sampler/mojo_recorder.h"
#include "sampler/process_description.h"
#include "sampler/process_discovery.h"
#include "sampler/process_recording.h"
#include "sampler/recording_footer.h"
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
constexpr int64_t kOwedSliceNs = kNanosPerMilli / 5;

/// A real-time thread that is busy for more than this share of its time would take the processor from others.
constexpr double kRealtimeBusyShare = 0.5;

class Recorder {
 public:
  Recorder(RecordingOptions options, const std::atomic<bool>& stop)
      : options_(std::move(options)),
        stop_(stop),
        cpu_limit_(options_.max_cpu_percent, options_.interval_us),
        // Any number but 0 will do, and two recordings should not have the same one.
        schedule_(cpu_limit_.interval_us(), options_.jitter ? static_cast<uint64_t>(MonotonicNanoseconds()) : 0),
        pump_(std::move(options_.output), std::move(options_.listener)),
        recorder_(&frames_, &buffer_, options_.repeats),
        context_{.mode = options_.mode,
                 .gc = options_.gc,
                 .gil_only = options_.gil_only,
                 .gil_holders = options_.gil_holders,
                 .tasks = options_.tasks,
                 .frames = &frames_,
                 .recorder = &recorder_,
                 .statistics = &statistics_,
                 .budget = &descriptors_,
                 .kernel = options_.kernel,
                 .notice = options_.on_notice} {}

  RecordingResult Run() {
    WriteHeader();
    Flush(/*force=*/true);
    // From here on: a program that runs for a moment is over before a busy machine would let the search go on.
    TimelyThread timely(options_.interval_us >= kRealtimeLeastIntervalUs);
    // By the thread that stops others.
    if (options_.native) native_.emplace(*options_.native, options_.kernel, &frames_, &recorder_);
    context_.native = native_ ? &*native_ : nullptr;
    statistics_.has_native = native_.has_value();
    std::vector<FoundProcess> found;
    auto error = FindFirst(&found);
    if (error && !stop_ && error->code != ErrorCode::kProcessGone) return Finish(std::move(error));
    WriteHead();
    if (error) return Finish(stop_ ? std::nullopt : std::move(error));
    Begin(std::move(found));
    // A reader need not wait to see that it has begun.
    Flush(/*force=*/true);
    while (SleepUntilDeadline()) {
      auto error = Round();
      if (error) return Finish(std::move(error));
      if (ended_) break;
      if (!Serve() || !Flush(/*force=*/false)) break;
      Report();
      if (timely.is_realtime() && IsBusy()) timely.Yield();
    }
    return Finish(std::nullopt);
  }

 private:
  void WriteHeader() {
    starts_file_ = true;
    recorder_.Header();
  }

  /// What a reader takes for a started recording. Without an interpreter there is none, unless the process simply ended
  /// or a stop came first: then the stream is whole, and empty.
  void WriteHead() {
    MojoWriter& writer = recorder_.writer();
    const auto& given = options_.metadata;
    const auto version = std::find_if(given.begin(), given.end(), [](const auto& item) { return item.first == "austin"; });
    writer.Metadata("austin", version == given.end() ? kCompatibleVersion : version->second);
    writer.Metadata("interval", std::to_string(options_.interval_us));
    writer.Metadata("mode", ModeName(options_.mode));
    if (options_.children) writer.Metadata("multiprocess", "on");
    if (context_.has_memory()) writer.Metadata("memory", std::to_string(PhysicalMemoryKib()));
    if (options_.gc) writer.Metadata("gc", "on");
    if (options_.gil_only) writer.Metadata("x-gil-only", "on");
    if (options_.gil_holders) writer.Metadata("x-gil-holders", "on");
    if (options_.tasks) writer.Metadata("x-tasks", "on");
    if (options_.native) writer.Metadata("x-native", NativeWayName(*options_.native));
    if (options_.kernel) writer.Metadata("x-kernel", "on");
    writer.Metadata("x-thread-ids", "hex");
    writer.Metadata("x-clock", "monotonic");
    if (options_.jitter) writer.Metadata("x-jitter", "on");
    if (file_number_ > 1) {
      writer.Metadata("x-file-number", std::to_string(file_number_));
      writer.Metadata("x-file-start", std::to_string(context_.file_start_us));
    }
    for (const auto& [key, value] : given) {
      if (key != "austin") writer.Metadata(key, value);
    }
    has_head_ = true;
  }

  /// Finds the first interpreters, to be added to `found`. Nothing when there are some.
  std::optional<Error> FindFirst(std::vector<FoundProcess>* found) {
    if (options_.children) {
      discovery_ = std::make_unique<ProcessDiscovery>(options_.root, options_.timeout_ms, stop_);
      if (auto error = discovery_->WaitForFirst()) return error;
      *found = discovery_->Take();
    } else {
      Result<Target> target = WaitForPython(options_.root, options_.timeout_ms, stop_);
      if (!target) return target.error();
      const pid_t pid = target->pid;
      found->push_back({std::move(*target), ReadProcessStat(pid).value_or(ProcessStat{})});
    }
    return std::nullopt;
  }

  /// From here on the time of the recording counts.
  void Begin(std::vector<FoundProcess> found) {
    const int64_t now = MonotonicNanoseconds();
    context_.start_ns = last_flush_ns_ = last_progress_ns_ = now;
    schedule_.Start(now);
    for (FoundProcess& process : found) Add(std::move(process), now);
    if (cpu_limit_.interval_us() != options_.interval_us) WriteInterval(now);
  }

  void Add(FoundProcess process, int64_t now) {
    const Target& target = process.target;
    WriteProcess(target, now);
    if (options_.on_attached) options_.on_attached(target);
    if (pids_.insert(target.pid).second) {
      ++statistics_.processes;
      ++process_count_;
    }
    processes_.push_back(std::make_unique<ProcessRecording>(std::move(process), &context_, now));
  }

  /// Says in the stream what is sampled from here on.
  void WriteProcess(const Target& target, int64_t now) {
    // Of several processes the key can tell only one.
    if (target.version_text != python_ && (python_.empty() || !options_.children)) {
      python_ = target.version_text;
      Tell("python", python_);
    }
    Tell("x-process:" + std::to_string(target.pid), DescribeTarget(target, context_.start_ns, context_.FileMicros(now)));
  }

  /// Writes metadata behind the samples taken so far.
  void Tell(std::string key, std::string value) {
    if (native_) {
      native_->queue.AddMetadata(std::move(key), std::move(value));
    } else {
      recorder_.writer().Metadata(key, value);
    }
  }

  /// Writes all samples taken so far.
  void WriteSamples() {
    if (native_) native_->queue.WriteAll();
  }

  /// Looks for another interpreter where one was: the process ran another program, or a shell starts the next one.
  std::optional<Error> AttachAgain() {
    int timeout_ms = INT_MAX;
    if (options_.duration_us != 0) {
      const int64_t left_us = options_.duration_us - context_.Micros(MonotonicNanoseconds());
      timeout_ms = static_cast<int>(std::clamp<int64_t>(left_us / 1000, 0, INT_MAX));
    }
    Flush(/*force=*/true);  // it may take long
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
    cpu_limit_.Restart();
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
      // A thread that stops late is let go on soon.
      const bool owes = native_ && native_->tools.stopper.owes();
      SleepUntilNanoseconds(std::min({schedule_.deadline(), end_ns, now + (owes ? kOwedSliceNs : kSleepSliceNs)}));
      if (owes) native_->tools.stopper.Settle();
      // Samples of a slow recording are not kept back until the next round, and neither are answers.
      if (!Serve() || !Flush(/*force=*/false)) return false;
    }
  }

  /// Samples every process once.
  std::optional<Error> Round() {
    const int64_t begin = MonotonicNanoseconds();
    // What waits to be written has ids of this table.
    if (frames_.IsFull()) WriteSamples();
    frames_.ClearIfFull();
    if (discovery_) {
      for (FoundProcess& process : discovery_->Take()) Add(std::move(process), Moment());
    }
    // Samples weigh the time since the last ones, each process from its own moment to the next. The first one's count as the round's.
    std::optional<int64_t> moment;
    std::erase_if(processes_, [this, &moment](const auto& process) {
      const int64_t now = Moment();
      if (!moment) moment = now;
      const RoundOutcome outcome = process->Round(now);
      if (outcome != RoundOutcome::kSampled) Leave(process->pid(), outcome);
      return outcome != RoundOutcome::kSampled;
    });
    if (native_) native_->queue.WriteNamed();
    if (context_.failure) return context_.failure;
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
    statistics_.duration_us = context_.FileMicros(moment.value_or(begin));
    schedule_.Book(begin, end);
    if (cpu_limit_.IsDue(end)) LimitCpu(end);
    return std::nullopt;
  }

  int64_t Moment() const { return schedule_.MomentOf(MonotonicNanoseconds()); }

  /// A process has ended, or has become another program.
  void Leave(pid_t pid, RoundOutcome outcome) {
    const bool is_gone = outcome == RoundOutcome::kGone;
    if (is_gone) {
      if (native_) {
        native_->queue.AddEndOf(pid);
      } else {
        recorder_.ForgetProcess(pid);
      }
      pids_.erase(pid);
    }
    if (!discovery_) {
      if (is_gone && pid == options_.root) ended_ = target_ended_ = true;
    } else {
      discovery_->TellLost(pid);
    }
  }

  void LimitCpu(int64_t now) {
    const auto interval_us = cpu_limit_.Look(now, ThreadCpuNanoseconds(), before_.rounds + statistics_.rounds);
    if (!interval_us) return;
    schedule_.SetInterval(*interval_us);
    WriteInterval(now);
  }

  /// Says from when on the interval is another than asked for, or the same again.
  void WriteInterval(int64_t now) {
    Tell("x-interval-changed", std::to_string(context_.FileMicros(now)) + ',' + std::to_string(cpu_limit_.interval_us()));
  }

  bool IsBusy() const {
    const auto spent = static_cast<double>(MonotonicNanoseconds() - context_.start_ns);
    return static_cast<double>(before_.busy_ns + statistics_.busy_ns) > kRealtimeBusyShare * spent &&
           before_.rounds + statistics_.rounds > 1000;
  }

  /// Does what has been asked for from outside since the last call. False once writing has failed.
  bool Serve() {
    if (options_.requests == nullptr) return true;
    if (options_.requests->rotate.exchange(false) && !BeginFile()) return false;
    const uint64_t asked = options_.requests->flush;
    if (asked == answered_flush_) return true;
    answered_flush_ = asked;
    WriteSamples();
    std::string footer;
    MojoWriter writer(&footer);
    WriteFooterTo(&writer);
    if (!Flush(/*force=*/true)) return false;
    pump_.WhenWritten([asked, footer = std::move(footer), &tell = options_.on_flushed](uint64_t bytes) {
      if (tell) tell(asked, bytes, footer);
    });
    return true;
  }

  /// Completes the present file and begins the next. False once writing has failed.
  bool BeginFile() {
    WriteSamples();
    WriteFooterTo(&recorder_.writer());
    if (!Flush(/*force=*/true)) return false;
    // The samples of the next file weigh what has passed since the last round of this one.
    context_.file_start_us += static_cast<int64_t>(statistics_.duration_us);
    before_.Add(statistics_);
    statistics_ = {};
    statistics_.has_native = native_.has_value();
    statistics_.processes = processes_.size();
    ++file_number_;
    recorder_.Forget();
    WriteHeader();
    WriteHead();
    const int64_t now = MonotonicNanoseconds();
    python_.clear();
    for (const auto& process : processes_) {
      WriteProcess(process->target(), now);
      process->BeginFile();
    }
    if (cpu_limit_.interval_us() != options_.interval_us) WriteInterval(now);
    return true;
  }

  void WriteFooterTo(MojoWriter* writer) {
    CollectCounts();
    const int64_t now = MonotonicNanoseconds();
    const int64_t duration_us = context_.start_ns != 0 ? context_.FileMicros(now) : 0;
    WriteFooter(writer, statistics_, static_cast<uint64_t>(duration_us), options_.gc);
  }

  /// Of all files.
  Statistics Total() const {
    Statistics total = before_;
    total.Add(statistics_);
    total.processes = process_count_;
    return total;
  }

  /// Hands what has been encoded to the pump, when it is due. False once writing has failed.
  bool Flush(bool force) {
    const int64_t now = MonotonicNanoseconds();
    if (!force && buffer_.size() < kFlushBytes && now - last_flush_ns_ < kFlushIntervalNs) return true;
    last_flush_ns_ = now;
    statistics_.bytes += buffer_.size();
    return buffer_.empty() || pump_.Push(&buffer_, std::exchange(starts_file_, false));
  }

  void Report() {
    if (options_.progress_ms == 0 || !options_.on_progress) return;
    const int64_t now = MonotonicNanoseconds();
    if (now - last_progress_ns_ < options_.progress_ms * kNanosPerMilli) return;
    last_progress_ns_ = now;
    CollectCounts();
    options_.on_progress(Total());
  }

  /// Brings the statistics up to date with what is counted elsewhere.
  void CollectCounts() {
    for (const auto& process : processes_) process->CollectReasons();
    statistics_.late_rounds = schedule_.late_rounds() - before_.late_rounds;
    statistics_.missed_rounds = schedule_.missed_rounds() - before_.missed_rounds;
    statistics_.long_rounds = schedule_.long_rounds() - before_.long_rounds;
    statistics_.cpu_us = static_cast<uint64_t>((ThreadCpuNanoseconds() - cpu_start_ns_) / kNanosPerMicro) - before_.cpu_us;
    statistics_.interval_us = static_cast<uint64_t>(cpu_limit_.interval_us());
  }

  RecordingResult Finish(std::optional<Error> error) {
    if (options_.on_ending) options_.on_ending();
    WriteSamples();
    if (has_head_) WriteFooterTo(&recorder_.writer());
    Flush(/*force=*/true);
    if (const int failure = pump_.Finish()) {
      error = Error{ErrorCode::kOutputWrite, std::string("cannot write the recording: ") + std::strerror(failure),
                    failure};
    }
    RecordingResult result{RecordingEnd::kDuration, Total(), std::move(error)};
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
  CpuLimit cpu_limit_;
  Schedule schedule_;
  OutputPump pump_;
  FrameTable frames_;
  std::string buffer_;
  MojoRecorder recorder_;
  /// Of the present file, and of those before it.
  Statistics statistics_;
  Statistics before_;
  DescriptorBudget descriptors_;
  std::optional<NativeContext> native_;
  RecordingContext context_;
  /// Of a recording with children.
  std::unique_ptr<ProcessDiscovery> discovery_;
  std::vector<std::unique_ptr<ProcessRecording>> processes_;
  /// Processes that have been counted and have not ended.
  std::set<pid_t> pids_;
  uint64_t process_count_ = 0;
  std::string python_;
  bool has_head_ = false;

  const int64_t cpu_start_ns_ = ThreadCpuNanoseconds();
  int64_t file_number_ = 1;
  /// Whether what is to be flushed next is the beginning of a file.
  bool starts_file_ = false;
  uint64_t answered_flush_ = 0;
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
