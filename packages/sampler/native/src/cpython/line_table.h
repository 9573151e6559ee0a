#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "cpython/layout.h"

namespace austin {

/// A place in a source file. Everywhere 0 means unknown, except that generated code may have line 0.
struct Position {
  int32_t line = 0;
  int32_t line_end = 0;
  /// In bytes of the UTF-8 line, the first byte being 1.
  int32_t column = 0;
  /// Just behind the last byte, in the line `line_end`.
  int32_t column_end = 0;

  friend bool operator==(const Position&, const Position&) = default;
};

/// The position of the instruction at a byte offset into a code object's instructions, from its line table
/// (`co_lnotab` or `co_linetable`) and first line (`co_firstlineno`).
///
/// Instructions without a line (jumps that close a loop, cleanup) get the line of the nearest preceding range that
/// has one, else the first line, and nothing else. So does an offset behind the table. An offset below 0 means that
/// the function has not begun: its first line. Only kLocations tells more than the line. The table may be any
/// bytes.
Position FindPosition(LineTableFormat format, std::span<const std::byte> table, int32_t first_line,
                      int32_t instruction_offset_bytes);

}  // namespace austin
