#include "cpython/debug_offsets.h"

#include <array>
#include <cstring>
#include <optional>
#include <string>

namespace austin {
namespace {

/// The words that are used. Sizes come first in each group: the checks of the group's fields need them.
enum Word : int {
  kFreeThreaded,
  kRuntimeSize,
  kRuntimeFinalizing,
  kRuntimeInterpretersHead,
  kInterpreterSize,
  kInterpreterId,
  kInterpreterNext,
  kInterpreterThreadsHead,
  kInterpreterGc,
  kInterpreterModules,
  kInterpreterCevalGil,
  kInterpreterGil,
  kInterpreterGilLocked,
  kInterpreterGilHolder,
  kInterpreterCodeGeneration,
  kThreadSize,
  kThreadPrevious,
  kThreadNext,
  kThreadInterp,
  kThreadCurrentFrame,
  kThreadBaseFrame,
  kThreadId,
  kThreadNativeId,
  kThreadDatastackChunk,
  kThreadStatus,
  kThreadGilRequested,
  kFrameSize,
  kFramePrevious,
  kFrameExecutable,
  kFrameInstruction,
  kFrameLocals,
  kFrameOwner,
  kFrameStackPointer,
  kFrameTlbcIndex,
  kCodeSize,
  kCodeFilename,
  kCodeName,
  kCodeQualname,
  kCodeLineTable,
  kCodeFirstLine,
  kCodeArgCount,
  kCodeLocalsPlusNames,
  kCodeLocalsPlusKinds,
  kCodeAdaptive,
  kCodeTlbc,
  kObjectSize,
  kObjectType,
  kTypeSize,
  kTypeName,
  kTypeFlags,
  kTypeBasicSize,
  kTypeDictOffset,
  kHeapTypeSize,
  kHeapTypeCachedKeys,
  kTupleSize,
  kTupleItems,
  kListSize,
  kListItems,
  kDictSize,
  kDictKeys,
  kDictValues,
  kLongSize,
  kLongTag,
  kLongDigits,
  kBytesSize,
  kBytesLength,
  kBytesData,
  kUnicodeSize,
  kUnicodeState,
  kUnicodeLength,
  kUnicodeAsciiSize,
  kUnicodeCompactSize,
  kGcSize,
  kGcCollecting,
  kGcFrame,
  kGeneratorSize,
  kGeneratorName,
  kGeneratorFrame,
  kGeneratorState,
  kWordCount,
};

/// A structure's own size, which has no bytes within a structure.
constexpr int kSize = 0;
constexpr int kNone = -1;

enum Presence : uint8_t {
  kAlways,
  /// The word is there in every build and 0 unless the build is free-threaded.
  kFreeThreadedOnly,
};

struct Rule {
  Word word;
  const char* name;
  /// The size of the structure that holds the field; the word itself for sizes.
  Word group;
  /// Bytes of the field, which are also its alignment.
  int width;
  /// Index of the word in 3.13, 3.14, 3.15; kNone where the version does not tell.
  std::array<int, 3> index;
  Presence presence = kAlways;
};

constexpr int kFirstMinor = 13;
constexpr std::array<size_t, 3> kTotalWords = {73, 95, 111};

// Indices from `struct _Py_DebugOffsets`: 3.13 pycore_runtime.h, 3.14 and 3.15 pycore_debug_offsets.h.
constexpr Rule kRules[] = {
    {kRuntimeSize, "runtime_state.size", kRuntimeSize, kSize, {3, 3, 3}},
    {kRuntimeFinalizing, "runtime_state.finalizing", kRuntimeSize, 8, {4, 4, 4}},
    {kRuntimeInterpretersHead, "runtime_state.interpreters_head", kRuntimeSize, 8, {5, 5, 5}},
    {kInterpreterSize, "interpreter_state.size", kInterpreterSize, kSize, {6, 6, 6}},
    {kInterpreterId, "interpreter_state.id", kInterpreterSize, 8, {7, 7, 7}},
    {kInterpreterNext, "interpreter_state.next", kInterpreterSize, 8, {8, 8, 8}},
    {kInterpreterThreadsHead, "interpreter_state.threads_head", kInterpreterSize, 8, {9, 9, 9}},
    {kInterpreterGc, "interpreter_state.gc", kInterpreterSize, 8, {10, 11, 11}},
    {kInterpreterModules, "interpreter_state.imports_modules", kInterpreterSize, 8, {11, 12, 12}},
    {kInterpreterCevalGil, "interpreter_state.ceval_gil", kInterpreterSize, 8, {14, 15, 15}},
    {kInterpreterGil, "interpreter_state.gil_runtime_state", kInterpreterSize, 8, {15, 16, 16}},
    {kInterpreterGilLocked, "interpreter_state.gil_runtime_state_locked", kInterpreterSize, 8, {17, 18, 18}},
    {kInterpreterGilHolder, "interpreter_state.gil_runtime_state_holder", kInterpreterSize, 8, {18, 19, 19}},
    {kInterpreterCodeGeneration, "interpreter_state.code_object_generation", kInterpreterSize, 8, {kNone, 20, 20}},
    {kThreadSize, "thread_state.size", kThreadSize, kSize, {19, 22, 22}},
    {kThreadPrevious, "thread_state.prev", kThreadSize, 8, {20, 23, 23}},
    {kThreadNext, "thread_state.next", kThreadSize, 8, {21, 24, 24}},
    {kThreadInterp, "thread_state.interp", kThreadSize, 8, {22, 25, 25}},
    {kThreadCurrentFrame, "thread_state.current_frame", kThreadSize, 8, {23, 26, 26}},
    {kThreadBaseFrame, "thread_state.base_frame", kThreadSize, 8, {kNone, kNone, 27}},
    {kThreadId, "thread_state.thread_id", kThreadSize, 8, {24, 27, 30}},
    {kThreadNativeId, "thread_state.native_thread_id", kThreadSize, 8, {25, 28, 31}},
    {kThreadDatastackChunk, "thread_state.datastack_chunk", kThreadSize, 8, {26, 29, 32}},
    {kThreadStatus, "thread_state.status", kThreadSize, 4, {27, 30, 33}},
    {kThreadGilRequested, "thread_state.gil_requested", kThreadSize, 4, {kNone, kNone, 35}},
    {kFrameSize, "interpreter_frame.size", kFrameSize, kSize, {28, 31, 39}},
    {kFramePrevious, "interpreter_frame.previous", kFrameSize, 8, {29, 32, 40}},
    {kFrameExecutable, "interpreter_frame.executable", kFrameSize, 8, {30, 33, 41}},
    {kFrameInstruction, "interpreter_frame.instr_ptr", kFrameSize, 8, {31, 34, 42}},
    {kFrameLocals, "interpreter_frame.localsplus", kFrameSize, 8, {32, 35, 43}},
    {kFrameOwner, "interpreter_frame.owner", kFrameSize, 1, {33, 36, 44}},
    {kFrameStackPointer, "interpreter_frame.stackpointer", kFrameSize, 8, {kNone, 37, 45}},
    {kFrameTlbcIndex, "interpreter_frame.tlbc_index", kFrameSize, 4, {kNone, 38, 46}, kFreeThreadedOnly},
    {kCodeSize, "code_object.size", kCodeSize, kSize, {34, 39, 47}},
    {kCodeFilename, "code_object.filename", kCodeSize, 8, {35, 40, 48}},
    {kCodeName, "code_object.name", kCodeSize, 8, {36, 41, 49}},
    {kCodeQualname, "code_object.qualname", kCodeSize, 8, {37, 42, 50}},
    {kCodeLineTable, "code_object.linetable", kCodeSize, 8, {38, 43, 51}},
    {kCodeFirstLine, "code_object.firstlineno", kCodeSize, 4, {39, 44, 52}},
    {kCodeArgCount, "code_object.argcount", kCodeSize, 4, {40, 45, 53}},
    {kCodeLocalsPlusNames, "code_object.localsplusnames", kCodeSize, 8, {41, 46, 54}},
    {kCodeLocalsPlusKinds, "code_object.localspluskinds", kCodeSize, 8, {42, 47, 55}},
    {kCodeAdaptive, "code_object.co_code_adaptive", kCodeSize, 8, {43, 48, 56}},
    {kCodeTlbc, "code_object.co_tlbc", kCodeSize, 8, {kNone, 49, 57}, kFreeThreadedOnly},
    {kObjectSize, "pyobject.size", kObjectSize, kSize, {44, 50, 58}},
    {kObjectType, "pyobject.ob_type", kObjectSize, 8, {45, 51, 59}},
    {kTypeSize, "type_object.size", kTypeSize, kSize, {46, 52, 60}},
    {kTypeName, "type_object.tp_name", kTypeSize, 8, {47, 53, 61}},
    {kTypeFlags, "type_object.tp_flags", kTypeSize, 8, {49, 55, 63}},
    {kTypeBasicSize, "type_object.tp_basicsize", kTypeSize, 8, {kNone, kNone, 64}},
    {kTypeDictOffset, "type_object.tp_dictoffset", kTypeSize, 8, {kNone, kNone, 65}},
    {kHeapTypeSize, "heap_type_object.size", kHeapTypeSize, kSize, {kNone, kNone, 66}},
    {kHeapTypeCachedKeys, "heap_type_object.ht_cached_keys", kHeapTypeSize, 8, {kNone, kNone, 67}},
    {kTupleSize, "tuple_object.size", kTupleSize, kSize, {50, 56, 68}},
    {kTupleItems, "tuple_object.ob_item", kTupleSize, 8, {51, 57, 69}},
    {kListSize, "list_object.size", kListSize, kSize, {53, 59, 71}},
    {kListItems, "list_object.ob_item", kListSize, 8, {54, 60, 72}},
    {kDictSize, "dict_object.size", kDictSize, kSize, {56, 66, 78}},
    {kDictKeys, "dict_object.ma_keys", kDictSize, 8, {57, 67, 79}},
    {kDictValues, "dict_object.ma_values", kDictSize, 8, {58, 68, 80}},
    {kLongSize, "long_object.size", kLongSize, kSize, {61, 71, 83}},
    {kLongTag, "long_object.lv_tag", kLongSize, 8, {62, 72, 84}},
    {kLongDigits, "long_object.ob_digit", kLongSize, 4, {63, 73, 85}},
    {kBytesSize, "bytes_object.size", kBytesSize, kSize, {64, 74, 86}},
    {kBytesLength, "bytes_object.ob_size", kBytesSize, 8, {65, 75, 87}},
    {kBytesData, "bytes_object.ob_sval", kBytesSize, 1, {66, 76, 88}},
    {kUnicodeSize, "unicode_object.size", kUnicodeSize, kSize, {67, 77, 89}},
    {kUnicodeState, "unicode_object.state", kUnicodeSize, 4, {68, 78, 90}},
    {kUnicodeLength, "unicode_object.length", kUnicodeSize, 8, {69, 79, 91}},
    // Sizes of the two smaller forms of a str; their characters start there, so they are checked like fields.
    {kUnicodeAsciiSize, "unicode_object.asciiobject_size", kUnicodeSize, 8, {70, 80, 92}},
    {kUnicodeCompactSize, "unicode_object.compactunicodeobject_size", kUnicodeSize, 8, {kNone, kNone, 93}},
    {kGcSize, "gc.size", kGcSize, kSize, {71, 81, 94}},
    {kGcCollecting, "gc.collecting", kGcSize, 4, {72, 82, 95}},
    {kGcFrame, "gc.frame", kGcSize, 8, {kNone, kNone, 96}},
    {kGeneratorSize, "gen_object.size", kGeneratorSize, kSize, {kNone, 83, 99}},
    {kGeneratorName, "gen_object.gi_name", kGeneratorSize, 8, {kNone, 84, 100}},
    {kGeneratorFrame, "gen_object.gi_iframe", kGeneratorSize, 8, {kNone, 85, 101}},
    {kGeneratorState, "gen_object.gi_frame_state", kGeneratorSize, 1, {kNone, 86, 102}},
};

/// No structure of CPython comes near this; the largest, the runtime, is below half of it.
constexpr uint64_t kMaxStructureSize = 1 << 20;

Error Bad(const char* name, uint64_t value, const std::string& expected) {
  return {ErrorCode::kPythonLayout, std::string("the interpreter's description of itself has ") + name + " = " +
                                        std::to_string(value) + "; expected " + expected +
                                        ". It may be damaged, or of a modified or unfinished version of Python"};
}

using Values = std::array<std::optional<Offset>, kWordCount>;

/// Checks each word by itself. Words for fields that the build does not have stay empty.
Result<Values> CheckedWords(std::span<const uint64_t> words, size_t column, bool free_threaded) {
  Values values;
  for (const Rule& rule : kRules) {
    if (rule.index[column] == kNone) continue;
    if (rule.presence == kFreeThreadedOnly && !free_threaded) continue;
    const uint64_t value = words[rule.index[column]];
    if (rule.width == kSize) {
      if (value == 0 || value >= kMaxStructureSize) {
        return Bad(rule.name, value, "a size from 1 to " + std::to_string(kMaxStructureSize - 1));
      }
    } else {
      const uint64_t size = uint64_t(*values[rule.group]);
      const uint64_t width = uint64_t(rule.width);
      if (width > size || value > size - width) {
        return Bad(rule.name, value, "an offset below the structure's size of " + std::to_string(size));
      }
      if (value % width != 0) return Bad(rule.name, value, "a multiple of " + std::to_string(width));
    }
    values[rule.word] = Offset(value);
  }
  return values;
}

/// Checks what must hold between words, including everything that FillDerived relies on.
std::optional<Error> Inconsistency(const Values& v, bool free_threaded) {
  const auto value = [&v](Word word) { return v[word].value_or(kAbsent); };
  struct Claim {
    bool holds;
    const char* name;
    Word word;
    const char* expected;
  };
  const Offset header = value(kObjectSize);
  const Claim claims[] = {
      {header == (free_threaded ? 32 : 16), "pyobject.size", kObjectSize, "16, or 32 in a free-threaded build"},
      {value(kObjectType) == header - 8, "pyobject.ob_type", kObjectType, "the last word of the header"},
      {value(kBytesLength) == header, "bytes_object.ob_size", kBytesLength, "the word behind the header"},
      {value(kBytesData) >= header + 8, "bytes_object.ob_sval", kBytesData, "a place behind the length"},
      {value(kUnicodeLength) == header, "unicode_object.length", kUnicodeLength, "the word behind the header"},
      {value(kUnicodeState) >= header + 8, "unicode_object.state", kUnicodeState, "a place behind the length"},
      {value(kUnicodeAsciiSize) >= value(kUnicodeState) + 4, "unicode_object.asciiobject_size", kUnicodeAsciiSize,
       "a place behind the state"},
      {value(kUnicodeAsciiSize) + 24 <= value(kUnicodeSize), "unicode_object.size", kUnicodeSize,
       "room for the fields of a str that is not ASCII"},
      {value(kLongTag) >= header, "long_object.lv_tag", kLongTag, "a place behind the header"},
      {value(kLongDigits) == value(kLongTag) + 8, "long_object.ob_digit", kLongDigits, "the word behind the tag"},
      {value(kDictKeys) >= header, "dict_object.ma_keys", kDictKeys, "a place behind the header"},
      {value(kDictValues) >= header, "dict_object.ma_values", kDictValues, "a place behind the header"},
      {value(kTypeName) == header + 8, "type_object.tp_name", kTypeName, "the second word behind the header"},
      {value(kTypeFlags) + 128 <= value(kTypeSize), "type_object.tp_flags", kTypeFlags,
       "at least 128 bytes before the end of the type"},
      {value(kTypeSize) + 512 < Offset(kMaxStructureSize), "type_object.size", kTypeSize, "less than 1 MiB"},
      {value(kThreadDatastackChunk) + 24 <= value(kThreadSize), "thread_state.datastack_chunk", kThreadDatastackChunk,
       "three words within the thread state"},
      {value(kThreadCurrentFrame) < value(kThreadDatastackChunk), "thread_state.current_frame", kThreadCurrentFrame,
       "before the data stack's fields"},
      {value(kThreadStatus) + 20 <= value(kThreadSize), "thread_state.status", kThreadStatus,
       "at least 20 bytes before the end of the thread state"},
      {value(kFrameOwner) < value(kFrameLocals), "interpreter_frame.owner", kFrameOwner, "a place before the locals"},
      {value(kFramePrevious) < value(kFrameLocals), "interpreter_frame.previous", kFramePrevious,
       "a place before the locals"},
      {value(kFrameExecutable) < value(kFrameLocals), "interpreter_frame.executable", kFrameExecutable,
       "a place before the locals"},
      {value(kFrameInstruction) < value(kFrameLocals), "interpreter_frame.instr_ptr", kFrameInstruction,
       "a place before the locals"},
      {value(kFrameStackPointer) < value(kFrameLocals), "interpreter_frame.stackpointer", kFrameStackPointer,
       "a place before the locals"},
      {value(kFrameTlbcIndex) < value(kFrameLocals), "interpreter_frame.tlbc_index", kFrameTlbcIndex,
       "a place before the locals"},
      {value(kCodeArgCount) >= header + 8 + 4, "code_object.argcount", kCodeArgCount, "a place behind the flags"},
      {value(kCodeFirstLine) == value(kCodeArgCount) + 16, "code_object.firstlineno", kCodeFirstLine,
       "the fourth int behind the argument count"},
      {value(kCodeLocalsPlusNames) == value(kCodeFirstLine) + 28, "code_object.localsplusnames", kCodeLocalsPlusNames,
       "the place behind the six ints that follow the first line"},
      {value(kCodeLocalsPlusNames) < value(kCodeAdaptive), "code_object.localsplusnames", kCodeLocalsPlusNames,
       "a place before the instructions"},
      {value(kCodeAdaptive) - 24 >= value(kCodeLineTable) + 8, "code_object.co_code_adaptive", kCodeAdaptive,
       "a place well behind the line table"},
      {value(kCodeFilename) < value(kCodeAdaptive), "code_object.filename", kCodeFilename,
       "a place before the instructions"},
      {value(kCodeName) < value(kCodeAdaptive), "code_object.name", kCodeName, "a place before the instructions"},
      {value(kCodeQualname) < value(kCodeAdaptive), "code_object.qualname", kCodeQualname,
       "a place before the instructions"},
      {value(kCodeTlbc) < value(kCodeAdaptive), "code_object.co_tlbc", kCodeTlbc, "a place before the instructions"},
      {value(kInterpreterGc) >= 24 && value(kInterpreterGc) <= value(kInterpreterSize) - value(kGcSize),
       "interpreter_state.gc", kInterpreterGc, "the whole collector state within the interpreter state"},
      {value(kFramePrevious) + 40 <= value(kFrameLocals), "interpreter_frame.previous", kFramePrevious,
       "room for the function, globals, builtins and locals behind it"},
      {value(kTupleItems) >= header + 8, "tuple_object.ob_item", kTupleItems, "a place behind the length"},
      {value(kListItems) >= header + 8, "list_object.ob_item", kListItems, "a place behind the length"},
      {value(kTypeFlags) > value(kTypeName), "type_object.tp_flags", kTypeFlags, "a place behind the name"},
      {!v[kTypeDictOffset] || value(kTypeDictOffset) >= 24, "type_object.tp_dictoffset", kTypeDictOffset,
       "a place behind the dict of the type"},
      {!v[kHeapTypeCachedKeys] || value(kHeapTypeCachedKeys) >= value(kTypeSize) + 8, "heap_type_object.ht_cached_keys",
       kHeapTypeCachedKeys, "a place behind the type"},
      {value(kInterpreterGilHolder) - value(kInterpreterGil) == (free_threaded ? 16 : 8),
       "interpreter_state.gil_runtime_state_holder", kInterpreterGilHolder,
       "the second or third word of the GIL record"},
      {value(kInterpreterGilLocked) == value(kInterpreterGilHolder) + 8, "interpreter_state.gil_runtime_state_locked",
       kInterpreterGilLocked, "the word behind the holder"},
  };
  for (const Claim& claim : claims) {
    if (!claim.holds) return Bad(claim.name, uint64_t(value(claim.word)), claim.expected);
  }
  return std::nullopt;
}

/// pycore_frame.h `enum _framestate`, as the byte in memory.
void FillGenerator(const Values& v, Layout& layout) {
  // `gi_qualname` follows `gi_name`.
  layout.generator = {.frame = v[kGeneratorFrame].value_or(kAbsent),
                      .qualname = v[kGeneratorName] ? *v[kGeneratorName] + 8 : kAbsent,
                      .state = v[kGeneratorState].value_or(kAbsent),
                      .created = 0,
                      .waiting_first = 0,
                      .waiting_last = 0,
                      .executing = 0};
  if (layout.version.minor == 14) {
    layout.generator.created = uint8_t(-3);
    layout.generator.waiting_first = layout.generator.waiting_last = uint8_t(-1);
  } else if (layout.version.minor == 15) {
    layout.generator.waiting_first = 2;
    layout.generator.waiting_last = 3;
    layout.generator.executing = 4;
  }
}

/// Fields that the words do not give. Each follows from a neighbour, named with the header that puts it there.
void FillDerived(const Values& v, Layout& layout) {
  const auto value = [&v](Word word) { return *v[word]; };
  // pycore_interp.h, 3.14+ pycore_interp_structs.h: `runtime`, `_finalizing`, `_finalizing_id`, then `gc`.
  layout.interpreter.runtime = value(kInterpreterGc) - 24;
  // pycore_gil.h: `last_holder`, int `locked`, unsigned long `switch_number`.
  layout.gil.switch_number = layout.gil.last_holder + 16;
  // Then the condition variable and the mutex that threads wait on; 48 and 40 bytes (glibc, x86-64), elsewhere no less.
  layout.gil.wait_begin = layout.gil.switch_number + 8;
  layout.gil.wait_end = layout.gil.wait_begin + 88;
  // cpython/pystate.h: `_status` (one int of bits), [3.14: int `holds_gil`; 3.15: that and int `gil_requested`],
  // int `_whence`, int `state`.
  layout.thread.state = value(kThreadStatus) + (layout.version.minor == 13 ? 8 : layout.version.minor == 14 ? 12 : 16);
  // cpython/code.h: int `co_flags` is before `co_argcount`; `co_firstlineno`, `co_nlocalsplus`, `co_framesize`,
  // `co_nlocals`, `co_ncellvars`, `co_nfreevars`, `co_version`, then `co_localsplusnames`.
  layout.code.flags = value(kCodeArgCount) - 4;
  layout.code.frame_size = value(kCodeFirstLine) + 8;
  layout.code.version = value(kCodeLocalsPlusNames) - 4;
  // pycore_frame.h, 3.14+ pycore_interpframe_structs.h: `previous`, the function, `f_globals`, `f_builtins`, `f_locals`.
  layout.frame.locals_mapping = value(kFramePrevious) + 32;
  // Same: int `_co_firsttraceable`, `co_extra`, [free-threaded 3.14+: `co_tlbc`,] then the instructions.
  layout.code.first_traceable = value(kCodeAdaptive) - (layout.code.tlbc == kAbsent ? 16 : 24);
  // cpython/unicodeobject.h: `utf8_length`, `utf8` follow the ASCII form; the data pointer follows the compact
  // form.
  layout.unicode.compact_data = v[kUnicodeCompactSize].value_or(value(kUnicodeAsciiSize) + 16);
  layout.unicode.legacy_data_pointer = layout.unicode.compact_data;
  layout.unicode.state_shift = layout.free_threaded && layout.version.minor >= 14 ? 6 : 0;
  // cpython/object.h: `tp_basicsize` follows `tp_name`; `tp_dictoffset` is fifteen words behind `tp_flags`; a heap
  // type appends 55 function pointers and `ht_name`, `ht_slots`, `ht_qualname` before `ht_cached_keys`.
  layout.type.basic_size = v[kTypeBasicSize].value_or(value(kTypeName) + 8);
  layout.type.dict_offset = v[kTypeDictOffset].value_or(value(kTypeFlags) + 120);
  // Same: `tp_dict` is three words before `tp_dictoffset`; `ht_qualname` is the word before `ht_cached_keys`.
  layout.type.attributes = layout.type.dict_offset - 24;
  layout.type.cached_keys = v[kHeapTypeCachedKeys].value_or(value(kTypeSize) + 464);
  layout.type.qualname = layout.type.cached_keys - 8;
  // pycore_object.h MANAGED_DICT_OFFSET: the collector's two words lie between, except in free-threaded builds.
  layout.type.attribute_model = AttributeModel::kInlineValues;
  layout.type.dict_before = layout.free_threaded ? 8 : 24;
  layout.type.values_before = kAbsent;
  // pycore_dict.h `struct _dictkeysobject` (a free-threaded build's lock fills a gap) and `struct _dictvalues`.
  layout.dict.keys_slot_count = kAbsent;
  layout.dict.keys_log2_index_bytes = 9;
  layout.dict.keys_kind = 10;
  layout.dict.keys_entry_count = 24;
  layout.dict.keys_indices = 32;
  layout.dict.keys_size = 32;
  layout.dict.values_first = 8;
  layout.dict.size = value(kDictValues) + 8;
  // pycore_moduleobject.h: `md_dict` follows the header.
  const Offset header = value(kObjectSize);
  layout.module.dict = header;
  // Same: [up to 3.14: `md_def`,] `md_state`, `md_weaklist`, then `md_name`.
  layout.module.name = header + (layout.version.minor < 15 ? 32 : 24);
  // cpython/floatobject.h, cpython/cellobject.h, cpython/classobject.h, cpython/methodobject.h: right behind the header.
  layout.real.value = header;
  layout.cell.value = header;
  layout.method.function = header;
  layout.builtin.definition = header;
  // cpython/setobject.h: `fill`, `used`, `mask`, `table`.
  layout.set = {.used = header + 8, .mask = header + 16, .table = header + 24};
  // cpython/funcobject.h: `func_globals`, `func_builtins`, `func_name`, `func_qualname`.
  layout.function.qualname = header + 24;
  FillGenerator(v, layout);
}

Layout Filled(const Values& v, PythonVersion version, bool free_threaded) {
  const auto value = [&v](Word word) { return v[word].value_or(kAbsent); };
  Layout layout{};
  layout.version = version;
  layout.free_threaded = free_threaded;
  layout.frame_model = FrameModel::kCurrentFrame;
  layout.line_table_format = LineTableFormat::kLocations;
  layout.tagged_references = version.minor >= 14;

  layout.runtime = {.size = value(kRuntimeSize),
                    .interpreters_head = value(kRuntimeInterpretersHead),
                    .finalizing = value(kRuntimeFinalizing),
                    .gil_last_holder = kAbsent,
                    .gc_collecting = kAbsent};
  layout.interpreter = {.size = value(kInterpreterSize),
                        .next = value(kInterpreterNext),
                        .id = value(kInterpreterId),
                        .threads_head = value(kInterpreterThreadsHead),
                        .modules = value(kInterpreterModules),
                        .runtime = kAbsent,
                        .gc_collecting = value(kInterpreterGc) + value(kGcCollecting),
                        .gil_pointer = value(kInterpreterCevalGil),
                        .code_object_generation = free_threaded ? kAbsent : value(kInterpreterCodeGeneration),
                        .gc_frame = v[kGcFrame] ? value(kInterpreterGc) + value(kGcFrame) : kAbsent};
  layout.gil = {.last_holder = value(kInterpreterGilHolder) - value(kInterpreterGil),
                .locked = value(kInterpreterGilLocked) - value(kInterpreterGil),
                .switch_number = kAbsent,
                .enabled = free_threaded ? 0 : kAbsent,
                .wait_begin = kAbsent,
                .wait_end = kAbsent};
  layout.thread = {.size = value(kThreadSize),
                   .next = value(kThreadNext),
                   .previous = value(kThreadPrevious),
                   .interp = value(kThreadInterp),
                   .top = value(kThreadCurrentFrame),
                   .base_frame = value(kThreadBaseFrame),
                   .thread_id = value(kThreadId),
                   .native_thread_id = value(kThreadNativeId),
                   .datastack_chunk = value(kThreadDatastackChunk),
                   .state = kAbsent,
                   .gil_requested = value(kThreadGilRequested)};
  layout.cframe = {.current_frame = kAbsent, .previous = kAbsent};
  layout.frame = {.size = value(kFrameLocals),
                  .code = value(kFrameExecutable),
                  .previous = value(kFramePrevious),
                  .instruction = value(kFrameInstruction),
                  .last_instruction = kAbsent,
                  .owner = value(kFrameOwner),
                  .entry = kAbsent,
                  .tlbc_index = value(kFrameTlbcIndex),
                  .locals = value(kFrameLocals),
                  .locals_mapping = kAbsent,
                  .stack_pointer = value(kFrameStackPointer),
                  .running = kAbsent,
                  .running_value = 0,
                  .last_instruction_unit = 0};
  layout.code = {.size = value(kCodeAdaptive),
                 .filename = value(kCodeFilename),
                 .name = value(kCodeName),
                 .qualname = value(kCodeQualname),
                 .line_table = value(kCodeLineTable),
                 .first_line = value(kCodeFirstLine),
                 .flags = kAbsent,
                 .arg_count = value(kCodeArgCount),
                 .version = kAbsent,
                 .frame_size = kAbsent,
                 .locals_plus_count = kAbsent,
                 .stack_size = kAbsent,
                 .first_traceable = kAbsent,
                 .code_adaptive = value(kCodeAdaptive),
                 .code_bytes = kAbsent,
                 .tlbc = value(kCodeTlbc),
                 .constants = kAbsent,
                 .locals_names = value(kCodeLocalsPlusNames),
                 .locals_kinds = value(kCodeLocalsPlusKinds),
                 .cell_names = kAbsent,
                 .free_names = kAbsent};
  layout.object = {.type = value(kObjectType), .size = value(kObjectSize)};
  layout.unicode.length = value(kUnicodeLength);
  layout.unicode.state = value(kUnicodeState);
  layout.unicode.ascii_data = value(kUnicodeAsciiSize);
  layout.bytes = {.size = value(kBytesLength), .data = value(kBytesData)};
  layout.dict.keys = value(kDictKeys);
  layout.dict.values = value(kDictValues);
  layout.type.name = value(kTypeName);
  layout.type.flags = value(kTypeFlags);
  layout.tuple.items = value(kTupleItems);
  layout.list.items = value(kListItems);
  layout.integer = {.tag = value(kLongTag), .digits = value(kLongDigits), .sign_in_tag = true};
  FillDerived(v, layout);
  return layout;
}

}  // namespace

uint64_t DebugOffsetsCookie() {
  uint64_t cookie;
  std::memcpy(&cookie, "xdebugpy", sizeof cookie);
  return cookie;
}

size_t DebugOffsetsWordCount(int minor) {
  const int column = minor - kFirstMinor;
  return column < 0 || column >= int(kTotalWords.size()) ? 0 : kTotalWords[size_t(column)];
}

Result<Layout> LayoutFromDebugOffsets(PythonVersion expected, std::span<const uint64_t> words) {
  if (words.size() < 3) return Bad("length", words.size(), "at least three words");
  if (words[0] != DebugOffsetsCookie()) return Bad("cookie", words[0], "the eight characters xdebugpy");
  const PythonVersion version = PythonVersion::FromHex(uint32_t(words[1]));
  if (words[1] >> 32 != 0 || version.major != expected.major || version.minor != expected.minor) {
    return Bad("version", words[1], "Python " + std::to_string(expected.major) + "." + std::to_string(expected.minor));
  }
  const size_t count = version.major == 3 ? DebugOffsetsWordCount(version.minor) : 0;
  if (count == 0) {
    return Error{ErrorCode::kPythonUnsupported, "no known description has this version; expected 3.13 to 3.15"};
  }
  if (words.size() < count) return Bad("length", words.size(), std::to_string(count) + " words");
  if (words[2] > 1) return Bad("free_threaded", words[2], "0 or 1");

  const bool free_threaded = words[2] == 1;
  const Result<Values> values = CheckedWords(words, size_t(version.minor - kFirstMinor), free_threaded);
  if (!values) return values.error();
  if (std::optional<Error> error = Inconsistency(*values, free_threaded)) return *error;
  return Filled(*values, version, free_threaded);
}

}  // namespace austin
