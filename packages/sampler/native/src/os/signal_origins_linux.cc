#include <signal.h>

#include <array>
#include <atomic>

#include "os/signal_origins.h"

namespace austin {

namespace {

constexpr int kSignals = 65;
/// More than a person or a script sends before the event loop comes round; older ones are then unknown.
constexpr uint32_t kKept = 64;

/// What a handler and the thread that asks share. In static storage: a handler may still run when nobody watches any more.
struct Watched {
  struct sigaction previous = {};
  int watchers = 0;
  std::atomic<uint32_t> noted = 0;
  uint32_t taken = 0;
  std::array<std::atomic<SignalOrigin>, kKept> origins{};
};

std::array<Watched, kSignals> watched_signals;

/// Runs as a signal handler: it touches nothing but atomics, and what was there before the watching began.
void Note(int number, siginfo_t* info, void* context) {
  Watched& watched = watched_signals[static_cast<size_t>(number)];
  // Codes above 0 are the kernel's; a process can send with none of them, except to itself.
  const SignalOrigin origin = info != nullptr && info->si_code > 0 ? SignalOrigin::kSystem : SignalOrigin::kProcess;
  const uint32_t place = watched.noted.load(std::memory_order_relaxed);
  watched.origins[place % kKept].store(origin, std::memory_order_relaxed);
  watched.noted.store(place + 1, std::memory_order_release);
  if ((watched.previous.sa_flags & SA_SIGINFO) != 0) {
    watched.previous.sa_sigaction(number, info, context);
  } else {
    watched.previous.sa_handler(number);
  }
}

bool IsHandler(const struct sigaction& action) {
  return (action.sa_flags & SA_SIGINFO) != 0 || (action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN);
}

bool IsOurs(const struct sigaction& action) { return (action.sa_flags & SA_SIGINFO) != 0 && action.sa_sigaction == Note; }

}  // namespace

bool WatchSignal(int number) {
  if (number <= 0 || number >= kSignals) return false;
  Watched& watched = watched_signals[static_cast<size_t>(number)];
  struct sigaction current = {};
  if (sigaction(number, nullptr, &current) != 0 || !IsHandler(current)) return false;
  if (IsOurs(current)) {
    ++watched.watchers;
    return true;
  }
  watched.previous = current;
  watched.taken = watched.noted.load(std::memory_order_acquire);
  struct sigaction noting = current;
  noting.sa_flags |= SA_SIGINFO;
  noting.sa_sigaction = Note;
  if (sigaction(number, &noting, nullptr) != 0) return false;
  watched.watchers = 1;
  return true;
}

void UnwatchSignal(int number) {
  if (number <= 0 || number >= kSignals) return;
  Watched& watched = watched_signals[static_cast<size_t>(number)];
  if (watched.watchers == 0 || --watched.watchers > 0) return;
  struct sigaction current = {};
  if (sigaction(number, nullptr, &current) == 0 && IsOurs(current)) sigaction(number, &watched.previous, nullptr);
}

SignalOrigin TakeSignalOrigin(int number) {
  if (number <= 0 || number >= kSignals) return SignalOrigin::kUnknown;
  Watched& watched = watched_signals[static_cast<size_t>(number)];
  const uint32_t noted = watched.noted.load(std::memory_order_acquire);
  if (noted == watched.taken) return SignalOrigin::kUnknown;
  const uint32_t place = watched.taken++;
  if (noted - place > kKept) return SignalOrigin::kUnknown;
  return watched.origins[place % kKept].load(std::memory_order_relaxed);
}

}  // namespace austin
