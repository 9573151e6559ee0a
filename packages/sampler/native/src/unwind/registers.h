#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "memory/memory_reader.h"

namespace austin {

/// What unwinding needs to know of a processor architecture. Registers have the numbers of its DWARF register table.
struct ArchitectureX86_64 {
  /// 0 rax, 1 rdx, 2 rcx, 3 rbx, 4 rsi, 5 rdi, 6 rbp, 7 rsp, 8 to 15 r8 to r15, 16 the return address
  /// (System V psABI for AMD64, figure 3.36).
  static constexpr size_t kRegisterCount = 17;
  static constexpr unsigned kStackPointer = 7;
  static constexpr unsigned kProgramCounter = 16;
  /// Registers that a function leaves as it found them unless its unwind information says otherwise: rbx, rbp, r12 to r15.
  static constexpr uint64_t kCalleeSaved = uint64_t(1) << 3 | uint64_t(1) << 6 | uint64_t(0xf) << 12;
  /// The return address is in memory on entry to every function, so each frame has a part of the stack to itself.
  static constexpr bool kReturnAddressInRegister = false;
  static constexpr uint64_t kReturnAddressMask = ~uint64_t(0);
  /// Bytes below the stack pointer that a function may use.
  static constexpr uint64_t kRedZone = 128;
};

struct ArchitectureAarch64 {
  /// 0 to 30 x0 to x30, 31 sp, 32 the program counter (DWARF for the Arm 64-bit Architecture, section 4.1).
  static constexpr size_t kRegisterCount = 33;
  static constexpr unsigned kStackPointer = 31;
  static constexpr unsigned kProgramCounter = 32;
  /// x19 to x29. x30, the link register, is the return address's column.
  static constexpr uint64_t kCalleeSaved = uint64_t(0x7ff) << 19;
  static constexpr bool kReturnAddressInRegister = true;
  /// A signed return address carries its code in the bits above those of user addresses.
  static constexpr uint64_t kReturnAddressMask = (uint64_t(1) << 48) - 1;
  static constexpr uint64_t kRedZone = 0;
};

#if defined(__aarch64__)
using Architecture = ArchitectureAarch64;
#else
using Architecture = ArchitectureX86_64;
#endif

/// The registers of one frame. A register whose value is not known is told from one that is 0.
struct UnwindRegisters {
  std::array<uint64_t, Architecture::kRegisterCount> value{};
  /// A bit for each register, by number.
  uint64_t known = 0;

  bool Has(unsigned number) const { return number < value.size() && (known >> number & 1) != 0; }
  void Set(unsigned number, uint64_t to) {
    value[number] = to;
    known |= uint64_t(1) << number;
  }
  Address pc() const { return value[Architecture::kProgramCounter]; }
  Address sp() const { return value[Architecture::kStackPointer]; }
};

/// Registers from what PTRACE_GETREGSET gives for NT_PRSTATUS (`struct user_regs_struct`; on aarch64
/// `struct user_pt_regs`). None is known where the bytes are too few.
UnwindRegisters RegistersFromPtrace(std::span<const std::byte> bytes);

/// The bit mask for `sample_regs_user` of perf_event_open that takes all registers of UnwindRegisters.
uint64_t PerfRegisterMask();

/// Registers from the values that a perf sample has for PerfRegisterMask(), in the order of the mask's bits.
UnwindRegisters RegistersFromPerf(std::span<const uint64_t> values);

}  // namespace austin
