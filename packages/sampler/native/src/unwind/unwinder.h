#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "unwind/cfi_row.h"
#include "unwind/modules.h"
#include "unwind/registers.h"
#include "unwind/stack_memory.h"

namespace austin {

struct NativeFrame {
  /// The instruction that runs, or the return address in a caller.
  Address pc = 0;
  /// The canonical frame address: the stack pointer of the caller before it called.
  Address cfa = 0;
  /// `pc` is the instruction itself (innermost, interrupted by a signal, or a signal trampoline). Otherwise the
  /// call is the instruction before it, and names are looked up at pc - 1.
  bool is_exact = false;
  /// As they are in this frame. Those that calls do not preserve are known in the innermost frame and where a signal
  /// interrupted.
  UnwindRegisters registers;

  /// The address that stands for this frame's instruction in tables.
  Address LookupPc() const { return is_exact ? pc : pc - 1; }
};

enum class UnwindEnd {
  /// The thread's first function: its unwind information says that it has no caller.
  kOutermost,
  /// No unwind information for the last frame given: code made at run time, or without tables.
  kNoUnwindInfo,
  /// The last frame's return address (or the pc, where no other frame is given) is in no executable mapping that is known: code
  /// loaded since Modules::Refresh, or a damaged stack.
  kNotMapped,
  /// The stack goes on, or is, in a library in whose place there is another one now. It is forgotten, and until Modules::Refresh nothing is
  /// known there.
  kReplaced,
  /// The stack goes on beyond what was copied.
  kStackNotCopied,
  /// The tables or the stack contradict themselves.
  kBadData,
  /// More than kMaxNativeFrames.
  kTooDeep,
};

inline constexpr size_t kMaxNativeFrames = 1 << 14;

/// Unwinds copied stacks by the call frame information of the modules (.eh_frame and .debug_frame: DWARF 5 section 6.4,
/// LSB "Exception Frames"). It never guesses: no frame pointers, no scanning.
/// Not safe for use by several threads at once.
class Unwinder {
 public:
  /// `modules` outlives this. The process is read to copy images that have no file, once each, and to see whether its modules are
  /// still there.
  explicit Unwinder(Modules* modules) : modules_(modules) {}

  /// Replaces the contents of `frames` by those of the stack, innermost first. At least the innermost is given, unless
  /// pc or sp are not known. The `cfa` of a frame without unwind information is 0.
  UnwindEnd Unwind(const UnwindRegisters& at, const StackMemory& stack, std::vector<NativeFrame>* frames);

 private:
  UnwindEnd UnwindAsKnown(const UnwindRegisters& at, const StackMemory& stack, std::vector<NativeFrame>* frames);
  const CfiRow* RowAt(Address pc);
  void ForgetOtherGenerations();

  Modules* const modules_;
  uint64_t generation_ = 0;
  /// By address in the process; they point into what the modules' files hold. The row is empty where there is no unwind information.
  std::unordered_map<Address, CfiRow> rows_;
  std::vector<Address> addresses_;
};

}  // namespace austin
