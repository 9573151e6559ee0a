#include "unwind/registers.h"

#include <bit>

namespace austin {
namespace {

struct Pair {
  uint8_t number;
  /// Which word of the system's structure, or which bit of perf's mask.
  uint8_t place;
};

#if defined(__aarch64__)

// struct user_pt_regs and enum perf_event_arm_regs of the kernel have x0 to x30, sp and pc in DWARF's order.
template <size_t... Number>
constexpr std::array<Pair, sizeof...(Number)> InOrder(std::index_sequence<Number...>) {
  return {Pair{uint8_t(Number), uint8_t(Number)}...};
}
constexpr auto kPtrace = InOrder(std::make_index_sequence<33>());
constexpr auto kPerf = kPtrace;
constexpr size_t kPtraceWords = 33;

#else

// struct user_regs_struct (sys/user.h): r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp …
constexpr std::array<Pair, 17> kPtrace{{{0, 10},
                                        {1, 12},
                                        {2, 11},
                                        {3, 5},
                                        {4, 13},
                                        {5, 14},
                                        {6, 4},
                                        {7, 19},
                                        {8, 9},
                                        {9, 8},
                                        {10, 7},
                                        {11, 6},
                                        {12, 3},
                                        {13, 2},
                                        {14, 1},
                                        {15, 0},
                                        {16, 16}}};
constexpr size_t kPtraceWords = 27;
// enum perf_event_x86_regs (asm/perf_regs.h): ax bx cx dx si di bp sp ip flags cs ss ds es fs gs r8 to r15.
constexpr std::array<Pair, 17> kPerf{{{0, 0},
                                      {1, 3},
                                      {2, 2},
                                      {3, 1},
                                      {4, 4},
                                      {5, 5},
                                      {6, 6},
                                      {7, 7},
                                      {8, 16},
                                      {9, 17},
                                      {10, 18},
                                      {11, 19},
                                      {12, 20},
                                      {13, 21},
                                      {14, 22},
                                      {15, 23},
                                      {16, 8}}};

#endif

}  // namespace

UnwindRegisters RegistersFromPtrace(std::span<const std::byte> bytes) {
  UnwindRegisters registers;
  if (bytes.size() < kPtraceWords * sizeof(uint64_t)) return registers;
  for (const Pair& pair : kPtrace) {
    registers.Set(pair.number, FieldAt<uint64_t>(bytes.data(), pair.place * sizeof(uint64_t)));
  }
  return registers;
}

uint64_t PerfRegisterMask() {
  uint64_t mask = 0;
  for (const Pair& pair : kPerf) mask |= uint64_t(1) << pair.place;
  return mask;
}

UnwindRegisters RegistersFromPerf(std::span<const uint64_t> values) {
  UnwindRegisters registers;
  const uint64_t mask = PerfRegisterMask();
  if (values.size() < size_t(std::popcount(mask))) return registers;
  for (const Pair& pair : kPerf) {
    const uint64_t before = mask & ((uint64_t(1) << pair.place) - 1);
    registers.Set(pair.number, values[size_t(std::popcount(before))]);
  }
  return registers;
}

}  // namespace austin
