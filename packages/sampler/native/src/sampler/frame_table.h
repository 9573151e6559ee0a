#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cpython/line_table.h"

namespace austin {

using StringId = uint32_t;
using FrameId = uint32_t;

/// Gives texts and frames ids by their content. Ids from addresses would join what only happens to follow one another
/// at the same place; ids from content do not change their meaning.
///
/// A program that makes new functions for ever would fill any memory. So a table that is full is emptied between two rounds,
/// and another epoch begins, in which the same ids mean other things: whoever keeps ids compares the epoch before it uses
/// them.
class FrameTable {
 public:
  /// Enough for the working set of large programs, which is tens of thousands of frames.
  static constexpr size_t kMaxFrames = 1 << 17;
  static constexpr size_t kMaxTextBytes = size_t{8} << 20;

  explicit FrameTable(size_t max_frames = kMaxFrames, size_t max_text_bytes = kMaxTextBytes)
      : max_frames_(max_frames), max_text_bytes_(max_text_bytes) {}

  struct Frame {
    StringId file;
    StringId name;
    Position position;

    bool operator==(const Frame& other) const {
      return file == other.file && name == other.name && position.line == other.position.line &&
             position.line_end == other.position.line_end && position.column == other.position.column &&
             position.column_end == other.position.column_end;
    }
  };

  StringId InternString(std::string_view text);
  FrameId InternFrame(const Frame& frame);

  const std::string& string(StringId id) const { return *strings_[id]; }
  const Frame& frame(FrameId id) const { return frames_[id]; }
  size_t string_count() const { return strings_.size(); }
  size_t frame_count() const { return frames_.size(); }

  /// Grows whenever the ids given out before lose their meaning.
  uint64_t epoch() const { return epoch_; }
  bool IsFull() const;
  /// Begins another epoch if the table is full. Nobody may be in the middle of using ids.
  void ClearIfFull();

 private:
  struct FrameHash {
    size_t operator()(const Frame& frame) const;
  };
  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  const size_t max_frames_;
  const size_t max_text_bytes_;
  uint64_t epoch_ = 0;
  size_t text_bytes_ = 0;
  std::unordered_map<std::string, StringId, TextHash, std::equal_to<>> string_ids_;
  std::vector<const std::string*> strings_;
  std::unordered_map<Frame, FrameId, FrameHash> frame_ids_;
  std::vector<Frame> frames_;
};

}  // namespace austin
