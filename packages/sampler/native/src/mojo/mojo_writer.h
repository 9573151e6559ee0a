#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace austin {

/// Appends MOJO events to a byte buffer. Stateless: what a key means is the caller's business. The format is
/// specified in docs/formats/mojo.md.
class MojoWriter {
 public:
  /// The newest version, with repeats.
  static constexpr uint8_t kVersion = 4;
  /// The newest version that every reader knows.
  static constexpr uint8_t kVersionWithoutRepeats = 3;
  /// Reserved key of the scope "<unknown>"; ordinary keys start after it.
  static constexpr uint64_t kUnknownKey = 1;

  explicit MojoWriter(std::string* out) : out_(*out) {}

  void Header(uint8_t version = kVersion);
  void Metadata(std::string_view key, std::string_view value);
  /// Begins a sample. `tid` is the operating system's thread id.
  void Stack(int64_t pid, int64_t iid, uint64_t tid);
  void StringDefinition(uint64_t key, std::string_view text);
  /// Lines and columns as the format counts them: from 1, `column_end` exclusive, 0 unknown.
  void FrameDefinition(uint64_t key, uint64_t file_key, uint64_t scope_key, int64_t line, int64_t line_end,
                       int64_t column, int64_t column_end);
  void FrameReference(uint64_t key);
  /// A function of the kernel, inside of all other frames.
  void FrameKernel(std::string_view function);
  void FrameInvalid();
  void StackRepeat();
  /// The collector ran in the thread.
  void Gc();
  /// The thread was not on a CPU.
  void Idle();
  void MetricTime(uint64_t microseconds);
  void MetricMemory(int64_t bytes);

 private:
  void Varint(int64_t value);
  void Unsigned(uint64_t magnitude, bool negative = false);
  /// Writes text up to its first NUL, which the format cannot hold, and the terminating NUL.
  void Text(std::string_view text);
  void Id(uint8_t id) { out_.push_back(static_cast<char>(id)); }

  std::string& out_;
};

}  // namespace austin
