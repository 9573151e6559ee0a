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
/// at the same place; ids from content never change their meaning and are never given back.
class FrameTable {
 public:
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

 private:
  struct FrameHash {
    size_t operator()(const Frame& frame) const;
  };
  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  std::unordered_map<std::string, StringId, TextHash, std::equal_to<>> string_ids_;
  std::vector<const std::string*> strings_;
  std::unordered_map<Frame, FrameId, FrameHash> frame_ids_;
  std::vector<Frame> frames_;
};

}  // namespace austin
