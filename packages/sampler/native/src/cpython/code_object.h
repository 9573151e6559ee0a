#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cpython/layout.h"
#include "memory/memory_reader.h"

namespace austin {

/// What tells a code object from another one that later takes its address. Fields that a version lacks are 0.
struct CodeSignature {
  /// 3.12 and later; changes with every new code object until a 32-bit counter runs out, from then on 0.
  uint32_t version = 0;
  int32_t first_line = 0;
  Address filename = 0;
  Address name = 0;
  Address qualname = 0;
  Address line_table = 0;
  /// 3.8 to 3.10.
  Address instructions = 0;
  Address constants = 0;

  friend bool operator==(const CodeSignature&, const CodeSignature&) = default;
};

/// The bytes of a code object that hold its signature, at most a hundred or so. Read them to see whether a cached
/// code object is still the one at the address.
RemoteRange SignatureRange(const Layout& layout, Address code);

/// Takes the signature out of a copy of SignatureRange.
CodeSignature SignatureFrom(const Layout& layout, const std::byte* copy);

struct CodeInfo {
  /// The qualified name where the version has one (3.11), else the plain name.
  std::string name;
  std::string filename;
  int32_t first_line = 0;
  /// For FindPosition. Empty when it is larger than kMaxBytesLength: all instructions are then in the first line.
  std::vector<std::byte> line_table;
  CodeSignature signature;
  /// `co_flags`.
  uint32_t flags = 0;
  /// `co_version`, or 0.
  uint32_t version = 0;
  /// Size of a frame of this code on the thread's data stack, in 8-byte words; 0 before 3.11 or when absurd.
  uint32_t frame_size_words = 0;
  /// A frame whose instruction offset is below this is not complete, and hidden by Python. 0 before 3.11.
  uint32_t first_traceable_bytes = 0;
  /// Length of the instructions, inline caches included. Valid instruction offsets are below.
  uint32_t code_bytes = 0;
  /// 3.11 and later: the instructions start this many bytes behind the code object's address. Else 0.
  uint32_t code_start_offset = 0;
};

/// Reads a code object with its strings and table, then the code object again. Empty when something is unreadable
/// or makes no sense, or when the two reads differ: another code object took the address meanwhile.
std::optional<CodeInfo> ReadCode(MemoryReader& memory, const Layout& layout, Address code);

/// Where the copy of a code object's instructions with this index begins. In free-threaded builds from 3.14 on each thread
/// specialises a copy of its own, and its frames say which one they run; copy 0 is the original inside the code object.
/// Empty where the version has no copies, or there is none with this index.
std::optional<Address> ReadCodeCopy(MemoryReader& memory, const Layout& layout, Address code, int32_t index);

}  // namespace austin
