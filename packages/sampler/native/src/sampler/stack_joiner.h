#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "binary/target.h"
#include "memory/memory_reader.h"
#include "sampler/native_merge.h"
#include "sampler/process_sampler.h"
#include "unwind/interpreter_loop.h"
#include "unwind/modules.h"
#include "unwind/unwinder.h"

namespace austin {

/// A native function on a stack.
struct NativeCall {
  /// As NativeFrame has them.
  Address pc = 0;
  bool is_exact = false;
  /// Its library was known when the stack was unwound; one that is found there later may be another.
  bool is_known = true;
};

/// The native half of a sample, and both halves together.
struct JoinedStack {
  NativeOutcome outcome = NativeOutcome::kMissed;
  /// As MergeResult has it.
  bool has_gap = false;
  /// Innermost first.
  std::vector<NativeCall> calls;
  /// Outermost first, of `calls` and SampledThread::stack.
  std::vector<MergedFrame> merged;
};

/// What was copied of a thread for its native half.
struct NativeCopy {
  UnwindRegisters registers;
  StackMemory stack;
  /// The Python half is of the same moment: the thread did not run in between.
  bool is_same_moment = true;
  /// When it was copied, in nanoseconds of the monotonic clock.
  int64_t taken_ns = 0;
};

/// Unwinds copied stacks of the threads of one process and joins them with their Python halves.
class StackJoiner {
 public:
  /// `target` and `memory` outlive it. `files` may be shared with other processes.
  StackJoiner(const Target& target, MemoryReader* memory, std::shared_ptr<ModuleFiles> files);

  /// @param may_be_shared there are several interpreters: the thread may have other Python stacks, and some of the loop's activations may
  ///     be theirs
  JoinedStack Join(const SampledThread& sampled, const NativeCopy& copy, bool may_be_shared);

  /// Of the stack that was joined last: where unwinding ended, and its native functions, innermost first.
  UnwindEnd end() const { return end_; }
  const std::vector<NativeFrame>& frames() const { return frames_; }

  const Modules& modules() const { return modules_; }

  /// Looks, while a thread is stopped, whether the libraries of earlier stacks are still in memory: what comes later does not count then.
  void ForgetReplaced() { modules_.ForgetReplaced(); }

 private:
  /// A Python frame and where its code is while it runs.
  struct PythonFrame {
    Address frame = 0;
    /// The present instruction, or 0 where that is not known.
    Address instruction = 0;
    /// In SampledThread::stack.
    std::optional<uint32_t> place;
  };

  bool RefreshModules();
  void Unwind(const NativeCopy& copy);
  void FindLoops();
  size_t ListPython(const SampledThread& sampled);
  Address InstructionOf(const ShownFrame& frame) const;
  template <typename Matches>
  bool Keeps(const LoopActivation& loop, const StackMemory& stack, Matches matches) const;
  MergeResult MergeAll(const SampledThread& sampled, const NativeCopy& copy) const;
  MergeResult MergeOwn(const SampledThread& sampled, const NativeCopy& copy) const;
  bool Holds(const LoopActivation& loop, const PythonFrame& python, const NativeCopy& copy) const;

  const Target& target_;
  Modules modules_;
  Unwinder unwinder_;
  InterpreterLoop loop_;
  uint64_t loop_generation_ = 0;
  int64_t refresh_due_ns_ = 0;
  UnwindEnd end_ = UnwindEnd::kBadData;
  /// Whether the modules are those of the moment of the copy.
  bool is_fresh_ = true;

  // Buffers kept between calls.
  std::vector<NativeFrame> frames_;
  std::vector<LoopActivation> loops_;
  std::vector<MergeFrame> runs_;
  std::vector<PythonFrame> python_;
};

}  // namespace austin
