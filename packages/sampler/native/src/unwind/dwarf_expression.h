#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "unwind/registers.h"
#include "unwind/stack_memory.h"

namespace austin {

enum class ExpressionProblem {
  kNone,
  /// It reads memory that is not in the copy of the stack.
  kNotCopied,
  /// An operation that is not known or not allowed here, a register without a value, too many steps.
  kBad,
};

struct ExpressionResult {
  ExpressionProblem problem = ExpressionProblem::kNone;
  uint64_t value = 0;
};

/// Evaluates an expression of call frame information (DWARF 5 sections 2.5 and 6.4.2). `initial` is put on the stack first: the
/// CFA, for rules of registers.
ExpressionResult EvaluateExpression(std::span<const std::byte> expression, const UnwindRegisters& registers,
                                    const StackMemory& stack, std::optional<uint64_t> initial);

}  // namespace austin
