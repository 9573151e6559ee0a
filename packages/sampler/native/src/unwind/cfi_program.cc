#include "unwind/cfi_program.h"

#include <array>
#include <vector>

#include "unwind/dwarf_cursor.h"
#include "unwind/registers.h"

namespace austin {
namespace {

// What compilers write nests once or twice.
constexpr size_t kMaxRemembered = 64;

// DWARF 5 section 7.24, and the extensions of GNU and Arm. The first three have an operand in their low six bits.
constexpr uint8_t kOperandMask = 0x3f;
enum : uint8_t {
  kAdvance = 0x40,
  kOffset = 0x80,
  kRestore = 0xc0,
  kNop = 0x00,
  kSetLocation = 0x01,
  kAdvance1 = 0x02,
  kAdvance2 = 0x03,
  kAdvance4 = 0x04,
  kOffsetExtended = 0x05,
  kRestoreExtended = 0x06,
  kUndefined = 0x07,
  kSameValue = 0x08,
  kRegister = 0x09,
  kRememberState = 0x0a,
  kRestoreState = 0x0b,
  kDefineCfa = 0x0c,
  kDefineCfaRegister = 0x0d,
  kDefineCfaOffset = 0x0e,
  kDefineCfaExpression = 0x0f,
  kExpression = 0x10,
  kOffsetExtendedSigned = 0x11,
  kDefineCfaSigned = 0x12,
  kDefineCfaOffsetSigned = 0x13,
  kValueOffset = 0x14,
  kValueOffsetSigned = 0x15,
  kValueExpression = 0x16,
  kNegateReturnAddressStateWithPc = 0x2c,
  // On SPARC the same number saves a register window.
  kNegateReturnAddressState = 0x2d,
  kGnuArgumentsSize = 0x2e,
  kGnuNegativeOffsetExtended = 0x2f,
};

struct State {
  bool has_cfa = false;
  bool is_signed = false;
  uint64_t cfa_register = 0;
  int64_t cfa_offset = 0;
  std::span<const std::byte> cfa_expression;
  /// A bit for each register that `rules` has a rule of.
  uint64_t specified = 0;
  std::array<CfiRule, Architecture::kRegisterCount> rules;
};

// Arithmetic on what the file says must wrap around, not overflow.
int64_t Scaled(uint64_t value, int64_t factor) { return int64_t(value * uint64_t(factor)); }

class Program {
 public:
  Program(const CfiEntry& entry, uint64_t address) : entry_(entry), wanted_(address), location_(entry.start) {}

  bool Run(CfiRow* row) {
    if (!Execute(DwarfCursor(entry_.common.instructions), false)) return false;
    initial_ = state_;
    if (!Execute(DwarfCursor(entry_.instructions, entry_.instructions_address), true)) return false;
    return Finish(row);
  }

 private:
  bool Execute(DwarfCursor cursor, bool may_advance);
  bool Step(uint8_t code, DwarfCursor& cursor);

  /// True while instructions still concern the wanted address.
  bool Advance(uint64_t delta) {
    location_ += delta * entry_.common.code_alignment;
    return location_ <= wanted_;
  }

  // Registers that do not matter (vector registers, say) are let pass.
  void Set(uint64_t number, CfiRule::Kind kind, int64_t offset, std::span<const std::byte> expression = {}) {
    if (number >= state_.rules.size()) return;
    state_.rules[number] = {kind, uint8_t(number), offset, expression};
    state_.specified |= uint64_t(1) << number;
  }

  void Restore(uint64_t number) {
    if (number >= state_.rules.size()) return;
    const uint64_t bit = uint64_t(1) << number;
    state_.rules[number] = initial_.rules[number];
    state_.specified = (state_.specified & ~bit) | (initial_.specified & bit);
  }

  void DefineCfa(uint64_t number, int64_t offset) {
    state_.has_cfa = true;
    state_.cfa_register = number;
    state_.cfa_offset = offset;
    state_.cfa_expression = {};
  }

  bool Finish(CfiRow* row) const;

  const CfiEntry& entry_;
  const uint64_t wanted_;
  uint64_t location_;
  bool passed_ = false;
  State state_;
  State initial_;
  std::vector<State> remembered_;
};

bool Program::Execute(DwarfCursor cursor, bool may_advance) {
  while (!cursor.AtEnd() && !passed_) {
    if (!Step(cursor.Take<uint8_t>(), cursor) || !cursor.ok()) return false;
    // The rules that all functions of a common entry start with have no place.
    if (!may_advance && (passed_ || location_ != entry_.start)) return false;
  }
  return cursor.ok();
}

bool Program::Step(uint8_t code, DwarfCursor& cursor) {
  const int64_t scale = entry_.common.data_alignment;
  const uint8_t operand = code & kOperandMask;
  switch (code & ~kOperandMask) {
    case kAdvance:
      passed_ = !Advance(operand);
      return true;
    case kOffset:
      Set(operand, CfiRule::Kind::kOffset, Scaled(cursor.Uleb(), scale));
      return true;
    case kRestore:
      Restore(operand);
      return true;
    default:
      break;
  }
  // The order in which operands are taken is that of these statements.
  uint64_t number = 0;
  switch (code) {
    case kNop:
      return true;
    case kSetLocation: {
      const auto location = cursor.Pointer(entry_.common.pointer_encoding);
      if (!location) return false;
      location_ = *location;
      passed_ = location_ > wanted_;
      return true;
    }
    case kAdvance1:
      passed_ = !Advance(cursor.Take<uint8_t>());
      return true;
    case kAdvance2:
      passed_ = !Advance(cursor.Take<uint16_t>());
      return true;
    case kAdvance4:
      passed_ = !Advance(cursor.Take<uint32_t>());
      return true;
    case kOffsetExtended:
      number = cursor.Uleb();
      Set(number, CfiRule::Kind::kOffset, Scaled(cursor.Uleb(), scale));
      return true;
    case kOffsetExtendedSigned:
      number = cursor.Uleb();
      Set(number, CfiRule::Kind::kOffset, Scaled(uint64_t(cursor.Sleb()), scale));
      return true;
    case kGnuNegativeOffsetExtended:
      number = cursor.Uleb();
      Set(number, CfiRule::Kind::kOffset, Scaled(0 - cursor.Uleb(), scale));
      return true;
    case kRestoreExtended:
      Restore(cursor.Uleb());
      return true;
    case kUndefined:
      Set(cursor.Uleb(), CfiRule::Kind::kUndefined, 0);
      return true;
    case kSameValue:
      Set(cursor.Uleb(), CfiRule::Kind::kSameValue, 0);
      return true;
    case kRegister:
      number = cursor.Uleb();
      Set(number, CfiRule::Kind::kRegister, int64_t(cursor.Uleb()));
      return true;
    case kRememberState:
      if (remembered_.size() >= kMaxRemembered) return false;
      remembered_.push_back(state_);
      return true;
    case kRestoreState:
      if (remembered_.empty()) return false;
      state_ = remembered_.back();
      remembered_.pop_back();
      return true;
    case kDefineCfa:
      number = cursor.Uleb();
      DefineCfa(number, int64_t(cursor.Uleb()));
      return true;
    case kDefineCfaSigned:
      number = cursor.Uleb();
      DefineCfa(number, Scaled(uint64_t(cursor.Sleb()), scale));
      return true;
    case kDefineCfaRegister:
      if (!state_.has_cfa || !state_.cfa_expression.empty()) return false;
      state_.cfa_register = cursor.Uleb();
      return true;
    case kDefineCfaOffset:
      if (!state_.has_cfa || !state_.cfa_expression.empty()) return false;
      state_.cfa_offset = int64_t(cursor.Uleb());
      return true;
    case kDefineCfaOffsetSigned:
      if (!state_.has_cfa || !state_.cfa_expression.empty()) return false;
      state_.cfa_offset = Scaled(uint64_t(cursor.Sleb()), scale);
      return true;
    case kDefineCfaExpression:
      DefineCfa(0, 0);
      state_.cfa_expression = cursor.Bytes(cursor.Uleb());
      return !state_.cfa_expression.empty();
    case kExpression:
      number = cursor.Uleb();
      Set(number, CfiRule::Kind::kExpression, 0, cursor.Bytes(cursor.Uleb()));
      return true;
    case kValueExpression:
      number = cursor.Uleb();
      Set(number, CfiRule::Kind::kValueExpression, 0, cursor.Bytes(cursor.Uleb()));
      return true;
    case kValueOffset:
      number = cursor.Uleb();
      Set(number, CfiRule::Kind::kValueOffset, Scaled(cursor.Uleb(), scale));
      return true;
    case kValueOffsetSigned:
      number = cursor.Uleb();
      Set(number, CfiRule::Kind::kValueOffset, Scaled(uint64_t(cursor.Sleb()), scale));
      return true;
    case kNegateReturnAddressState:
    case kNegateReturnAddressStateWithPc:
      state_.is_signed = !state_.is_signed;
      return true;
    case kGnuArgumentsSize:
      // Bytes of arguments on the stack: for landing pads of exceptions only.
      cursor.Uleb();
      return true;
    default:
      // Its operands cannot be told from what follows.
      return false;
  }
}

bool Program::Finish(CfiRow* row) const {
  const uint64_t return_column = entry_.common.return_column;
  if (!state_.has_cfa || return_column >= state_.rules.size()) return false;
  if (state_.cfa_expression.empty() && state_.cfa_register >= state_.rules.size()) return false;
  row->has_information = true;
  row->is_signal_frame = entry_.common.is_signal_frame;
  row->is_return_address_signed = state_.is_signed;
  row->return_column = uint8_t(return_column);
  row->cfa_register = uint8_t(state_.cfa_register);
  row->cfa_offset = state_.cfa_offset;
  row->cfa_expression = state_.cfa_expression;
  row->rules.clear();
  for (size_t number = 0; number < state_.rules.size(); ++number) {
    if ((state_.specified >> number & 1) != 0) row->rules.push_back(state_.rules[number]);
  }
  return true;
}

}  // namespace

bool RunCfiProgram(const CfiEntry& entry, uint64_t address, CfiRow* row) { return Program(entry, address).Run(row); }

}  // namespace austin
