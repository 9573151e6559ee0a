#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "sampler/frame_table.h"
#include "sampler/mojo_recorder.h"
#include "sampler/native_sampler.h"
#include "unwind/modules.h"
#include "unwind/namer.h"

namespace austin {

/// Keeps what is to be written of a recording with native stacks, in its order, until the names of its functions are known:
/// looking them up takes too long for the thread that samples.
class SampleQueue {
 public:
  /// Both outlive it.
  SampleQueue(FrameTable* frames, MojoRecorder* recorder) : frames_(*frames), recorder_(*recorder) {}

  /// Adds a sample of a thread, and asks for the names of its functions.
  void AddSample(pid_t pid, const SampledThread& thread, const SampleMetrics& metrics, const NativeStack& native,
                 const Modules& modules);
  void AddMetadata(std::string key, std::string value) { waiting_.push_back(Metadata{std::move(key), std::move(value)}); }
  /// Adds that what is known of a process, which has ended, is of no use any more.
  void AddEndOf(pid_t pid) { waiting_.push_back(End{pid}); }

  /// Writes what is complete, up to the first sample that is not.
  void WriteNamed() { Write(/*waits=*/false); }
  /// Writes everything. May take as long as reading the symbols of large libraries: a second.
  void WriteAll() { Write(/*waits=*/true); }

 private:
  /// A frame that is known, or a native function that has to be named.
  struct Part {
    FrameId frame = 0;
    bool is_native = false;
    Address pc = 0;
    /// Absent where the function is in no module.
    std::optional<Namer::Id> name;
  };
  struct Sample {
    pid_t pid = 0;
    int64_t iid = 0;
    uint64_t tid = 0;
    bool is_whole = false;
    SampleMetrics metrics;
    std::vector<Part> parts;
    std::vector<std::string> kernel;
  };
  struct Metadata {
    std::string key;
    std::string value;
  };
  struct End {
    pid_t pid = 0;
  };
  using Item = std::variant<Sample, Metadata, End>;

  void Write(bool waits);
  bool IsNamed(const Item& item) const;
  void WriteItem(const Item& item);
  FrameId FrameOf(const Part& part);

  FrameTable& frames_;
  MojoRecorder& recorder_;
  Namer namer_;
  std::deque<Item> waiting_;
  /// Frames of native functions by their address, and by their name, which differs between programs.
  std::unordered_map<Address, std::vector<std::pair<std::optional<Namer::Id>, FrameId>>> known_;
  /// Of the ids in `known_`.
  uint64_t epoch_ = 0;
  std::vector<FrameId> stack_;
};

}  // namespace austin
