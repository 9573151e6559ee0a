#include "sampler/frame_table.h"

namespace austin {

StringId FrameTable::InternString(std::string_view text) {
  const auto known = string_ids_.find(text);
  if (known != string_ids_.end()) return known->second;
  const auto id = static_cast<StringId>(strings_.size());
  const auto added = string_ids_.emplace(text, id).first;
  strings_.push_back(&added->first);
  text_bytes_ += text.size();
  return id;
}

FrameId FrameTable::InternFrame(const Frame& frame) {
  const auto [at, is_new] = frame_ids_.try_emplace(frame, static_cast<FrameId>(frames_.size()));
  if (is_new) frames_.push_back(frame);
  return at->second;
}

bool FrameTable::IsFull() const {
  return frames_.size() >= max_frames_ || strings_.size() >= max_frames_ || text_bytes_ >= max_text_bytes_;
}

void FrameTable::ClearIfFull() {
  if (!IsFull()) return;
  ++epoch_;
  text_bytes_ = 0;
  strings_.clear();
  string_ids_.clear();
  frames_.clear();
  frame_ids_.clear();
}

size_t FrameTable::FrameHash::operator()(const Frame& frame) const {
  uint64_t hash = 0;
  for (uint64_t part : {uint64_t{frame.file}, uint64_t{frame.name}, static_cast<uint64_t>(frame.position.line),
                        static_cast<uint64_t>(frame.position.line_end), static_cast<uint64_t>(frame.position.column),
                        static_cast<uint64_t>(frame.position.column_end)}) {
    hash = (hash ^ part) * 0x9E3779B97F4A7C15u;
    hash ^= hash >> 29;
  }
  return hash;
}

}  // namespace austin
