#pragma once

#include <cstdint>

namespace austin {

/// The version of an interpreter, taken apart from PY_VERSION_HEX.
struct PythonVersion {
  uint8_t major = 0;
  uint8_t minor = 0;
  uint8_t micro = 0;
  /// 0xA alpha, 0xB beta, 0xC candidate, 0xF final.
  uint8_t level = 0xF;
  uint8_t serial = 0;

  static PythonVersion FromHex(uint32_t hex) {
    return {uint8_t(hex >> 24), uint8_t(hex >> 16), uint8_t(hex >> 8), uint8_t((hex >> 4) & 0xF), uint8_t(hex & 0xF)};
  }
  bool AtLeast(int want_major, int want_minor) const {
    return major != want_major ? major > want_major : minor >= want_minor;
  }
};

/// A byte offset of a field, or kAbsent where this version has no such field.
using Offset = int32_t;
inline constexpr Offset kAbsent = -1;

/// How a thread's stack of Python frames is linked.
enum class FrameModel : uint8_t {
  /// 3.8 to 3.10: tstate.frame -> PyFrameObject on the heap -> f_back.
  kHeapFrames,
  /// 3.11, 3.12: tstate.cframe -> current_frame -> interpreter frame -> previous.
  kCFrame,
  /// 3.13 and later: tstate.current_frame -> interpreter frame -> previous.
  kCurrentFrame,
};

/// Which encoding of source positions the code objects carry.
enum class LineTableFormat : uint8_t { kLnotab, kPep626, kLocations };

/// The memory layout of one CPython version and build: offsets in bytes. Version differences are data:
/// code outside the tables asks a Layout, not a version number.
struct Layout {
  PythonVersion version;
  bool free_threaded = false;
  FrameModel frame_model = FrameModel::kHeapFrames;
  LineTableFormat line_table_format = LineTableFormat::kLnotab;
  /// 3.14 and later: references in frames carry tag bits. Pointer = word & ~3, unless both bits are set.
  bool tagged_references = false;

  struct {
    Offset size, interpreters_head, finalizing;
    /// 3.8 to 3.11: the one GIL record lies in the runtime; here the offset of its `last_holder`.
    Offset gil_last_holder;
    /// 3.8 only; later the interpreter has it.
    Offset gc_collecting;
  } runtime;

  struct {
    Offset size, next, id, threads_head, modules, runtime, gc_collecting;
    /// 3.12 and later: pointer to the GIL record.
    Offset gil_pointer;
    /// 3.14 and later, not free-threaded.
    Offset code_object_generation;
  } interpreter;

  /// The GIL record; offsets from the address `gil_pointer` holds (3.12+) or from its `last_holder` (before).
  struct {
    Offset last_holder, locked, switch_number;
  } gil;

  struct {
    Offset size, next, interp;
    /// The word that leads to the top frame: `frame`, `cframe` or `current_frame` by FrameModel.
    Offset top;
    /// 3.15 and later: pointer to the frame at the bottom.
    Offset base_frame;
    Offset thread_id, native_thread_id;
    /// 3.11 and later; `datastack_top` and `datastack_limit` follow at +8 and +16.
    Offset datastack_chunk;
  } thread;

  /// `_PyCFrame`, 3.11 and 3.12.
  struct {
    Offset current_frame, previous;
  } cframe;

  /// PyFrameObject (kHeapFrames) or _PyInterpreterFrame.
  struct {
    /// Bytes to read from the start of a frame to have every field below.
    Offset size;
    Offset code, previous;
    /// 3.11 and later: address of the current instruction.
    Offset instruction;
    /// 3.8 to 3.10: `f_lasti`, an int.
    Offset last_instruction;
    Offset owner;
    /// Free-threaded 3.14 and later.
    Offset tlbc_index;
    Offset locals;
    Offset stack_pointer;
  } frame;

  struct {
    /// Bytes to read from the start of a code object to have every field below.
    Offset size;
    Offset filename, name, qualname, line_table, first_line, flags, arg_count;
    /// 3.12 and later: changes whenever the address is reused.
    Offset version;
    /// 3.12 and later: size of a frame of this code in words.
    Offset frame_size;
    /// 3.11: frame size in words = 9 + locals_plus_count + stack_size.
    Offset locals_plus_count, stack_size;
    Offset first_traceable;
    /// 3.11 and later: the instructions start here, inside the object.
    Offset code_adaptive;
    /// 3.8 to 3.10: pointer to the bytes object with the instructions.
    Offset code_bytes;
    /// Free-threaded 3.14 and later.
    Offset tlbc;
  } code;

  struct {
    Offset type;
    /// Start of `ob_size` of variable-size objects.
    Offset size;
  } object;

  struct {
    Offset length, state, ascii_data, compact_data, legacy_data_pointer;
    /// Free-threaded 3.14 and later keep `interned` in a byte of its own, which moves the rest up by 6 bits.
    int32_t state_shift;
  } unicode;

  struct {
    Offset size, data;
  } bytes;

  struct {
    Offset keys, values;
  } dict;

  struct {
    Offset flags, basic_size, dict_offset, cached_keys;
  } type;
};

}  // namespace austin
