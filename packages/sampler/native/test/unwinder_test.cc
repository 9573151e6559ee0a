#include "unwind/unwinder.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bit>
#include <random>

#include "check.h"
#include "memory/process_memory_reader.h"
#include "support/stopped_thread.h"

using namespace austin;

namespace {

Address AddressOf(const void* place) { return reinterpret_cast<Address>(place); }

/// A child of this process that waits in a known function.
class Waiting {
 public:
  Waiting() {
    int ends[2];
    if (pipe(ends) != 0) return;
    pid_ = fork();
    if (pid_ == 0) {
      char byte;
      Recurse(20, ends[0], &byte);
      _exit(0);
    }
    close(ends[0]);
    end_ = UniqueFd(ends[1]);
    usleep(20'000);
  }
  ~Waiting() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  pid_t pid() const { return pid_; }

  __attribute__((noinline)) static int Recurse(int depth, int descriptor, char* byte) {
    if (depth == 0) return int(read(descriptor, byte, 1));
    return Recurse(depth - 1, descriptor, byte) + 1;
  }

 private:
  pid_t pid_ = -1;
  UniqueFd end_;
};

}  // namespace

TEST(Unwinder, GoesOutToTheFirstFunction) {
  Waiting child;
  REQUIRE(child.pid() > 0);
  ProcessMemoryReader memory(child.pid());
  Modules modules(child.pid(), &memory);
  modules.Refresh();
  const check::StoppedThread thread(child.pid());
  REQUIRE(thread.stopped());
  const check::CopiedStack stack(memory, thread.registers());
  Unwinder unwinder(&modules);
  std::vector<NativeFrame> frames;
  CHECK(unwinder.Unwind(thread.registers(), stack.memory(), &frames) == UnwindEnd::kOutermost);
  REQUIRE(frames.size() > 24);
  CHECK(frames[0].is_exact && !frames[1].is_exact);
  CHECK_EQ(frames[0].pc, thread.registers().pc());
  for (size_t i = 1; i < frames.size(); ++i) {
    CHECK_EQ(frames[i].registers.sp(), frames[i - 1].cfa);
    CHECK_EQ(frames[i].registers.pc(), frames[i].pc);
    // What calls do not preserve is not claimed to be known.
    CHECK_EQ(frames[i].registers.known & ~(Architecture::kCalleeSaved | uint64_t(1) << Architecture::kStackPointer |
                                           uint64_t(1) << Architecture::kProgramCounter),
             0u);
  }

  // The stack cut off at each word: the frames within it, and an honest end.
  const size_t used = size_t(frames.back().registers.sp() - stack.memory().start);
  size_t most = 0;
  for (size_t length = 0; length < used; length += 8) {
    std::vector<NativeFrame> part;
    const UnwindEnd end =
        unwinder.Unwind(thread.registers(), {stack.memory().start, stack.memory().bytes.first(length)}, &part);
    CHECK(end == UnwindEnd::kStackNotCopied);
    REQUIRE(!part.empty() && part.size() <= frames.size());
    for (size_t i = 0; i < part.size(); ++i) CHECK_EQ(part[i].pc, frames[i].pc);
    CHECK(part.size() >= most);
    most = part.size();
  }
}

TEST(Unwinder, EndsWhereNothingIsKnown) {
  ProcessMemoryReader memory(getpid());
  Modules modules(getpid(), &memory);
  void* const page = mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  REQUIRE(page != MAP_FAILED);
  modules.Refresh();
  Unwinder unwinder(&modules);
  const std::vector<std::byte> stack(1024);
  std::vector<NativeFrame> frames(5);

  UnwindRegisters registers;
  CHECK(unwinder.Unwind(registers, {0x7000, stack}, &frames) == UnwindEnd::kBadData);
  CHECK(frames.empty());
  registers.Set(Architecture::kStackPointer, 0x7080);
  registers.Set(Architecture::kProgramCounter, AddressOf(page) + 16);
  CHECK(unwinder.Unwind(registers, {0x7000, stack}, &frames) == UnwindEnd::kNoUnwindInfo);
  CHECK_EQ(frames.size(), 1u);
  registers.Set(Architecture::kProgramCounter, 16);
  CHECK(unwinder.Unwind(registers, {0x7000, stack}, &frames) == UnwindEnd::kNotMapped);
  CHECK_EQ(frames.size(), 1u);
  munmap(page, 4096);
}

// Stacks full of return addresses into this program, in any order: there must be an end, whatever they say.
TEST(Unwinder, SurvivesNonsense) {
  ProcessMemoryReader memory(getpid());
  Modules modules(getpid(), &memory);
  modules.Refresh();
  Unwinder unwinder(&modules);
  std::mt19937_64 random(1234);
  std::vector<uint64_t> words(2048);
  size_t frames_seen = 0;
  for (int round = 0; round < 500; ++round) {
    const Address start = 0x7fff0000;
    const auto anywhere = [&]() -> uint64_t {
      const Module& module = modules.all()[random() % modules.all().size()];
      if (random() % 4 == 0) return start + random() % (words.size() * 8);
      return module.start + random() % (module.end - module.start);
    };
    for (uint64_t& word : words) word = anywhere();
    UnwindRegisters registers;
    for (unsigned number = 0; number < Architecture::kRegisterCount; ++number) registers.Set(number, anywhere());
    registers.Set(Architecture::kStackPointer, start + 128);
    std::vector<NativeFrame> frames;
    unwinder.Unwind(registers, {start, std::as_bytes(std::span(words))}, &frames);
    CHECK(frames.size() <= words.size() + 64);
    frames_seen += frames.size();
  }
  CHECK(frames_seen > 500);
}

TEST(Unwinder, TakesRegistersFromTheSystemsStructures) {
  CHECK_EQ(RegistersFromPtrace({}).known, 0u);
  CHECK_EQ(RegistersFromPerf({}).known, 0u);
  CHECK_EQ(std::popcount(PerfRegisterMask()), int(Architecture::kRegisterCount));
#if defined(__x86_64__)
  // perf gives values in the order of asm/perf_regs.h: ax bx cx dx si di bp sp ip r8 to r15.
  std::vector<uint64_t> values(17);
  for (size_t i = 0; i < values.size(); ++i) values[i] = 100 + i;
  const UnwindRegisters registers = RegistersFromPerf(values);
  const uint64_t expected[] = {100, 103, 102, 101, 104, 105, 106, 107, 109, 110, 111, 112, 113, 114, 115, 116, 108};
  for (unsigned number = 0; number < 17; ++number) CHECK_EQ(registers.value[number], expected[number]);
  CHECK_EQ(registers.sp(), 107u);
  CHECK_EQ(registers.pc(), 108u);
  values.pop_back();
  CHECK_EQ(RegistersFromPerf(values).known, 0u);
#endif
}
