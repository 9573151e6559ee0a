#include "os/perf_stacks.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <new>

#include "check.h"
#include "os/descriptor_budget.h"
#include "os/kernel_symbols.h"
#include "sampler/clock.h"
#include "unwind/registers.h"

using namespace austin;

namespace {

/// A child process that runs a function until the object is gone.
class Child {
 public:
  explicit Child(void (*run)(std::atomic<uint64_t>*)) {
    shared_ = new (mmap(nullptr, sizeof(*shared_), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) std::atomic<uint64_t>(0);
    pid_ = fork();
    if (pid_ == 0) {
      run(shared_);
      _exit(0);
    }
  }
  ~Child() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    munmap(shared_, sizeof(*shared_));
  }

  pid_t pid() const { return pid_; }
  const std::atomic<uint64_t>& shared() const { return *shared_; }

 private:
  std::atomic<uint64_t>* shared_ = nullptr;
  pid_t pid_ = 0;
};

constexpr uint64_t kMark = 0x5ca1ab1e0ddba11;

/// Has a mark on its stack while it counts.
void CountForEver(std::atomic<uint64_t>* count) {
  volatile uint64_t marks[64];
  for (volatile uint64_t& mark : marks) mark = kMark;
  while (marks[0] == kMark) ++*count;
}

void SleepForEver(std::atomic<uint64_t>*) {
  while (true) pause();
}

/// Most of the time in the kernel.
void AskForEver(std::atomic<uint64_t>* count) {
  while (true) {
    if (getppid() != 0) ++*count;
  }
}

/// Has a thread copied that runs as soon as it gets a processor.
CaptureOutcome TakeSurely(PerfStacks& perf, pid_t tid) {
  CaptureOutcome outcome = perf.Take(tid);
  for (int i = 0; i < 1000 && outcome == CaptureOutcome::kUnresponsive; ++i) outcome = perf.Take(tid);
  return outcome;
}

bool IsRefused(CaptureOutcome outcome) {
  if (outcome != CaptureOutcome::kPermission) return false;
  std::printf("  skipped: this system does not let perf_event_open be used\n");
  return true;
}

}  // namespace

TEST(PerfStacks, CopiesAThreadThatRunsAndDoesNotStopIt) {
  const Child child(CountForEver);
  while (child.shared() == 0) usleep(1000);
  DescriptorBudget budget(10);
  PerfStacks perf(PerfRegisterMask(), /*kernel=*/false, &budget);
  for (int i = 0; i < 20; ++i) {
    const int64_t before = MonotonicNanoseconds();
    const CaptureOutcome outcome = TakeSurely(perf, child.pid());
    if (IsRefused(outcome)) return;
    REQUIRE(outcome == CaptureOutcome::kTaken);
    CHECK(perf.taken_ns() >= before && perf.taken_ns() <= MonotonicNanoseconds());
    const UnwindRegisters at = RegistersFromPerf(perf.registers());
    CHECK(at.pc() != 0);
    CHECK(perf.stack().size() >= 64 * sizeof(uint64_t));
    size_t marks = 0;
    for (size_t word = 0; word + 8 <= perf.stack().size(); word += 8) {
      if (FieldAt<uint64_t>(perf.stack().data(), word) == kMark) ++marks;
    }
    // Those of a function that calls no other may reach into the red zone, below the stack pointer, which the kernel does not copy.
    CHECK(marks >= 64 - Architecture::kRedZone / sizeof(kMark));
  }
  const uint64_t count = child.shared();
  while (child.shared() == count) usleep(1000);
}

TEST(PerfStacks, DoesNotGetAThreadThatSleepsOrIsGone) {
  pid_t gone = 0;
  DescriptorBudget budget(10);
  PerfStacks perf(PerfRegisterMask(), /*kernel=*/false, &budget);
  {
    const Child child(SleepForEver);
    gone = child.pid();
    // It may still be on its way to sleep.
    CaptureOutcome outcome = perf.Take(gone);
    if (IsRefused(outcome)) return;
    for (int i = 0; i < 1000 && outcome == CaptureOutcome::kTaken; ++i) outcome = perf.Take(gone);
    CHECK_EQ(outcome, CaptureOutcome::kUnresponsive);
  }
  CHECK_EQ(perf.Take(gone), CaptureOutcome::kGone);
}

TEST(PerfStacks, HearsOfTheEndOfAThreadThatItHasHad) {
  DescriptorBudget budget(10);
  PerfStacks perf(PerfRegisterMask(), /*kernel=*/false, &budget);
  pid_t gone = 0;
  {
    const Child child(CountForEver);
    gone = child.pid();
    const CaptureOutcome outcome = TakeSurely(perf, gone);
    if (IsRefused(outcome)) return;
    CHECK_EQ(outcome, CaptureOutcome::kTaken);
  }
  CHECK_EQ(perf.Take(gone), CaptureOutcome::kGone);
}

TEST(PerfStacks, WorksWithoutDescriptorsToKeepAndWithMoreOfTheStack) {
  const Child child(CountForEver);
  DescriptorBudget budget(0);
  PerfStacks perf(PerfRegisterMask(), /*kernel=*/false, &budget);
  for (int i = 0; i < 3; ++i) {
    const CaptureOutcome outcome = TakeSurely(perf, child.pid());
    if (IsRefused(outcome)) return;
    CHECK_EQ(outcome, CaptureOutcome::kTaken);
  }
  CHECK(perf.WantMore(child.pid()));
  CHECK(!perf.WantMore(child.pid()));
  CHECK_EQ(TakeSurely(perf, child.pid()), CaptureOutcome::kTaken);
}

TEST(PerfStacks, GivesBackWhatThreadsThatAreGoneHad) {
  const Child child(CountForEver);
  DescriptorBudget budget(1);
  PerfStacks perf(PerfRegisterMask(), /*kernel=*/false, &budget);
  const CaptureOutcome outcome = TakeSurely(perf, child.pid());
  if (IsRefused(outcome)) return;
  REQUIRE(outcome == CaptureOutcome::kTaken);
  CHECK(!budget.Take());
  perf.ForgetOtherThreads({});
  CHECK(budget.Take());
}

TEST(PerfStacks, TellsTheKernelsFunctionsWhereItMay) {
  const KernelSymbols symbols = KernelSymbols::Read();
  if (symbols.empty()) {
    std::printf("  skipped: this kernel keeps its addresses to itself\n");
    return;
  }
  const Child child(AskForEver);
  DescriptorBudget budget(10);
  PerfStacks perf(PerfRegisterMask(), /*kernel=*/true, &budget);
  size_t in_kernel = 0;
  for (int i = 0; i < 500 && in_kernel == 0; ++i) {
    const CaptureOutcome outcome = perf.Take(child.pid());
    if (IsRefused(outcome)) return;
    if (outcome != CaptureOutcome::kTaken) continue;
    for (const uint64_t address : perf.kernel()) {
      CHECK(symbols.Find(address).has_value());
      ++in_kernel;
    }
  }
  CHECK(in_kernel > 0 || !perf.tells_kernel());
}

TEST(KernelSymbols, KnowsFunctionsByTheAddressesInThem) {
  const KernelSymbols symbols = KernelSymbols::Parse(
      "ffffffff81000100 T second\nffffffff81000000 t first\nffffffff81000180 d data\nffffffffc0000000 t nfs_wait_bit\t[nfs]\nnonsense\n");
  CHECK(!symbols.Find(0xffffffff80ffffff));
  CHECK(symbols.Find(0xffffffff81000000) == "first");
  CHECK(symbols.Find(0xffffffff810000ff) == "first");
  CHECK(symbols.Find(0xffffffff81000190) == "second");
  CHECK(symbols.Find(0xffffffffc0000010) == "nfs_wait_bit [nfs]");
  // As users without privileges see them.
  CHECK(KernelSymbols::Parse("0000000000000000 T first\n0000000000000000 T second\n").empty());
  CHECK(KernelSymbols::Parse("").empty());
}
