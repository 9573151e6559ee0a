#include "sampler/recording_footer.h"

#include <cmath>
#include <string>

namespace austin {

namespace {

constexpr int64_t kNanosPerMicro = 1000;

/// A number with one digit after the point.
std::string Tenths(double value) {
  const auto tenths = static_cast<uint64_t>(std::llround(value * 10));
  return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10);
}

}  // namespace

void WriteFooter(MojoWriter* writer, const Statistics& s, uint64_t duration_us, bool gc) {
  const auto number = [&](const char* key, uint64_t value) { writer->Metadata(key, std::to_string(value)); };
  number("count", s.samples);
  number("duration", duration_us);
  if (gc) number("gc", s.gc_us);
  if (s.rounds != 0) {
    writer->Metadata("sampling", std::to_string(s.shortest_round_ns / kNanosPerMicro) + ',' +
                                    std::to_string(s.busy_ns / s.rounds / kNanosPerMicro) + ',' +
                                    std::to_string(s.longest_round_ns / kNanosPerMicro));
    writer->Metadata("saturation", std::to_string(s.long_rounds) + '/' + std::to_string(s.rounds));
    writer->Metadata("errors", std::to_string(s.of(Quality::kCut) + s.of(Quality::kInvalid)) + '/' +
                                  std::to_string(s.samples));
  }
  number("x-rounds", s.rounds);
  if (s.rounds > 1) {
    const double interval_us = static_cast<double>(s.duration_us) / static_cast<double>(s.rounds - 1);
    writer->Metadata("x-interval-got", Tenths(interval_us));
  }
  number("x-processes", s.processes);
  number("x-exact", s.of(Quality::kExact));
  number("x-retried", s.of(Quality::kRetried));
  number("x-between", s.of(Quality::kBetween));
  number("x-cut", s.of(Quality::kCut));
  number("x-invalid", s.of(Quality::kInvalid));
  number("x-late-rounds", s.late_rounds);
  number("x-missed-rounds", s.missed_rounds);
  number("x-sampler-cpu", s.cpu_us);
  if (s.missed_tasks != 0) number("x-missed-tasks", s.missed_tasks);
  if (s.has_native) {
    number("x-native-disagreed", s.native_disagreed);
    number("x-native-incomplete", s.native_incomplete);
    number("x-native-missed", s.all_native_missed());
  }
  if (s.pauses.count() != 0) {
    writer->Metadata("x-native-pause-us", Tenths(static_cast<double>(s.pauses.MedianNs()) / kNanosPerMicro));
    writer->Metadata("x-native-paused-us", Tenths(static_cast<double>(s.pauses.total_ns()) / kNanosPerMicro));
  }
  for (size_t i = 0; i < kCaptureOutcomeCount; ++i) {
    if (s.native_missed[i] == 0) continue;
    number((std::string("x-native-missed:") + CaptureOutcomeName(static_cast<CaptureOutcome>(i))).c_str(), s.native_missed[i]);
  }
  for (size_t i = 0; i < kReasonCount; ++i) {
    if (s.reasons[i] == 0) continue;
    writer->Metadata(std::string("x-attempts-failed:") + ReasonName(static_cast<Reason>(i)),
                    std::to_string(s.reasons[i]));
  }
}

}  // namespace austin
