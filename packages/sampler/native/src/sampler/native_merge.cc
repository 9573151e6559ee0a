#include "sampler/native_merge.h"

#include <algorithm>

namespace austin {

namespace {

/// Where runs of Python frames begin, innermost run first. Each ends where the one before it in this list begins.
std::vector<size_t> FindRuns(std::span<const MergeFrame> python) {
  std::vector<size_t> begins;
  for (size_t i = python.size(); i-- > 0;) {
    if (python[i].is_entry) begins.push_back(i);
  }
  return begins;
}

class Merger {
 public:
  explicit Merger(const MergeInput& input) : input_(input), runs_(FindRuns(input.python)) {}

  MergeResult Run() {
    MergeResult result;
    // The outermost Python frame is called by C in any case; anything else is no stack.
    const bool has_root = input_.python.empty() || input_.python.front().is_entry;
    if (has_root && !input_.is_entering && Fits(0)) {
      Join(0, &result);
    } else if (has_root && !input_.must_prove && Fits(1)) {
      Join(1, &result);
    } else {
      AddPython(0, input_.python.size(), &result);
    }
    return result;
  }

 private:
  /// Whether the halves fit if so many of the innermost activations have no frames.
  bool Fits(size_t idle) const {
    const size_t loops = input_.loops.size();
    if (loops < idle || loops - idle > runs_.size()) return false;
    if (input_.is_complete && loops - idle != runs_.size()) return false;
    for (size_t i = idle; i < loops; ++i) {
      const bool may_exchange = input_.loops[i].first == 0 && !input_.must_prove;
      if (!may_exchange && !input_.holds(i, EndOfRun(i - idle) - 1)) return false;
    }
    return true;
  }

  size_t EndOfRun(size_t run) const { return run == 0 ? input_.python.size() : runs_[run - 1]; }

  void Join(size_t idle, MergeResult* result) const {
    result->outcome = input_.is_complete ? NativeOutcome::kWhole : NativeOutcome::kIncomplete;
    size_t loop = input_.loops.size();
    size_t run = loop - idle;
    // The calls beyond those that were found.
    result->has_gap = run < runs_.size();
    if (result->has_gap) AddPython(0, EndOfRun(run), result);
    for (size_t native = input_.native_end; native-- > input_.native_begin;) {
      const bool is_loop = loop > 0 && native < input_.loops[loop - 1].first + input_.loops[loop - 1].count;
      if (!is_loop) {
        result->frames.push_back({.is_native = true, .index = static_cast<uint32_t>(native)});
        continue;
      }
      if (native != input_.loops[loop - 1].first) continue;
      --loop;
      if (loop >= idle) {
        --run;
        AddPython(runs_[run], EndOfRun(run), result);
      }
    }
  }

  static void AddPython(size_t begin, size_t end, MergeResult* result) {
    for (size_t i = begin; i < end; ++i) result->frames.push_back({.is_native = false, .index = static_cast<uint32_t>(i)});
  }

  const MergeInput& input_;
  const std::vector<size_t> runs_;
};

}  // namespace

const char* NativeOutcomeName(NativeOutcome outcome) {
  switch (outcome) {
    case NativeOutcome::kWhole:
      return "whole";
    case NativeOutcome::kIncomplete:
      return "incomplete";
    case NativeOutcome::kDisagreed:
      return "disagreed";
    case NativeOutcome::kMissed:
      return "missed";
  }
  return "disagreed";
}

MergeResult Merge(const MergeInput& input) { return Merger(input).Run(); }

}  // namespace austin
