#pragma once

#include <cstdint>
#include <span>

#include "cpython/layout.h"

namespace austin {

/// The instructions at which a frame leaves the stack, plain and instrumented, from Include/opcode.h (3.11, 3.12) and
/// Include/opcode_ids.h (3.13). Empty from 3.14 on: there a popped frame loses its code object, which tells more; and before
/// 3.11, where frames are not overwritten.
std::span<const uint8_t> ReturnOpcodes(PythonVersion version);

}  // namespace austin
