#include "sampler/schedule.h"

#include <algorithm>
#include <vector>

#include "check.h"

using namespace austin;

namespace {

constexpr int64_t kStart = 1'000'000;

/// Runs rounds of `took` nanoseconds that begin exactly on time, and answers with the deadlines.
std::vector<int64_t> Deadlines(Schedule* schedule, int rounds, int64_t took) {
  std::vector<int64_t> deadlines;
  int64_t now = kStart;
  schedule->Start(now);
  for (int i = 0; i < rounds; ++i) {
    deadlines.push_back(schedule->deadline());
    now = std::max(now, schedule->deadline());
    schedule->Book(now, now + took);
    now += took;
  }
  return deadlines;
}

}  // namespace

TEST(Schedule, KeepsToMultiplesOfTheInterval) {
  Schedule schedule(1);
  const std::vector<int64_t> deadlines = Deadlines(&schedule, 500, 300);
  for (size_t i = 0; i < deadlines.size(); ++i) CHECK_EQ(deadlines[i], kStart + 1000 * static_cast<int64_t>(i + 1));
  CHECK_EQ(schedule.late_rounds(), 0u);
  CHECK_EQ(schedule.missed_rounds(), 0u);
  CHECK_EQ(schedule.long_rounds(), 0u);
}

TEST(Schedule, ALateRoundMovesNoOther) {
  Schedule schedule(1);
  schedule.Start(0);
  schedule.Book(1700, 1800);
  CHECK_EQ(schedule.deadline(), 2000);
  CHECK_EQ(schedule.late_rounds(), 0u);  // not by a whole interval
  CHECK_EQ(schedule.missed_rounds(), 0u);
}

TEST(Schedule, LeavesOutWhatWasMissed) {
  Schedule schedule(1);
  schedule.Start(0);
  schedule.Book(4500, 4600);  // those of 2000, 3000 and 4000 passed
  CHECK_EQ(schedule.late_rounds(), 1u);
  CHECK_EQ(schedule.missed_rounds(), 3u);
  CHECK_EQ(schedule.deadline(), 5000);
  schedule.Book(5000, 7500);  // took so long that those of 6000 and 7000 passed
  CHECK_EQ(schedule.long_rounds(), 1u);
  CHECK_EQ(schedule.late_rounds(), 1u);
  CHECK_EQ(schedule.missed_rounds(), 5u);
  CHECK_EQ(schedule.deadline(), 8000);
  // A deadline at the very end of a round has not passed.
  schedule.Book(8000, 9000);
  CHECK_EQ(schedule.deadline(), 9000);
  CHECK_EQ(schedule.missed_rounds(), 5u);
}

TEST(Schedule, WhatIsHardlyLateCountsAsOnTime) {
  Schedule schedule(1);
  schedule.Start(0);
  CHECK_EQ(schedule.MomentOf(1000), 1000);
  CHECK_EQ(schedule.MomentOf(1249), 1000);
  CHECK_EQ(schedule.MomentOf(1250), 1250);
  CHECK_EQ(schedule.MomentOf(9000), 9000);
  Schedule at_once(0);
  at_once.Start(500);
  CHECK_EQ(at_once.MomentOf(500), 500);
  CHECK_EQ(at_once.MomentOf(501), 501);
}

TEST(Schedule, WithoutAnIntervalOneRoundFollowsTheOther) {
  Schedule schedule(0, 7);
  schedule.Start(500);
  CHECK_EQ(schedule.deadline(), 500);
  schedule.Book(500, 900);
  CHECK_EQ(schedule.deadline(), 900);
  CHECK_EQ(schedule.late_rounds() + schedule.missed_rounds() + schedule.long_rounds(), 0u);
}

TEST(Schedule, JitterMovesEachDeadlineAndKeepsTheRate) {
  Schedule schedule(1, 0x1234567);
  const int rounds = 20'000;
  const std::vector<int64_t> deadlines = Deadlines(&schedule, rounds, 0);
  int64_t sum = 0;
  int tenths[10] = {};
  for (int i = 0; i < rounds; ++i) {
    const int64_t moved = deadlines[i] - (kStart + 1000 * int64_t{i + 1});
    CHECK(moved >= 0 && moved < 1000);
    sum += moved;
    ++tenths[std::clamp<int64_t>(moved / 100, 0, 9)];
  }
  CHECK_EQ(schedule.missed_rounds(), 0u);
  // Uniform: each tenth of the interval is met about as often (2000 times; four standard deviations are 170).
  for (const int count : tenths) CHECK(count > 1830 && count < 2170);
  CHECK(std::abs(sum / rounds - 500) < 10);
  // Independent: of two deadlines in a row, the later part of the interval follows the earlier one half of the time.
  int rises = 0;
  for (int i = 1; i < rounds; ++i) rises += deadlines[i] - deadlines[i - 1] > 1000;
  CHECK(rises > 9'700 && rises < 10'300);
}

TEST(Schedule, JitterDiffersBySeed) {
  Schedule one(1, 1);
  Schedule other(1, 2);
  CHECK(Deadlines(&one, 10, 0) != Deadlines(&other, 10, 0));
}

TEST(Schedule, WithJitterEveryMultipleIsTakenOrMissed) {
  // Rounds of changing lengths, many longer than the interval.
  Schedule schedule(1, 99);
  int64_t now = 0;
  schedule.Start(now);
  uint64_t taken = 0;
  uint64_t random = 5;
  for (; taken < 5000; ++taken) {
    CHECK(schedule.deadline() >= now);
    now = schedule.deadline();
    random = random * 6364136223846793005 + 1442695040888963407;
    const auto took = static_cast<int64_t>((random >> 33) % 3000);
    schedule.Book(now, now + took);
    now += took;
  }
  CHECK(schedule.missed_rounds() > 1000);
  const uint64_t passed = taken + schedule.missed_rounds();
  CHECK_EQ(static_cast<uint64_t>(schedule.deadline() / 1000), passed + 1);
}

TEST(Schedule, ChangesItsInterval) {
  Schedule schedule(1);
  schedule.Start(0);
  schedule.SetInterval(3);
  schedule.Book(1000, 1100);
  CHECK_EQ(schedule.deadline(), 4000);
  schedule.Book(4000, 4100);
  CHECK_EQ(schedule.deadline(), 7000);
  CHECK_EQ(schedule.missed_rounds(), 0u);
}
