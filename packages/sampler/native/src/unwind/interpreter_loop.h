#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "binary/target.h"
#include "unwind/modules.h"
#include "unwind/unwinder.h"

namespace austin {

/// Where the code of CPython's interpreter loop is in a process: `_PyEval_EvalFrameDefault` in all the parts that compilers
/// make of it, and the functions of a tail-calling build.
class InterpreterLoop {
 public:
  enum class Part {
    kNone,
    /// The function itself, or a part of it that is reached by jumps: one activation of the loop.
    kBody,
    /// A function that the body calls and that does its work: `_TAIL_CALL_…` in tail-calling builds. They pass on to each
    /// other without a frame, so at most one of them is on top of a body.
    kHandler,
  };

  /// Looks through the module that holds the interpreter of `target`. Empty where it cannot be told.
  static InterpreterLoop Find(Modules& modules, const Target& target);

  bool empty() const { return ranges_.empty(); }

  Part PartAt(Address instruction) const;
  bool Contains(Address instruction) const { return PartAt(instruction) != Part::kNone; }

  /// How many frames from `frames[at]` outwards (frames are innermost first) are one activation of the loop: 0 if that frame
  /// is none, 1, or 2 for a handler on top of its body.
  size_t ActivationAt(std::span<const NativeFrame> frames, size_t at) const;

 private:
  struct Range {
    Address start = 0;
    Address end = 0;
    Part part = Part::kNone;
  };
  /// In order of address; they do not overlap.
  std::vector<Range> ranges_;
};

}  // namespace austin
