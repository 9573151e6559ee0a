#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "cpython/layout.h"
#include "cpython/py_repr.h"
#include "memory/memory_reader.h"

namespace austin {

/// What stands for a value that was replaced, or changed inside, while it was read.
inline constexpr const char* kChangingText = "<changing>";

struct LocalVariable {
  std::string name;
  std::string value;
};

/// A frame as it was found: its locals count only while it is still the same.
struct FrameIdentity {
  Address frame = 0;
  Address code = 0;
  /// Address of the current instruction, or `f_lasti` where frames live on the heap.
  uint64_t instruction = 0;
  /// The innermost frame of a thread moves on; of the others the instruction must be the same. It may return, and be called again in
  /// the same place.
  bool is_innermost = false;
};

/// Reads the local variables of frames.
///
/// Everything is read twice, with the frame before the first and after the second time. A frame that is not what it was has no
/// locals; a value that differs is `<changing>`.
class LocalsReader {
 public:
  LocalsReader(MemoryReader& memory, const Layout& layout) : memory_(memory), layout_(layout), repr_(memory, layout) {}

  /// The variables that have a value, arguments first, at most kMaxLocals; of a class body or module, the names in it without
  /// those of the form `__name__`. Empty when the frame is another by now, or unreadable.
  std::optional<std::vector<LocalVariable>> Read(const FrameIdentity& identity);

  static constexpr size_t kMaxLocals = 100;

 private:
  /// What a code object says about the variables of its frames.
  struct Variables {
    bool in_mapping = false;
    /// Offset in bytes of the first instruction that a tracing function would see; 0 before 3.11.
    int64_t first_traceable = 0;
    std::vector<std::string> names;
    /// Whether the slot may hold a cell with the value in it.
    std::vector<bool> may_be_cell;
  };

  const Variables* VariablesOf(Address code);
  std::optional<Variables> ReadVariables(Address code);
  bool AppendNames(Address field, bool are_cells, Variables& variables);
  bool ReadFrame(const FrameIdentity& identity, const Variables& variables, std::vector<std::byte>& block);
  bool IsSame(const FrameIdentity& identity, const Variables& variables, const std::byte* frame) const;
  /// The text of a slot; empty when it has no value.
  std::optional<std::string> TextOf(uint64_t word, bool may_be_cell);
  std::vector<LocalVariable> ReadSlots(const Variables& variables, const std::byte* slots);
  std::optional<std::vector<LocalVariable>> ReadMapping(Address mapping);

  MemoryReader& memory_;
  const Layout& layout_;
  PyRepr repr_;
  std::unordered_map<Address, Variables> variables_;
};

}  // namespace austin
