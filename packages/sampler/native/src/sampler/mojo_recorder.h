#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mojo/mojo_writer.h"
#include "sampler/frame_table.h"
#include "sampler/process_sampler.h"

namespace austin {

/// What a sample says beside its stack. Which metrics there are depends on the mode of the recording.
struct SampleMetrics {
  std::optional<uint64_t> time_us = std::nullopt;
  /// Bytes; growth is positive.
  std::optional<int64_t> memory = std::nullopt;
  /// The thread was not on a CPU.
  bool is_idle = false;
  /// The thread was collecting garbage.
  bool is_collecting = false;
};

/// A stack to be written.
struct RecordedStack {
  int64_t iid = 0;
  uint64_t tid = 0;
  /// Outermost first.
  std::span<const FrameId> frames;
  /// Functions of the kernel, inside of the frames; outermost first.
  std::span<const std::string> kernel = {};
  /// Nothing is missing of it.
  bool is_whole = true;
};

/// The stack that a thread is shown with.
RecordedStack StackOf(const SampledThread& thread);

/// The key of metadata about one thread: `<what>:<pid>:<iid>:<tid in hex>`.
std::string ThreadKey(std::string_view what, pid_t pid, const SampledThread& thread);

/// Turns rounds of samples into MOJO: defines strings and frames when they are first used in a process, and may write
/// a repeat where a thread's whole stack is unchanged.
class MojoRecorder {
 public:
  /// @param repeats whether the readers know repeats, which came with version 4 of the format
  MojoRecorder(const FrameTable* frames, std::string* out, bool repeats = true)
      : frames_(*frames), writer_(out), repeats_(repeats), epoch_(frames->epoch()) {}

  MojoWriter& writer() { return writer_; }

  void Header() { writer_.Header(repeats_ ? MojoWriter::kVersion : MojoWriter::kVersionWithoutRepeats); }

  void Sample(pid_t pid, const RecordedStack& stack, const SampleMetrics& metrics);
  void Sample(pid_t pid, const SampledThread& thread, const SampleMetrics& metrics) {
    Sample(pid, StackOf(thread), metrics);
  }

  /// Takes nothing that was written for known: another file begins, which has to stand by itself.
  void Forget();

  /// Frees what is kept of threads that are not among the given ones.
  void ForgetOtherThreads(pid_t pid, const std::vector<std::unique_ptr<SampledThread>>& threads);

  /// Frees what is kept of a process that has ended.
  void ForgetProcess(pid_t pid);

 private:
  /// Process and thread as the system numbers them: readers differ in whether the interpreter counts too.
  using LastKey = std::pair<pid_t, uint64_t>;
  struct LastSample {
    int64_t iid = 0;
    std::vector<FrameId> stack;
    bool repeatable = false;
  };
  enum FrameKind : uint8_t { kUndefined, kPython, kOther };
  /// Which strings and frames a process has been told, by id.
  struct Defined {
    std::vector<bool> strings;
    std::vector<FrameKind> frames;
  };

  void Define(Defined* defined, FrameId frame);
  uint64_t DefineString(Defined* defined, StringId id);
  bool LooksLikePython(FrameId frame) const;

  const FrameTable& frames_;
  MojoWriter writer_;
  const bool repeats_;
  /// Of the table, whose ids are kept here.
  uint64_t epoch_;
  std::map<pid_t, Defined> defined_;
  std::map<LastKey, LastSample> last_;
};

}  // namespace austin
