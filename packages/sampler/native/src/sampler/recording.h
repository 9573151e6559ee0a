#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "binary/target.h"
#include "sampler/native_way.h"
#include "sampler/output_pump.h"
#include "sampler/recording_mode.h"
#include "sampler/statistics.h"

namespace austin {

/// A thread that samples at shorter intervals does not sleep for most of the time, and gets no real-time priority.
inline constexpr int64_t kRealtimeLeastIntervalUs = 100;

/// What may be asked of a recording that runs, from any thread.
struct RecordingRequests {
  /// Completes the present file and begins another, which stands by itself.
  std::atomic<bool> rotate = false;
  /// A number larger than before asks for on_flushed.
  std::atomic<uint64_t> flush = 0;
};

struct RecordingOptions {
  /// The process to sample, or the root of the tree in which the first Python process is sampled.
  pid_t root = 0;
  /// Samples every Python process of the tree instead, until the last one has ended.
  bool children = false;
  RecordingMode mode = RecordingMode::kWall;
  /// Marks the samples of threads that collect garbage.
  bool gc = false;
  /// Samples only threads that hold the GIL; in free-threaded builds those that may run Python code.
  bool gil_only = false;
  /// Marks which threads held the GIL while they were sampled; in free-threaded builds which may run Python code.
  bool gil_holders = false;
  /// Puts the task of asyncio that a thread runs, and those that await it, into its stack (3.14 and later).
  bool tasks = false;
  /// Puts native functions into the stacks, taken in this way.
  std::optional<NativeWay> native;
  /// Puts functions of the kernel into the stacks.
  bool kernel = false;
  /// Time between rounds; 0 takes one round after the other.
  int64_t interval_us = 1000;
  /// Moves each round by a random part of the interval.
  bool jitter = false;
  /// The share of one CPU that the sampling thread may take; 0 for no limit.
  double max_cpu_percent = 0;
  /// How long to wait for the first interpreter.
  int timeout_ms = 3000;
  /// How long to record; 0 has no limit.
  int64_t duration_us = 0;
  /// Whether the stream may say that a stack is that of the sample before, which old readers do not understand.
  bool repeats = true;
  UniqueFd output;
  /// Receives the stream as it is written, on a thread of its own.
  OutputPump::Listener listener;
  /// Metadata for the head of the stream, in order. `austin` replaces the version the stream is said to have.
  std::vector<std::pair<std::string, std::string>> metadata;

  /// Outlives the recording. None where nothing will be asked for.
  RecordingRequests* requests = nullptr;
  /// What was sampled before a request to flush has been written and heard. Gets the number of the latest request, the bytes
  /// of all files so far, and the footer that would complete the present file. Called on the thread of the listener.
  std::function<void(uint64_t request, uint64_t bytes, const std::string& footer)> on_flushed;

  std::function<void(const Target&)> on_attached;
  /// Something that was asked for is missing; the recording goes on.
  std::function<void(const Error&)> on_notice;
  /// Sampling is over; what has not been written yet is written next.
  std::function<void()> on_ending;
  std::function<void(const Statistics&)> on_progress;
  /// Time between calls of on_progress; 0 for none.
  int progress_ms = 0;
};

enum class RecordingEnd { kTargetEnded, kStopped, kDuration, kFailed };

struct RecordingResult {
  RecordingEnd end = RecordingEnd::kFailed;
  Statistics statistics;
  /// Set when `end` is kFailed; everything sampled before has been written.
  std::optional<Error> error;
};

/// Samples a process until it ends, `stop` becomes true, the duration is over, or writing fails. Blocks; the
/// callbacks come on the calling thread, whose scheduling is changed (see TimelyThread).
RecordingResult Record(RecordingOptions options, const std::atomic<bool>& stop);

}  // namespace austin
