#include "cpython/locals.h"

#include <algorithm>
#include <utility>

#include "cpython/py_object.h"
#include "cpython/py_string.h"

namespace austin {
namespace {

constexpr size_t kWord = 8;
/// More names than this in one code object are garbage, or not worth reading.
constexpr size_t kMaxSlots = 1 << 12;

/// `co_flags`: the locals are in slots of the frame (code.h CO_OPTIMIZED).
constexpr uint32_t kOptimized = 1;

// Kinds of local variables (pycore_code.h).
constexpr uint8_t kCellKind = 0x40;
constexpr uint8_t kFreeKind = 0x80;

// Tagged references (pycore_stackref.h).
constexpr uint64_t kTagMask = 3;
constexpr uint64_t kTaggedInt = 3;
constexpr uint64_t kTaggedNull = 1;

bool IsDunder(const std::string& name) { return name.size() > 4 && name.starts_with("__") && name.ends_with("__"); }

}  // namespace

std::optional<std::vector<LocalVariable>> LocalsReader::Read(const FrameIdentity& identity) {
  const Variables* variables = VariablesOf(identity.code);
  if (variables == nullptr) return std::nullopt;
  const size_t slots = size_t(layout_.frame.locals);
  std::vector<std::byte> before(slots + variables->names.size() * kWord);
  std::vector<std::byte> after(before.size());
  if (!ReadFrame(identity, *variables, before)) return std::nullopt;

  std::vector<LocalVariable> locals;
  std::vector<LocalVariable> again;
  if (variables->in_mapping) {
    const auto mapping = FieldAt<Address>(before.data(), size_t(layout_.frame.locals_mapping));
    auto first = ReadMapping(mapping);
    auto second = ReadMapping(mapping);
    if (!first || !second) return std::nullopt;
    locals = std::move(*first);
    again = std::move(*second);
  } else {
    locals = ReadSlots(*variables, before.data() + slots);
  }
  if (!ReadFrame(identity, *variables, after)) return std::nullopt;
  if (!variables->in_mapping) again = ReadSlots(*variables, after.data() + slots);
  if (!ReadFrame(identity, *variables, after)) return std::nullopt;

  for (LocalVariable& local : locals) {
    const auto same = std::find_if(again.begin(), again.end(), [&](const auto& other) { return other.name == local.name; });
    if (same == again.end() || same->value != local.value) local.value = kChangingText;
  }
  return locals;
}

const LocalsReader::Variables* LocalsReader::VariablesOf(Address code) {
  if (const auto known = variables_.find(code); known != variables_.end()) return &known->second;
  std::optional<Variables> variables = ReadVariables(code);
  return variables ? &variables_.emplace(code, std::move(*variables)).first->second : nullptr;
}

std::optional<LocalsReader::Variables> LocalsReader::ReadVariables(Address code) {
  const auto& at = layout_.code;
  const auto flags = memory_.ReadValue<uint32_t>(code + uint64_t(at.flags));
  if (!flags) return std::nullopt;
  Variables variables;
  variables.in_mapping = (*flags & kOptimized) == 0;
  if (at.first_traceable != kAbsent) {
    variables.first_traceable = int64_t{2} * memory_.ReadValue<int32_t>(code + uint64_t(at.first_traceable)).value_or(0);
  }
  if (variables.in_mapping) return variables;
  if (!AppendNames(code + uint64_t(at.locals_names), false, variables)) return std::nullopt;
  if (at.locals_kinds == kAbsent) {
    const bool whole = AppendNames(code + uint64_t(at.cell_names), true, variables) &&
                       AppendNames(code + uint64_t(at.free_names), true, variables);
    return whole ? std::optional(std::move(variables)) : std::nullopt;
  }
  const auto object = memory_.ReadValue<Address>(code + uint64_t(at.locals_kinds));
  const auto kinds = object ? ReadBytes(memory_, layout_, *object) : std::nullopt;
  if (!kinds || kinds->size() != variables.names.size()) return std::nullopt;
  for (size_t i = 0; i < kinds->size(); ++i) {
    variables.may_be_cell[i] = (uint8_t((*kinds)[i]) & (kCellKind | kFreeKind)) != 0;
  }
  return variables;
}

bool LocalsReader::AppendNames(Address field, bool are_cells, Variables& variables) {
  const auto tuple = memory_.ReadValue<Address>(field);
  const auto names = tuple ? ReadTuple(memory_, layout_, *tuple, kMaxSlots) : std::nullopt;
  if (!names || names->count > kMaxSlots) return false;
  for (const Address name : names->items) {
    std::optional<std::string> text = ReadString(memory_, layout_, name);
    if (!text) return false;
    variables.names.push_back(std::move(*text));
    variables.may_be_cell.push_back(are_cells);
  }
  return true;
}

/// Copies a frame with its slots. False when it is not the frame it was.
bool LocalsReader::ReadFrame(const FrameIdentity& identity, const Variables& variables, std::vector<std::byte>& block) {
  return memory_.Read(identity.frame, block.data(), block.size()) && IsSame(identity, variables, block.data());
}

bool LocalsReader::IsSame(const FrameIdentity& identity, const Variables& variables, const std::byte* frame) const {
  const auto& at = layout_.frame;
  Address code = FieldAt<Address>(frame, size_t(at.code));
  if (layout_.tagged_references) code &= ~kTagMask;
  if (code != identity.code) return false;
  if (layout_.frame_model == FrameModel::kHeapFrames) {
    if (FieldAt<int8_t>(frame, size_t(at.running)) != at.running_value) return false;
    return identity.is_innermost ||
           int64_t(FieldAt<int32_t>(frame, size_t(at.last_instruction))) == int64_t(identity.instruction);
  }
  const auto instruction = FieldAt<uint64_t>(frame, size_t(at.instruction));
  if (!identity.is_innermost) return instruction == identity.instruction;
  // A frame that is being made has its code object before it has its variables: their slots still hold those of an earlier call. It
  // has them when it runs. Threads of free-threaded builds run copies of the code, which lie elsewhere.
  const auto offset = static_cast<int64_t>(instruction - (identity.code + uint64_t(layout_.code.code_adaptive)));
  return layout_.free_threaded || offset > variables.first_traceable;
}

std::optional<std::string> LocalsReader::TextOf(uint64_t word, bool may_be_cell) {
  if (layout_.tagged_references) {
    if (word == kTaggedNull) return std::nullopt;
    if ((word & kTagMask) == kTaggedInt) return std::to_string(int64_t(word) >> 2);
    word &= ~kTagMask;
  }
  if (word == 0) return std::nullopt;
  if (may_be_cell) {
    // Until the function has begun, the slot holds the argument itself.
    const TypeInfo* type = repr_.types().TypeOf(word);
    if (type == nullptr) return kUnreadableText;
    if (type->kind == TypeKind::kCell) {
      const auto value = memory_.ReadValue<Address>(word + uint64_t(layout_.cell.value));
      if (!value) return kUnreadableText;
      if (*value == 0) return std::nullopt;
      word = *value;
    }
  }
  return repr_.Of(word);
}

std::vector<LocalVariable> LocalsReader::ReadSlots(const Variables& variables, const std::byte* slots) {
  std::vector<LocalVariable> locals;
  for (size_t i = 0; i < variables.names.size() && locals.size() < kMaxLocals; ++i) {
    auto text = TextOf(FieldAt<uint64_t>(slots, i * kWord), variables.may_be_cell[i]);
    if (text) locals.push_back({variables.names[i], std::move(*text)});
  }
  return locals;
}

std::optional<std::vector<LocalVariable>> LocalsReader::ReadMapping(Address mapping) {
  const TypeInfo* type = repr_.types().TypeOf(mapping);
  if (type == nullptr || type->kind != TypeKind::kDict) return std::nullopt;
  const auto entries = ReadDict(memory_, layout_, mapping, kMaxSlots);
  if (!entries) return std::nullopt;
  std::vector<LocalVariable> locals;
  for (const DictEntry& entry : *entries) {
    if (locals.size() == kMaxLocals) break;
    std::optional<std::string> name = ReadString(memory_, layout_, entry.key);
    if (!name || IsDunder(*name)) continue;
    locals.push_back({std::move(*name), repr_.Of(entry.value)});
  }
  return locals;
}

}  // namespace austin
