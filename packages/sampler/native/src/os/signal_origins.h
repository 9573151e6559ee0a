#pragma once

#include <cstdint>

namespace austin {

/// Who sent a signal.
enum class SignalOrigin : uint8_t {
  kUnknown,
  /// The system itself: a key in a terminal, which every process in the foreground there gets.
  kSystem,
  /// A process, for whatever it named.
  kProcess,
};

/// Notes of each signal of this number who sent it, and lets the handler that is there go on as before. False, with nothing
/// changed, where there is none. Watching is counted; one thread at a time may watch and unwatch.
bool WatchSignal(int number);

/// Puts the handler back when the last one who watched has gone, unless another has taken its place.
void UnwatchSignal(int number);

/// Of the oldest signal of this number that has not been asked for yet.
SignalOrigin TakeSignalOrigin(int number);

}  // namespace austin
