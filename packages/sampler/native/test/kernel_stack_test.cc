#include "os/kernel_stack.h"

#include <string>
#include <string_view>
#include <vector>

#include "check.h"
#include "os/thread_runs.h"

using namespace austin;

TEST(KernelStack, HasTheOutermostFunctionFirstAndNoOffsets) {
  const auto functions = ParseKernelStack(
      "[<0>] hrtimer_nanosleep+0xc7/0x1b0\n[<0>] nfs_wait_bit+0x11/0x40 [nfs]\n[<0>] 0xffffffffffffffff\n"
      "[<ffffffff8100a000>] do_syscall_64+0x5d/0x90\n[<0>] entry_SYSCALL_64_after_hwframe+0x6e/0xd8\n");
  const std::vector<std::string> expected = {"entry_SYSCALL_64_after_hwframe", "do_syscall_64", "nfs_wait_bit [nfs]",
                                             "hrtimer_nanosleep"};
  REQUIRE(functions.size() == expected.size());
  for (size_t i = 0; i < expected.size(); ++i) CHECK_EQ(functions[i], expected[i]);
  CHECK(ParseKernelStack("").empty());
  CHECK(ParseKernelStack("\n[<0>] \nnonsense+0x1/0x2\n[<0>] +0x1/0x2").empty());
}

TEST(ThreadRuns, ReadsThreeNumbersOrNothing) {
  const auto parse = [](std::string_view text) { return ParseRunCounts(text.data(), text.data() + text.size()); };
  const auto counts = parse("123456789012 17 4\n");
  REQUIRE(counts.has_value());
  CHECK_EQ(counts->ran_ns, 123456789012u);
  CHECK_EQ(counts->waited_ns, 17u);
  CHECK_EQ(counts->slices, 4u);
  CHECK(!parse("1 2"));
  CHECK(!parse(""));
  CHECK(!parse("a b c"));
}

TEST(ThreadRuns, KnowsThisThread) {
  ThreadRuns runs(1, nullptr);
  CHECK(!runs.Read(1 << 22));
}
