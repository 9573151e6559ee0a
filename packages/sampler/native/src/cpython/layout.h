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

/// Where an instance keeps its attributes when its type does not use `tp_dictoffset`.
enum class AttributeModel : uint8_t {
  /// 3.8 to 3.10: only `tp_dictoffset`.
  kDictOffset,
  /// 3.11: a word with the values and a word with the dict, both before the object.
  kTwoPointers,
  /// 3.12: one word before the object; bit 0 set means values at word + 1, clear means a dict.
  kTaggedPointer,
  /// 3.13 and later: the dict word before the object when set, else values behind the object's basic size.
  kInlineValues,
};

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
    /// 3.15 and later: the interpreter frame that started the collection, or 0.
    Offset gc_frame;
  } interpreter;

  /// The GIL record; offsets from the address `gil_pointer` holds (3.12+) or from its `last_holder` (before).
  struct {
    Offset last_holder, locked, switch_number;
    /// Free-threaded builds: an int, 0 while the interpreter runs without a GIL.
    Offset enabled;
    /// The condition variable and the mutex on which threads wait for the GIL lie between these.
    Offset wait_begin, wait_end;
  } gil;

  struct {
    Offset size, next, previous, interp;
    /// The word that leads to the top frame: `frame`, `cframe` or `current_frame` by FrameModel.
    Offset top;
    /// 3.15 and later: pointer to the frame at the bottom.
    Offset base_frame;
    Offset thread_id, native_thread_id;
    /// 3.11 and later; `datastack_top` and `datastack_limit` follow at +8 and +16.
    Offset datastack_chunk;
    /// 3.13 and later, an int: 0 detached, 1 attached (may run Python code), others wait.
    Offset state;
    /// 3.15 and later, an int: not 0 while the thread waits for the GIL.
    Offset gil_requested;
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
    /// 3.11 only: a byte, not 0 for the outermost frame of an activation of the interpreter loop. Later a frame of the
    /// interpreter's own (shim) lies there instead.
    Offset entry;
    /// Free-threaded 3.14 and later.
    Offset tlbc_index;
    Offset locals;
    /// Pointer to the mapping with the names of a class body or module, which are not in `locals`.
    Offset locals_mapping;
    /// 3.14 and later: a pointer. What was there before is an index or is not kept up to date.
    Offset stack_pointer;
    /// 3.8 to 3.10: a byte, `f_executing` or `f_state`, and what it holds while the frame is on a stack. A frame that has
    /// returned keeps everything else until it is used again.
    Offset running;
    int32_t running_value;
    /// Bytes per unit of `last_instruction`: 1, or 2 in 3.10.
    int32_t last_instruction_unit;
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
    /// 3.8 to 3.10: pointer to the tuple of constants.
    Offset constants;
    /// Tuple of the names of `frame.locals`; up to 3.10 those of cells and free variables come after them.
    Offset locals_names;
    /// 3.11 and later: bytes with a kind for each name.
    Offset locals_kinds;
    /// 3.8 to 3.10.
    Offset cell_names, free_names;
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
    /// In the block `keys` points to. 3.8 to 3.10: number of index slots, a signed word.
    Offset keys_slot_count;
    /// 3.11 and later, one byte each: log2 of the bytes of the index table; 0 general, 1 string keys, 2 split.
    Offset keys_log2_index_bytes, keys_kind;
    /// Number of entries in use, deleted ones included, a signed word.
    Offset keys_entry_count;
    /// Start of the index table. The entries follow it.
    Offset keys_indices;
    /// In the block `values` points to: start of the array of values.
    Offset values_first;
    /// Bytes to read from the start of a dict, and of a keys block, to have every field above.
    Offset size, keys_size;
  } dict;

  struct {
    /// `name` leads to a C string.
    Offset name, flags, basic_size, dict_offset;
    /// The dict with what the class defines. 3.12 and later: 0 in static types of the interpreter itself.
    Offset attributes;
    /// Only types made while the program runs have these.
    Offset qualname, cached_keys;
    AttributeModel attribute_model;
    /// Distances in bytes from the object *down* to the words of AttributeModel.
    Offset dict_before, values_before;
  } type;

  struct {
    /// Before 3.12: signed count of digits. From 3.12: count << 3 | sign (0 positive, 1 zero, 2 negative).
    Offset tag;
    /// 32-bit words of 30 bits each, least significant first.
    Offset digits;
    bool sign_in_tag;
  } integer;

  struct {
    /// A module's pointer to its dict.
    Offset dict;
    Offset name;
  } module;

  struct {
    Offset items;
  } tuple;

  /// `items` is a pointer here.
  struct {
    Offset items;
  } list;

  /// A float: its value is a double.
  struct {
    Offset value;
  } real;

  /// A set or frozenset: a hash table of mask + 1 slots, each a key and its hash.
  struct {
    Offset used, mask, table;
  } set;

  struct {
    Offset value;
  } cell;

  struct {
    Offset qualname;
  } function;

  struct {
    Offset function;
  } method;

  /// A function written in C: pointer to its definition, which begins with a pointer to its name.
  struct {
    Offset definition;
  } builtin;

  /// Generators and coroutines, 3.14 and later.
  struct {
    /// The interpreter frame within the object.
    Offset frame;
    Offset qualname;
    /// A byte that says what it does.
    Offset state;
    /// Values of that byte: not begun; waiting for what is on top of its stack (first to last); running.
    int32_t created, waiting_first, waiting_last, executing;
  } generator;
};

}  // namespace austin
