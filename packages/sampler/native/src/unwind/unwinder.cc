#include "unwind/unwinder.h"

#include <algorithm>
#include <optional>

#include "unwind/cfi_table.h"
#include "unwind/dwarf_expression.h"

namespace austin {
namespace {

// Rows of code that runs; beyond that they are made anew.
constexpr size_t kMaxRows = 1 << 15;
// A signal handler may have a stack of its own, so that the caller's stack is not above it. Handlers are interrupted by others a few
// times at most.
constexpr size_t kMaxStackSwitches = 32;

/// What is found of a caller's register: a value, none, or why the search fails.
struct Found {
  ExpressionProblem problem = ExpressionProblem::kNone;
  bool has_value = false;
  uint64_t value = 0;
};

/// Goes from a frame to its caller by the rules of one row.
class Step {
 public:
  Step(const CfiRow& row, const UnwindRegisters& at, const StackMemory& stack) : row_(row), at_(at), stack_(stack) {}

  ExpressionProblem FindCfa() {
    if (!row_.cfa_expression.empty()) {
      const ExpressionResult result = EvaluateExpression(row_.cfa_expression, at_, stack_, std::nullopt);
      cfa_ = result.value;
      return result.problem;
    }
    if (!at_.Has(row_.cfa_register)) return ExpressionProblem::kBad;
    cfa_ = at_.value[row_.cfa_register] + uint64_t(row_.cfa_offset);
    return ExpressionProblem::kNone;
  }

  Address cfa() const { return cfa_; }

  /// The caller's registers, except for its program counter. Those that cannot be found are not known.
  UnwindRegisters Registers() const {
    UnwindRegisters caller = at_;
    caller.known &= Architecture::kCalleeSaved;
    caller.Set(Architecture::kStackPointer, cfa_);
    for (const CfiRule& rule : row_.rules) {
      const Found found = Follow(rule);
      caller.known &= ~(uint64_t(1) << rule.register_number);
      if (found.has_value) caller.Set(rule.register_number, found.value);
    }
    return caller;
  }

  Found ReturnAddress() const {
    for (const CfiRule& rule : row_.rules) {
      if (rule.register_number == row_.return_column) return Follow(rule);
    }
    // A leaf function of an architecture that has it in a register.
    if (!at_.Has(row_.return_column) || !Architecture::kReturnAddressInRegister)
      return {ExpressionProblem::kBad, false, 0};
    return {ExpressionProblem::kNone, true, at_.value[row_.return_column]};
  }

 private:
  Found Load(Address address) const {
    uint64_t value = 0;
    if (!stack_.Read(address, &value)) return {ExpressionProblem::kNotCopied, false, 0};
    return {ExpressionProblem::kNone, true, value};
  }

  Found Register(uint64_t number) const {
    if (number >= at_.value.size() || !at_.Has(unsigned(number))) return {ExpressionProblem::kBad, false, 0};
    return {ExpressionProblem::kNone, true, at_.value[number]};
  }

  Found Follow(const CfiRule& rule) const {
    switch (rule.kind) {
      case CfiRule::Kind::kUndefined:
        return {};
      case CfiRule::Kind::kSameValue:
        return Register(rule.register_number);
      case CfiRule::Kind::kRegister:
        return Register(uint64_t(rule.offset));
      case CfiRule::Kind::kOffset:
        return Load(cfa_ + uint64_t(rule.offset));
      case CfiRule::Kind::kValueOffset:
        return {ExpressionProblem::kNone, true, cfa_ + uint64_t(rule.offset)};
      case CfiRule::Kind::kExpression:
      case CfiRule::Kind::kValueExpression: {
        const ExpressionResult result = EvaluateExpression(rule.expression, at_, stack_, cfa_);
        if (result.problem != ExpressionProblem::kNone) return {result.problem, false, 0};
        if (rule.kind == CfiRule::Kind::kExpression) return Load(result.value);
        return {ExpressionProblem::kNone, true, result.value};
      }
    }
    return {ExpressionProblem::kBad, false, 0};
  }

  const CfiRow& row_;
  const UnwindRegisters& at_;
  const StackMemory& stack_;
  Address cfa_ = 0;
};

UnwindEnd EndBecauseOf(ExpressionProblem problem) {
  return problem == ExpressionProblem::kNotCopied ? UnwindEnd::kStackNotCopied : UnwindEnd::kBadData;
}

}  // namespace

void Unwinder::ForgetOtherGenerations() {
  if (generation_ == modules_->generation() && rows_.size() < kMaxRows) return;
  generation_ = modules_->generation();
  rows_.clear();
}

const CfiRow* Unwinder::RowAt(Address pc) {
  const auto known = rows_.find(pc);
  if (known != rows_.end()) return &known->second;
  const Module* const module = modules_->Find(pc);
  if (module == nullptr) return nullptr;
  CfiRow row;
  if (module->file != nullptr) {
    row = module->file->FrameInformation(modules_->memory())->RowAt(module->FileAddress(pc));
  }
  return &rows_.emplace(pc, std::move(row)).first->second;
}

UnwindEnd Unwinder::Unwind(const UnwindRegisters& at, const StackMemory& stack, std::vector<NativeFrame>* frames) {
  const UnwindEnd end = UnwindAsKnown(at, stack, frames);
  addresses_.clear();
  for (const NativeFrame& frame : *frames) addresses_.push_back(frame.LookupPc());
  if (!modules_->ForgetReplaced(addresses_)) return end;
  // It may have been replaced before the stack was copied, or after that.
  const auto is_unknown = [this](const NativeFrame& frame) { return modules_->Find(frame.LookupPc()) == nullptr; };
  const auto first = std::find_if(frames->begin(), frames->end(), is_unknown);
  frames->erase(std::max(first, frames->begin() + 1), frames->end());
  return UnwindEnd::kReplaced;
}

UnwindEnd Unwinder::UnwindAsKnown(const UnwindRegisters& at, const StackMemory& stack,
                                  std::vector<NativeFrame>* frames) {
  frames->clear();
  if (!at.Has(Architecture::kProgramCounter) || !at.Has(Architecture::kStackPointer)) return UnwindEnd::kBadData;
  ForgetOtherGenerations();
  UnwindRegisters registers = at;
  bool is_exact = true;
  size_t switches = 0;
  while (frames->size() < kMaxNativeFrames) {
    NativeFrame frame{registers.pc(), 0, is_exact, registers};
    const CfiRow* const row = RowAt(frame.LookupPc());
    if (row == nullptr) {
      if (frames->empty()) frames->push_back(frame);
      return UnwindEnd::kNotMapped;
    }
    frames->push_back(frame);
    if (!row->has_information) return UnwindEnd::kNoUnwindInfo;
    // The handler "returns" to the first instruction of the trampoline, which nobody called.
    if (row->is_signal_frame) frames->back().is_exact = true;

    Step step(*row, registers, stack);
    if (const auto problem = step.FindCfa(); problem != ExpressionProblem::kNone) return EndBecauseOf(problem);
    frames->back().cfa = step.cfa();
    const Found return_address = step.ReturnAddress();
    if (return_address.problem != ExpressionProblem::kNone) return EndBecauseOf(return_address.problem);
    if (!return_address.has_value || return_address.value == 0) return UnwindEnd::kOutermost;

    UnwindRegisters caller = step.Registers();
    const bool strip = Architecture::kReturnAddressInRegister && row->is_return_address_signed;
    caller.Set(Architecture::kProgramCounter,
               strip ? return_address.value & Architecture::kReturnAddressMask : return_address.value);
    if (!caller.Has(Architecture::kStackPointer)) return UnwindEnd::kBadData;
    // The stack grows down: each caller is above. Only a leaf that has its return address in a register needs no stack.
    const bool may_stay = Architecture::kReturnAddressInRegister && is_exact && caller.pc() != registers.pc();
    const bool goes_up = caller.sp() > registers.sp() || (may_stay && caller.sp() == registers.sp());
    if (!goes_up && (!row->is_signal_frame || ++switches > kMaxStackSwitches)) return UnwindEnd::kBadData;
    is_exact = row->is_signal_frame;
    registers = caller;
  }
  return UnwindEnd::kTooDeep;
}

}  // namespace austin
