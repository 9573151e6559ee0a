#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/result.h"
#include "cpython/layout.h"

namespace austin {

/// The first eight bytes of `_Py_DebugOffsets`, "xdebugpy", as a word in native byte order.
uint64_t DebugOffsetsCookie();

/// Length of `_Py_DebugOffsets` in 64-bit words, or 0 for minor versions whose shape is not known. The structure
/// does not say its own length or shape: both follow from the minor version alone.
size_t DebugOffsetsWordCount(int minor);

/// Turns the words at the start of `_PyRuntime` of CPython 3.13 and later into a layout. The words are hostile
/// input: each one that is used is checked against its structure's size and its neighbours. `expected` is the
/// version that was found by other means; the minor must agree.
Result<Layout> LayoutFromDebugOffsets(PythonVersion expected, std::span<const uint64_t> words);

}  // namespace austin
