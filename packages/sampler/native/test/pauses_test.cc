#include "sampler/pauses.h"

#include <cmath>

#include "check.h"

using namespace austin;

TEST(Pauses, HasNothingToTellBeforeTheFirst) {
  const Pauses pauses;
  CHECK_EQ(pauses.count(), 0u);
  CHECK_EQ(pauses.min_ns(), 0u);
  CHECK_EQ(pauses.MedianNs(), 0u);
  CHECK_EQ(pauses.max_ns(), 0u);
}

TEST(Pauses, KnowsTheMedianToWithinThreePercent) {
  for (const uint64_t middle : {uint64_t{1}, uint64_t{15}, uint64_t{16}, uint64_t{33}, uint64_t{17'000}, uint64_t{1'000'003},
                                uint64_t{1} << 62}) {
    Pauses pauses;
    pauses.Add(middle / 2);
    pauses.Add(middle);
    pauses.Add(middle + middle / 2);
    CHECK_EQ(pauses.count(), 3u);
    CHECK_EQ(pauses.min_ns(), middle / 2);
    CHECK_EQ(pauses.max_ns(), middle + middle / 2);
    const double error = static_cast<double>(pauses.MedianNs()) / static_cast<double>(middle) - 1;
    CHECK(std::abs(error) <= 1.0 / 32);
  }
}

TEST(Pauses, AddsUp) {
  Pauses few;
  Pauses many;
  few.Add(100);
  for (int i = 0; i < 3; ++i) many.Add(20'000);
  Pauses all;
  all.Add(few);
  all.Add(many);
  all.Add(Pauses());
  CHECK_EQ(all.count(), 4u);
  CHECK_EQ(all.min_ns(), 100u);
  CHECK_EQ(all.max_ns(), 20'000u);
  CHECK_EQ(all.total_ns(), 60'100u);
  CHECK(all.MedianNs() > 19'000 && all.MedianNs() <= 20'000);
}
