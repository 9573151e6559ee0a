#include "sampler/told_ranges.h"

#include "check.h"

using namespace austin;

TEST(ToldRanges, SayNothingTwice) {
  ToldRanges told;
  CHECK(told.Tell(0x1000, 0x2000, "first"));
  CHECK(told.Tell(0x2000, 0x3000, "second"));
  CHECK(!told.Tell(0x1000, 0x2000, "first"));
  CHECK(!told.Tell(0x2000, 0x3000, "second"));
  CHECK(told.Tell(0x1000, 0x2000, "another"));
  CHECK(told.Tell(0x1000, 0x1800, "another"));
  told.Clear();
  CHECK(told.Tell(0x2000, 0x3000, "second"));
}

TEST(ToldRanges, SayAgainWhatSomethingElseHasCovered) {
  ToldRanges told;
  told.Tell(0x1000, 0x3000, "first");
  told.Tell(0x5000, 0x6000, "far");
  CHECK(told.Tell(0x2000, 0x4000, "second"));
  CHECK(told.Tell(0x1000, 0x3000, "first"));
  CHECK(told.Tell(0x2000, 0x4000, "second"));
  CHECK(told.Tell(0x0, 0x10000, "all"));
  CHECK(told.Tell(0x5000, 0x6000, "far"));
}
