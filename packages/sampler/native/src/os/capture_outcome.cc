#include "os/capture_outcome.h"

namespace austin {

const char* CaptureOutcomeName(CaptureOutcome outcome) {
  switch (outcome) {
    case CaptureOutcome::kTaken:
      return "taken";
    case CaptureOutcome::kGone:
      return "gone";
    case CaptureOutcome::kTraced:
      return "traced";
    case CaptureOutcome::kPermission:
      return "permission";
    case CaptureOutcome::kUnresponsive:
      return "unresponsive";
    case CaptureOutcome::kNoRoom:
      return "no-room";
  }
  return "unknown";
}

}  // namespace austin
