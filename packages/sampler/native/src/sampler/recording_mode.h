#pragma once

#include <cstdint>

namespace austin {

/// What a recording is about. The names are values of the metadata `mode`.
enum class RecordingMode : uint8_t {
  /// Every thread, with the time that passed.
  kWall,
  /// Threads that were on a CPU or waited for one, with the time that passed.
  kCpu,
  /// The change of the resident set, charged to the holder of the GIL.
  kMemory,
  /// Every thread, with the time, whether it was on a CPU, and the change of the resident set.
  kFull,
};

inline const char* ModeName(RecordingMode mode) {
  switch (mode) {
    case RecordingMode::kWall:
      return "wall";
    case RecordingMode::kCpu:
      return "cpu";
    case RecordingMode::kMemory:
      return "memory";
    case RecordingMode::kFull:
      return "full";
  }
  return "wall";
}

}  // namespace austin
