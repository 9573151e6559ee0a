#include "sampler/schedule.h"

#include "check.h"

using namespace austin;

TEST(Schedule, DeadlinesDoNotDrift) {
  Schedule schedule(1000);
  schedule.Start(5'000'000);
  CHECK_EQ(schedule.deadline(), 6'000'000);
  schedule.Book(6'300'000, 6'900'000);
  CHECK_EQ(schedule.deadline(), 7'000'000);
  schedule.Book(7'000'000, 7'000'001);
  CHECK_EQ(schedule.deadline(), 8'000'000);
  CHECK_EQ(schedule.late_rounds() + schedule.missed_rounds() + schedule.long_rounds(), 0u);
}

TEST(Schedule, WhatWasMissedIsNotMadeUpFor) {
  Schedule schedule(1000);
  schedule.Start(0);
  // Due at 1 ms, taken at 3.2 ms: those of 2 and 3 ms are left out.
  schedule.Book(3'200'000, 3'300'000);
  CHECK_EQ(schedule.deadline(), 4'000'000);
  CHECK_EQ(schedule.late_rounds(), 1u);
  CHECK_EQ(schedule.missed_rounds(), 2u);
  CHECK_EQ(schedule.long_rounds(), 0u);
  // On time, but so long that the rounds of 5 and 6 ms are left out.
  schedule.Book(4'000'000, 6'100'000);
  CHECK_EQ(schedule.deadline(), 7'000'000);
  CHECK_EQ(schedule.late_rounds(), 1u);
  CHECK_EQ(schedule.missed_rounds(), 4u);
  CHECK_EQ(schedule.long_rounds(), 1u);
}

TEST(Schedule, WithoutAnIntervalTheNextRoundIsDueAtOnce) {
  Schedule schedule(0);
  schedule.Start(100);
  CHECK_EQ(schedule.deadline(), 100);
  schedule.Book(200, 900);
  CHECK_EQ(schedule.deadline(), 900);
  CHECK_EQ(schedule.late_rounds() + schedule.missed_rounds() + schedule.long_rounds(), 0u);
}
