#include "unwind/interpreter_loop.h"

#include <algorithm>

#include "unwind/loop_parts.h"

namespace austin {

InterpreterLoop InterpreterLoop::Find(Modules& modules, const Target& target) {
  InterpreterLoop loop;
  // A program may hold several interpreters; the loop is in the file whose data the runtime is.
  const auto holder = std::find_if(modules.all().begin(), modules.all().end(), [&](const Module& module) {
    return module.file != nullptr && module.file->HoldsAddress(module.FileAddress(target.runtime));
  });
  if (holder == modules.all().end() || holder->file->Load(modules.memory()) == nullptr) return loop;
  for (const LoopPart& part : *holder->file->LoopParts()) {
    loop.ranges_.push_back(
        {part.start + holder->bias, part.end + holder->bias, part.is_handler ? Part::kHandler : Part::kBody});
  }
  std::sort(loop.ranges_.begin(), loop.ranges_.end(), [](const Range& a, const Range& b) { return a.start < b.start; });
  return loop;
}

InterpreterLoop::Part InterpreterLoop::PartAt(Address instruction) const {
  auto at = std::upper_bound(ranges_.begin(), ranges_.end(), instruction,
                             [](Address wanted, const Range& range) { return wanted < range.start; });
  if (at == ranges_.begin()) return Part::kNone;
  --at;
  return instruction < at->end ? at->part : Part::kNone;
}

size_t InterpreterLoop::ActivationAt(std::span<const NativeFrame> frames, size_t at) const {
  if (at >= frames.size()) return 0;
  switch (PartAt(frames[at].LookupPc())) {
    case Part::kNone:
      return 0;
    case Part::kBody:
      return 1;
    case Part::kHandler:
      return at + 1 < frames.size() && PartAt(frames[at + 1].LookupPc()) == Part::kBody ? 2 : 1;
  }
  return 0;
}

}  // namespace austin
