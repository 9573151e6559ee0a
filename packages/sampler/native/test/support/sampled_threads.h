#pragma once

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "sampler/frame_table.h"
#include "sampler/process_sampler.h"
#include "support/layouts_under_test.h"

namespace austin::check {

/// A thread as a round leaves it.
inline std::unique_ptr<SampledThread> ThreadOf(uint64_t tid, int64_t iid = 0) {
  auto thread = std::make_unique<SampledThread>(LayoutOf(12), 0x1000 * tid);
  thread->tid = tid;
  thread->iid = iid;
  thread->has_sample = true;
  thread->quality = Quality::kExact;
  return thread;
}

inline FrameId FrameOf(FrameTable& frames, std::string_view name, std::string_view file, Position position) {
  return frames.InternFrame({frames.InternString(file), frames.InternString(name), position});
}

}  // namespace austin::check
