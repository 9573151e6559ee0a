#pragma once

#include <cstddef>
#include <cstdint>

namespace austin {

/// What came of the wish to have a thread's registers and stack. The names are part of the recording's metadata.
enum class CaptureOutcome : uint8_t {
  kTaken,
  /// There is no such thread any more, or it is ending.
  kGone,
  /// A debugger or another tracer has it.
  kTraced,
  /// The operating system refuses.
  kPermission,
  /// It has not stopped, or has not been on a processor, for some milliseconds.
  kUnresponsive,
  /// The operating system has no more memory or descriptors for it.
  kNoRoom,
};
inline constexpr size_t kCaptureOutcomeCount = 6;

/// Lower case, words joined by hyphens.
const char* CaptureOutcomeName(CaptureOutcome outcome);

}  // namespace austin
