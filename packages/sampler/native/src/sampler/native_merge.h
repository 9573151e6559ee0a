#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace austin {

/// What became of the native half of a sample.
enum class NativeOutcome : uint8_t {
  /// Both halves are there, from the thread's first function on.
  kWhole,
  /// The native half could not be followed to the thread's first function: its outer part is missing.
  kIncomplete,
  /// The halves do not fit: the Python half is there alone.
  kDisagreed,
  /// The thread could not be stopped.
  kMissed,
};

/// The name in snapshots: lower case.
const char* NativeOutcomeName(NativeOutcome outcome);

/// A frame of a thread's Python stack.
struct MergeFrame {
  /// C code called it: a run of frames begins here that ends at the next such frame, inwards.
  bool is_entry = false;
};

/// Native frames that are one activation of the interpreter loop: `count` of them from `first` outwards.
struct LoopActivation {
  size_t first = 0;
  size_t count = 0;
};

struct MergeInput {
  /// Outermost first.
  std::span<const MergeFrame> python;
  /// An activation of the loop is on top that has no Python frame, as the Python half says.
  bool is_entering = false;
  /// The native frames to join: those from `native_begin` on, outwards to before `native_end`.
  size_t native_begin = 0;
  size_t native_end = 0;
  /// Innermost first, as the native frames are numbered.
  std::span<const LoopActivation> loops;
  /// The native half begins with the thread's first function.
  bool is_complete = false;
  /// Each activation has to prove what it runs: the Python half may be of a later moment, or the activation another Python stack's.
  bool must_prove = false;
  /// Whether an activation of `loops` keeps, in registers or in its part of the stack, what it runs: this frame of `python`.
  std::function<bool(size_t loop, size_t frame)> holds;
};

struct MergedFrame {
  bool is_native = false;
  /// In MergeInput::python, or of the native frame.
  uint32_t index = 0;

  bool operator==(const MergedFrame&) const = default;
};

struct MergeResult {
  NativeOutcome outcome = NativeOutcome::kDisagreed;
  /// Native frames are missing between those that are there: a Python frame of an incomplete stack did not call what is behind it.
  bool has_gap = false;
  /// Outermost first. All Python frames are in it, in their order, and the native frames that are not the interpreter loop.
  std::vector<MergedFrame> frames;
};

/// Joins the two halves of a thread's stack, taken at the same instant. Each activation of the interpreter loop stands for a run of
/// Python frames, the innermost one for the innermost run. An activation that has just begun, or is about to return, has no frames
/// and can only be the innermost.
///
/// The halves fit if there are as many activations as runs (if the native half is not complete: not more), and each
/// activation that waits for a call to return keeps the innermost frame of its run. One that is running itself may be
/// about to exchange it; where all must be proven it is asked, too, and there may be none without frames, which would be without proof.
MergeResult Merge(const MergeInput& input);

}  // namespace austin
