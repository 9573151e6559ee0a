#include "unwind/dwarf_expression.h"

#include <vector>

#include "check.h"

using namespace austin;

namespace {

ExpressionResult Evaluate(const std::vector<uint8_t>& code, std::optional<uint64_t> initial = std::nullopt) {
  static const uint64_t words[] = {0x1111, 0x2222, 0x8877665544332211};
  UnwindRegisters registers;
  registers.Set(7, 0x7000);
  registers.Set(16, 0x401234b);
  return EvaluateExpression(std::as_bytes(std::span(code)), registers, {0x7000, std::as_bytes(std::span(words))},
                            initial);
}

uint64_t ValueOf(const std::vector<uint8_t>& code, std::optional<uint64_t> initial = std::nullopt) {
  const ExpressionResult result = Evaluate(code, initial);
  CHECK(result.problem == ExpressionProblem::kNone);
  return result.value;
}

}  // namespace

#if defined(__x86_64__)

TEST(DwarfExpression, FindsTheFrameOfAStub) {
  // What linkers write for .plt: rsp + 8, and 8 more behind the push that is at offset 11 of each stub.
  const std::vector<uint8_t> stub = {0x77, 8, 0x80, 0, 0x3f, 0x1a, 0x3b, 0x2a, 0x33, 0x24, 0x22};
  CHECK_EQ(ValueOf(stub), 0x7000u + 16);
  std::vector<uint8_t> before_push = stub;
  before_push[3] = 0x7f;  // rip - 1, which is at offset 10
  CHECK_EQ(ValueOf(before_push), 0x7000u + 8);
}

TEST(DwarfExpression, ReadsTheStack) {
  CHECK_EQ(ValueOf({0x77, 8, 0x06}), 0x2222u);
  CHECK_EQ(ValueOf({0x77, 16, 0x94, 4}), 0x44332211u);
  CHECK_EQ(ValueOf({0x06}, 0x7000), 0x1111u);
  CHECK(Evaluate({0x77, 24, 0x06}).problem == ExpressionProblem::kNotCopied);
  CHECK(Evaluate({0x77, 17, 0x06}).problem == ExpressionProblem::kNotCopied);
  CHECK(Evaluate({0x30, 0x06}).problem == ExpressionProblem::kNotCopied);
}

#endif

TEST(DwarfExpression, Calculates) {
  CHECK_EQ(ValueOf({0x09, 0xff}), ~uint64_t(0));
  CHECK_EQ(ValueOf({0x0b, 0xfe, 0xff, 0x1f}), 2u);            // negate
  CHECK_EQ(ValueOf({0x09, 0xf9, 0x32, 0x1b}), uint64_t(-3));  // -7 / 2
  CHECK_EQ(ValueOf({0x0f, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x09, 0xff, 0x1b}), uint64_t(1) << 63);
  CHECK_EQ(ValueOf({0x35, 0x32, 0x1d}), 1u);            // 5 mod 2
  CHECK_EQ(ValueOf({0x09, 0xff, 0x08, 70, 0x25}), 0u);  // too far a shift
  CHECK_EQ(ValueOf({0x09, 0x80, 0x08, 70, 0x26}), ~uint64_t(0));
  CHECK_EQ(ValueOf({0x09, 0xff, 0x30, 0x2d}), 1u);                  // -1 < 0
  CHECK_EQ(ValueOf({0x31, 0x32, 0x33, 0x17, 0x1c}), uint64_t(-1));  // rotated to 3 1 2
  CHECK_EQ(ValueOf({0x31, 0x32, 0x16, 0x1c}), 1u);                  // swapped
  CHECK_EQ(ValueOf({0x31, 0x32, 0x15, 1}), 1u);                     // picked
  CHECK_EQ(ValueOf({0x31, 0x28, 1, 0, 0x96, 0x35}), 5u);            // a branch over the no-operation
}

TEST(DwarfExpression, RefusesWhatMakesNoSense) {
  for (const std::vector<uint8_t>& code : std::vector<std::vector<uint8_t>>{
           {},                     // no result
           {0x22},                 // nothing to add
           {0x73, 0},              // a register without a value
           {0x92, 0xff, 0x7f, 0},  // a register that does not exist
           {0x31, 0x30, 0x1b},     // division by zero
           {0x08},                 // no operand
           {0x2f, 0xfd, 0xff},     // a jump to itself
           {0x2f, 0xff, 0x7f},     // a jump out
           {0x2f, 0x00, 0x80},
           {0x31, 0x12, 0x2f, 0xfc, 0xff},  // copies for ever
           {0x50},                          // a register's name, which has no place here
           {0xff},
           {0x30, 0x94, 9},
       }) {
    CHECK(Evaluate(code).problem == ExpressionProblem::kBad);
  }
}
