#include "unwind/dwarf_expression.h"

#include <array>

#include "unwind/dwarf_cursor.h"

namespace austin {
namespace {

constexpr size_t kMaxDepth = 64;
// Expressions may jump back.
constexpr size_t kMaxSteps = 1000;

// DWARF 5 section 7.7.1.
enum : uint8_t {
  kDeref = 0x06,
  kConst1Unsigned = 0x08,
  kConst1Signed = 0x09,
  kConst2Unsigned = 0x0a,
  kConst2Signed = 0x0b,
  kConst4Unsigned = 0x0c,
  kConst4Signed = 0x0d,
  kConst8Unsigned = 0x0e,
  kConst8Signed = 0x0f,
  kConstUnsigned = 0x10,
  kConstSigned = 0x11,
  kDuplicate = 0x12,
  kDrop = 0x13,
  kOver = 0x14,
  kPick = 0x15,
  kSwap = 0x16,
  kRotate = 0x17,
  kAbsolute = 0x19,
  kAnd = 0x1a,
  kDivide = 0x1b,
  kMinus = 0x1c,
  kModulo = 0x1d,
  kMultiply = 0x1e,
  kNegate = 0x1f,
  kNot = 0x20,
  kOr = 0x21,
  kPlus = 0x22,
  kPlusConstant = 0x23,
  kShiftLeft = 0x24,
  kShiftRight = 0x25,
  kShiftRightSigned = 0x26,
  kXor = 0x27,
  kBranch = 0x28,
  kEqual = 0x29,
  kGreaterOrEqual = 0x2a,
  kGreater = 0x2b,
  kLessOrEqual = 0x2c,
  kLess = 0x2d,
  kNotEqual = 0x2e,
  kSkip = 0x2f,
  kLiteral0 = 0x30,
  kLiteral31 = 0x4f,
  kBaseRegister0 = 0x70,
  kBaseRegister31 = 0x8f,
  kBaseRegister = 0x92,
  kDerefSize = 0x94,
  kNop = 0x96,
};

class Machine {
 public:
  Machine(std::span<const std::byte> expression, const UnwindRegisters& registers, const StackMemory& stack)
      : cursor_(expression), registers_(registers), memory_(stack) {}

  ExpressionResult Run(std::optional<uint64_t> initial) {
    if (initial) Push(*initial);
    for (size_t steps = 0; !cursor_.AtEnd() && problem_ == ExpressionProblem::kNone; ++steps) {
      if (steps >= kMaxSteps) Fail();
      Step(cursor_.Take<uint8_t>());
      if (!cursor_.ok()) Fail();
    }
    const uint64_t value = Pop();
    return {problem_, value};
  }

 private:
  void Fail(ExpressionProblem problem = ExpressionProblem::kBad) {
    if (problem_ == ExpressionProblem::kNone) problem_ = problem;
  }

  void Push(uint64_t value) {
    if (depth_ >= stack_.size()) return Fail();
    stack_[depth_++] = value;
  }

  uint64_t Pop() {
    if (depth_ == 0) {
      Fail();
      return 0;
    }
    return stack_[--depth_];
  }

  void PushPick(size_t index) {
    if (index >= depth_) return Fail();
    Push(stack_[depth_ - 1 - index]);
  }

  void PushRegister(uint64_t number, int64_t offset) {
    if (number >= registers_.value.size() || !registers_.Has(unsigned(number))) return Fail();
    Push(registers_.value[number] + uint64_t(offset));
  }

  void Load(size_t length) {
    uint64_t value = 0;
    if (length == 0 || length > sizeof(value)) return Fail();
    if (!memory_.Read(Pop(), &value, length)) return Fail(ExpressionProblem::kNotCopied);
    Push(value);
  }

  void Jump(int16_t distance) {
    const int64_t to = int64_t(cursor_.at()) + distance;
    if (to < 0) return Fail();
    cursor_.MoveTo(size_t(to));
  }

  void Step(uint8_t code);
  void Arithmetic(uint8_t code);

  DwarfCursor cursor_;
  const UnwindRegisters& registers_;
  const StackMemory& memory_;
  std::array<uint64_t, kMaxDepth> stack_{};
  size_t depth_ = 0;
  ExpressionProblem problem_ = ExpressionProblem::kNone;
};

void Machine::Step(uint8_t code) {
  if (code >= kLiteral0 && code <= kLiteral31) return Push(code - kLiteral0);
  if (code >= kBaseRegister0 && code <= kBaseRegister31) return PushRegister(code - kBaseRegister0, cursor_.Sleb());
  switch (code) {
    case kDeref:
      return Load(sizeof(uint64_t));
    case kDerefSize:
      return Load(cursor_.Take<uint8_t>());
    case kConst1Unsigned:
      return Push(cursor_.Take<uint8_t>());
    case kConst1Signed:
      return Push(uint64_t(int64_t(cursor_.Take<int8_t>())));
    case kConst2Unsigned:
      return Push(cursor_.Take<uint16_t>());
    case kConst2Signed:
      return Push(uint64_t(int64_t(cursor_.Take<int16_t>())));
    case kConst4Unsigned:
      return Push(cursor_.Take<uint32_t>());
    case kConst4Signed:
      return Push(uint64_t(int64_t(cursor_.Take<int32_t>())));
    case kConst8Unsigned:
    case kConst8Signed:
      return Push(cursor_.Take<uint64_t>());
    case kConstUnsigned:
      return Push(cursor_.Uleb());
    case kConstSigned:
      return Push(uint64_t(cursor_.Sleb()));
    case kDuplicate:
      return PushPick(0);
    case kOver:
      return PushPick(1);
    case kPick:
      return PushPick(cursor_.Take<uint8_t>());
    case kDrop:
      Pop();
      return;
    case kSwap: {
      const uint64_t first = Pop(), second = Pop();
      Push(first);
      Push(second);
      return;
    }
    case kRotate: {
      const uint64_t first = Pop(), second = Pop(), third = Pop();
      Push(first);
      Push(third);
      Push(second);
      return;
    }
    case kBaseRegister: {
      const uint64_t number = cursor_.Uleb();
      return PushRegister(number, cursor_.Sleb());
    }
    case kPlusConstant:
      return Push(Pop() + cursor_.Uleb());
    case kAbsolute: {
      const uint64_t value = Pop();
      return Push(int64_t(value) < 0 ? 0 - value : value);
    }
    case kNegate:
      return Push(0 - Pop());
    case kNot:
      return Push(~Pop());
    case kSkip:
      return Jump(cursor_.Take<int16_t>());
    case kBranch: {
      const auto distance = cursor_.Take<int16_t>();
      if (Pop() != 0) Jump(distance);
      return;
    }
    case kNop:
      return;
    default:
      return Arithmetic(code);
  }
}

void Machine::Arithmetic(uint8_t code) {
  const uint64_t right = Pop(), left = Pop();
  const auto signed_left = int64_t(left), signed_right = int64_t(right);
  switch (code) {
    case kAnd:
      return Push(left & right);
    case kOr:
      return Push(left | right);
    case kXor:
      return Push(left ^ right);
    case kPlus:
      return Push(left + right);
    case kMinus:
      return Push(left - right);
    case kMultiply:
      return Push(left * right);
    case kDivide:
      if (right == 0) return Fail();
      // The one quotient that does not fit.
      return Push(signed_right == -1 ? 0 - left : uint64_t(signed_left / signed_right));
    case kModulo:
      return right == 0 ? Fail() : Push(left % right);
    case kShiftLeft:
      return Push(right < 64 ? left << right : 0);
    case kShiftRight:
      return Push(right < 64 ? left >> right : 0);
    case kShiftRightSigned:
      return Push(uint64_t(signed_left >> (right < 64 ? right : 63)));
    case kEqual:
      return Push(left == right);
    case kNotEqual:
      return Push(left != right);
    case kGreaterOrEqual:
      return Push(signed_left >= signed_right);
    case kGreater:
      return Push(signed_left > signed_right);
    case kLessOrEqual:
      return Push(signed_left <= signed_right);
    case kLess:
      return Push(signed_left < signed_right);
    default:
      return Fail();
  }
}

}  // namespace

ExpressionResult EvaluateExpression(std::span<const std::byte> expression, const UnwindRegisters& registers,
                                    const StackMemory& stack, std::optional<uint64_t> initial) {
  return Machine(expression, registers, stack).Run(initial);
}

}  // namespace austin
