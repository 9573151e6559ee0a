#include "sampler/statistics.h"

#include <algorithm>
#include <numeric>

namespace austin {

void Statistics::Add(const Statistics& next) {
  rounds += next.rounds;
  samples += next.samples;
  for (size_t i = 0; i < by_quality.size(); ++i) by_quality[i] += next.by_quality[i];
  for (size_t i = 0; i < reasons.size(); ++i) reasons[i] += next.reasons[i];
  late_rounds += next.late_rounds;
  missed_rounds += next.missed_rounds;
  long_rounds += next.long_rounds;
  duration_us += next.duration_us;
  gc_us += next.gc_us;
  missed_tasks += next.missed_tasks;
  native_disagreed += next.native_disagreed;
  native_incomplete += next.native_incomplete;
  for (size_t i = 0; i < native_missed.size(); ++i) native_missed[i] += next.native_missed[i];
  pauses.Add(next.pauses);
  processes = std::max(processes, next.processes);
  bytes += next.bytes;
  busy_ns += next.busy_ns;
  shortest_round_ns = std::min(shortest_round_ns, next.shortest_round_ns);
  longest_round_ns = std::max(longest_round_ns, next.longest_round_ns);
  cpu_us += next.cpu_us;
  interval_us = next.interval_us;
}

uint64_t Statistics::all_native_missed() const { return std::accumulate(native_missed.begin(), native_missed.end(), uint64_t{0}); }

}  // namespace austin
