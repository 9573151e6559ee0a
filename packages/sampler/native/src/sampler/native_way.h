#pragma once

#include <cstdint>

namespace austin {

/// How the native halves of threads that run are taken.
enum class NativeWay : uint8_t {
  /// Each thread is stopped while it is copied: both halves are of one moment.
  kExact,
  /// The kernel copies the native half while the thread runs, and nothing is stopped. The Python half is read right behind it; where
  /// they do not prove to be of one stack they are not joined.
  kUndisturbed,
};

/// The name in options and recordings: lower case.
inline const char* NativeWayName(NativeWay way) { return way == NativeWay::kExact ? "exact" : "undisturbed"; }

}  // namespace austin
