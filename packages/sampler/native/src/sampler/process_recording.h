#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "binary/process_info.h"
#include "binary/target.h"
#include "cpython/thread_names.h"
#include "memory/process_memory_reader.h"
#include "os/descriptor_budget.h"
#include "os/resident_memory.h"
#include "os/thread_states.h"
#include "sampler/descendant_watch.h"
#include "sampler/kernel_frames.h"
#include "sampler/mojo_recorder.h"
#include "sampler/native_sampler.h"
#include "sampler/process_sampler.h"
#include "sampler/recording_mode.h"
#include "sampler/sample_queue.h"
#include "sampler/statistics.h"
#include "sampler/task_markers.h"
#include "sampler/told_ranges.h"

namespace austin {

/// What the processes of a recording with native stacks share.
struct NativeContext {
  NativeContext(NativeWay way, bool kernel, FrameTable* frames, MojoRecorder* recorder)
      : tools(way, kernel), queue(frames, recorder) {}

  NativeTools tools;
  /// Through which everything is written then.
  SampleQueue queue;
};

/// What all processes of a recording share. Outlives them.
struct RecordingContext {
  RecordingMode mode = RecordingMode::kWall;
  /// Whether the thread that collects garbage is marked.
  bool gc = false;
  /// Whether only holders of the GIL are sampled.
  bool gil_only = false;
  /// Whether it is said which threads hold the GIL.
  bool gil_holders = false;
  /// Whether tasks of asyncio are put into the stacks.
  bool tasks = false;
  /// The start of the recording, in nanoseconds of the monotonic clock.
  int64_t start_ns = 0;
  /// The start of the present file, in microseconds since that of the recording.
  int64_t file_start_us = 0;
  FrameTable* frames = nullptr;
  MojoRecorder* recorder = nullptr;
  Statistics* statistics = nullptr;
  DescriptorBudget* budget = nullptr;
  /// Null unless native functions are wanted.
  NativeContext* native = nullptr;
  /// Whether functions of the kernel are wanted. Reset where they are not to be had.
  bool kernel = false;
  /// Told of what is missing while the recording goes on.
  std::function<void(const Error&)> notice;
  /// Why the recording cannot go on.
  std::optional<Error> failure = std::nullopt;

  /// Microseconds since the start of the recording.
  int64_t Micros(int64_t ns) const { return (ns - start_ns) / 1000; }
  /// Microseconds since the start of the present file; 0 for what was before.
  int64_t FileMicros(int64_t ns) const { return std::max<int64_t>(Micros(ns) - file_start_us, 0); }
  bool has_memory() const { return mode == RecordingMode::kMemory || mode == RecordingMode::kFull; }
};

/// One process of a recording: what is read of it, and what is written about it.
class ProcessRecording {
 public:
  /// @param now when it begins, which is what its first samples count from
  ProcessRecording(FoundProcess process, RecordingContext* context, int64_t now);
  ProcessRecording(const ProcessRecording&) = delete;
  ProcessRecording& operator=(const ProcessRecording&) = delete;
  ~ProcessRecording();

  pid_t pid() const { return target_.pid; }
  const Target& target() const { return target_; }

  /// Takes the samples of one round. kLost also where there has been no thread for a while: the process may have become
  /// another program.
  RoundOutcome Round(int64_t now);

  /// What was said of the threads is said again: the file in which it was said is complete.
  void BeginFile();

  /// Adds to the statistics what has been counted here since the last call.
  void CollectReasons();

 private:
  RoundOptions PlanRounds();
  /// Whether there is anything to sample now.
  bool AskMemory();
  RoundOutcome CheckProgram(int64_t now);
  void Emit(int64_t now);
  void EmitThread(SampledThread* thread, const SampleMetrics& metrics);
  void EmitNative(SampledThread* thread, SampleMetrics metrics);
  void Announce(SampledThread* thread);
  void Count(const SampledThread& thread);
  void NoteKernelErrno(int sys_errno);
  void NoteRefusal(const SampledThread& thread);
  void WriteModules();
  void Tell(std::string_view what, const SampledThread& thread, std::string_view value);
  bool IsEmitted(const SampledThread& thread) const;
  const SampledThread* ChargedThread() const;
  void NoteThreads(int64_t now);
  void RefreshNames(int64_t now);
  void WriteName(const SampledThread& thread);
  void WriteHolding(SampledThread* thread);

  const Target target_;
  RecordingContext& context_;
  ProcessMemoryReader memory_;
  ThreadStates states_;
  ResidentMemory resident_;
  ProcessSampler sampler_;
  ThreadNames names_;
  TaskMarkers tasks_;
  /// Null where they are not wanted.
  std::unique_ptr<NativeSampler> native_;
  std::unique_ptr<KernelFrames> kernel_;
  /// Modules::generation that has been written.
  uint64_t told_modules_ = 0;
  ToldRanges told_mappings_;
  ToldRanges told_descriptions_;

  const ProcessStat program_;
  int64_t program_due_ = 0;
  int64_t last_round_;
  int64_t last_threads_;
  size_t name_attempt_;
  int64_t names_due_ = 0;
  /// The resident set that samples have accounted for, and as it is now; in bytes.
  int64_t charged_bytes_ = 0;
  int64_t resident_bytes_ = 0;
  std::array<uint64_t, kReasonCount> collected_{};
};

}  // namespace austin
