#include "sampler/read_pace.h"

#include <algorithm>

namespace austin {

namespace {

// The cost of process_vm_readv in units of about 0.13 us (measured on a machine of 2020, where it is 0.3 us a call, 0.13 us
// a range, 0.1 us a further page). Only the proportions matter: the unit is learned.
constexpr double kUnitsPerCall = 2.5;
constexpr double kPage = 4096;

constexpr double kInterruptedFactor = 4;
constexpr double kGraceNs = 1'000;
/// How fast the pace follows what is measured: it has forgotten half of the past after some twenty reads.
constexpr double kLearningRate = 1.0 / 32;

}  // namespace

bool ReadPace::WasInterrupted(size_t ranges, size_t bytes, int64_t took_ns) {
  const double units = kUnitsPerCall + static_cast<double>(ranges) + static_cast<double>(bytes) / kPage;
  const double expected = units * per_unit_ns_;
  const bool interrupted = static_cast<double>(took_ns) > kInterruptedFactor * expected + kGraceNs;
  const double measured = static_cast<double>(took_ns) / units;
  // One outlier moves the pace by an eighth at most; a machine that has become slower is learned all the same.
  per_unit_ns_ += kLearningRate * (std::min(measured, kInterruptedFactor * per_unit_ns_) - per_unit_ns_);
  return interrupted;
}

}  // namespace austin
