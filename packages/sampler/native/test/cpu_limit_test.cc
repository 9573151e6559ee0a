#include "sampler/cpu_limit.h"

#include <algorithm>

#include "check.h"

using namespace austin;

namespace {

constexpr int64_t kMicro = 1000;
constexpr int64_t kSecond = 1'000'000'000;

/// A sampling thread with a clock of its own, whose rounds cost a fixed CPU time.
struct Sampler {
  explicit Sampler(double percent, int64_t asked_us) : limit(percent, asked_us) {}

  void Run(int64_t seconds, int64_t round_cost_ns) {
    const int64_t end = now + seconds * kSecond;
    while (now < end) {
      now += std::max(limit.interval_us() * kMicro, round_cost_ns);
      cpu += round_cost_ns;
      ++rounds;
      if (!limit.IsDue(now)) continue;
      ++looks;
      if (limit.Look(now, cpu, rounds)) ++changes;
    }
  }
  /// The share of the CPU, in percent, while running on.
  double ShareOver(int64_t seconds, int64_t round_cost_ns) {
    const int64_t cpu_before = cpu;
    const int64_t before = now;
    Run(seconds, round_cost_ns);
    return 100.0 * static_cast<double>(cpu - cpu_before) / static_cast<double>(now - before);
  }

  CpuLimit limit;
  int64_t now = 12345;
  int64_t cpu = 0;
  uint64_t rounds = 0;
  int looks = 0;
  int changes = 0;
};

}  // namespace

TEST(CpuLimit, WithoutALimitIsNeverDue) {
  Sampler sampler(0, 100);
  sampler.Run(3, 90 * kMicro);
  CHECK_EQ(sampler.looks, 0);
  CHECK_EQ(sampler.limit.interval_us(), 100);
}

TEST(CpuLimit, LeavesAloneWhatCostsLittle) {
  Sampler sampler(2, 1000);
  sampler.Run(1, 15 * kMicro);  // 1.5 %
  CHECK_EQ(sampler.limit.interval_us(), 1000);
  const int changes = sampler.changes;
  sampler.Run(10, 15 * kMicro);
  CHECK_EQ(sampler.changes, changes);
  CHECK(sampler.looks > 50 && sampler.looks < 500);  // not at every round
}

TEST(CpuLimit, SlowsDownToTheLimitAndStaysThere) {
  Sampler sampler(2, 100);
  sampler.Run(5, 15 * kMicro);  // 15 % asked
  const int changes = sampler.changes;
  CHECK(changes >= 1 && changes <= 4);
  const double share = sampler.ShareOver(20, 15 * kMicro);
  CHECK(share <= 2.0);
  CHECK(share > 1.0);
  CHECK_EQ(sampler.changes, changes);
}

TEST(CpuLimit, IsKeptFromTheFirstMoment) {
  for (const int64_t cost_us : {2, 15, 60, 150}) {
    Sampler sampler(2, 100);
    for (int second = 0; second < 5; ++second) CHECK(sampler.ShareOver(1, cost_us * kMicro) <= 2.0);
    CHECK(sampler.ShareOver(5, cost_us * kMicro) > 0.9);
  }
}

TEST(CpuLimit, BeginsAsAskedWhereThatCostsLittleInAnyCase) {
  Sampler sampler(50, 1000);
  CHECK_EQ(sampler.limit.interval_us(), 1000);
  sampler.Run(3, 15 * kMicro);
  CHECK_EQ(sampler.changes, 0);
}

TEST(CpuLimit, IsNotLedAstrayByTheFirstRounds) {
  Sampler sampler(2, 1000);
  sampler.cpu += 8000 * kMicro;  // every code object is new
  sampler.Run(3, 5 * kMicro);
  CHECK_EQ(sampler.limit.interval_us(), 1000);
}

TEST(CpuLimit, ComesBackWhenRoundsCostLess) {
  Sampler sampler(5, 100);
  sampler.Run(5, 50 * kMicro);
  CHECK(sampler.limit.interval_us() > 900);
  sampler.Run(30, 2 * kMicro);
  CHECK_EQ(sampler.limit.interval_us(), 100);
}

TEST(CpuLimit, ComesBackOnlyAsFarAsTheLimitAllows) {
  Sampler sampler(5, 100);
  sampler.Run(5, 50 * kMicro);
  sampler.Run(30, 10 * kMicro);  // 10 % at the interval asked for
  CHECK(sampler.limit.interval_us() > 190);
  CHECK(sampler.limit.interval_us() < 600);
  const int changes = sampler.changes;
  CHECK(sampler.ShareOver(20, 10 * kMicro) <= 5.0);
  CHECK_EQ(sampler.changes, changes);  // and does not go to and fro
}

TEST(CpuLimit, TamesASamplerWithoutAnInterval) {
  Sampler sampler(10, 0);
  sampler.Run(10, 20 * kMicro);
  CHECK(sampler.limit.interval_us() >= 200);
  CHECK(sampler.ShareOver(10, 20 * kMicro) <= 10.0);
}

TEST(CpuLimit, DoesNotGrowForEver) {
  Sampler sampler(1, 100);
  sampler.Run(1000, kSecond / 2);  // nothing helps
  CHECK_EQ(sampler.limit.interval_us(), 1'000'000);
  Sampler slow(1, 5'000'000);
  slow.Run(1000, kSecond);
  CHECK_EQ(slow.limit.interval_us(), 5'000'000);
  CHECK_EQ(slow.changes, 0);
}

TEST(CpuLimit, ComesBackFromTheLongestInterval) {
  Sampler sampler(1, 100);
  sampler.Run(100, kSecond / 2);
  sampler.Run(200, kMicro / 2);
  CHECK_EQ(sampler.limit.interval_us(), 100);
}

TEST(CpuLimit, ForgetsWhatWasBeforeARestart) {
  Sampler sampler(2, 100);
  // Rounds that cost much, then an attach that took the CPU: neither is held against what follows.
  sampler.Run(3, kMicro);
  const int changes = sampler.changes;
  sampler.cpu += kSecond;
  sampler.now += kSecond;
  sampler.limit.Restart();
  sampler.Run(5, kMicro);
  CHECK_EQ(sampler.changes, changes);
}
