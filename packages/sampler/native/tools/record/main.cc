// Records a process without Node: what the sanitizer builds run against every Python version.
//
//   core_record [--native | --native-undisturbed] INTERVAL_US SECONDS OUTPUT command [args...]
//
// Ends with the target's exit status, or 100 when the recording failed.

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "sampler/recording.h"

int main(int argc, char** argv) {
  std::optional<austin::NativeWay> native;
  if (argc > 1 && std::string_view(argv[1]) == "--native") native = austin::NativeWay::kExact;
  if (argc > 1 && std::string_view(argv[1]) == "--native-undisturbed") native = austin::NativeWay::kUndisturbed;
  if (native) --argc, ++argv;
  if (argc < 5) {
    std::fprintf(stderr, "usage: core_record [--native | --native-undisturbed] INTERVAL_US SECONDS OUTPUT command [args...]\n");
    return 2;
  }
  signal(SIGPIPE, SIG_IGN);
  austin::UniqueFd output(open(argv[3], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  const pid_t child = fork();
  if (child == 0) {
    execvp(argv[4], argv + 4);
    _exit(127);
  }

  austin::RecordingOptions options;
  options.root = child;
  options.interval_us = std::atoll(argv[1]);
  options.duration_us = std::atoll(argv[2]) * 1'000'000;
  options.output = std::move(output);
  options.native = native;
  const std::atomic<bool> stop = false;
  const austin::RecordingResult result = austin::Record(std::move(options), stop);
  if (result.end == austin::RecordingEnd::kDuration) kill(child, SIGTERM);
  int status = 0;
  waitpid(child, &status, 0);

  const austin::Statistics& s = result.statistics;
  std::fprintf(stderr, "rounds %lu samples %lu exact %lu retried %lu between %lu cut %lu invalid %lu late %lu missed %lu mean round %.2f us, processor %.2f us a round\n",
               s.rounds, s.samples, s.by_quality[0], s.by_quality[1], s.by_quality[2], s.by_quality[3], s.by_quality[4], s.late_rounds,
               s.missed_rounds, s.rounds != 0 ? static_cast<double>(s.busy_ns) / static_cast<double>(s.rounds) / 1e3 : 0.0,
               s.rounds != 0 ? static_cast<double>(s.cpu_us) / static_cast<double>(s.rounds) : 0.0);
  if (native) {
    std::fprintf(stderr, "native: disagreed %lu incomplete %lu missed %lu, %lu stops, pause %.1f us to %.1f us, median %.1f us\n",
                 s.native_disagreed, s.native_incomplete, s.all_native_missed(), s.pauses.count(), static_cast<double>(s.pauses.min_ns()) / 1e3,
                 static_cast<double>(s.pauses.max_ns()) / 1e3, static_cast<double>(s.pauses.MedianNs()) / 1e3);
  }
  for (size_t i = 0; i < austin::kReasonCount; ++i) {
    if (s.reasons[i] != 0) std::fprintf(stderr, "  %s %lu\n", ReasonName(static_cast<austin::Reason>(i)), s.reasons[i]);
  }
  if (result.error) {
    std::fprintf(stderr, "%s: %s\n", ErrorCodeName(result.error->code), result.error->message.c_str());
    return 100;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
