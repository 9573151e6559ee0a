#pragma once

#include <cstdint>

#include "unwind/cfi_entry.h"
#include "unwind/cfi_row.h"

namespace austin {

/// Runs the instructions of an entry up to an address of its range and gives the rules that hold there. False where they
/// make no sense; `row` is then unchanged.
bool RunCfiProgram(const CfiEntry& entry, uint64_t address, CfiRow* row);

}  // namespace austin
