#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "binary/elf_image.h"
#include "unwind/cfi_table.h"
#include "unwind/module_file.h"

namespace austin {

/// A part of the interpreter loop's code, in the addresses of the file.
struct LoopPart {
  uint64_t start = 0;
  uint64_t end = 0;
  /// A function that the loop's own calls; see InterpreterLoop::Part.
  bool is_handler = false;
};

/// Calls `visit` with where each direct jump in x86-64 code goes, conditional or not. Instructions are not told apart from what
/// is within them, so some of the answers are no jumps.
void ForEachJump(std::span<const std::byte> code, uint64_t address, const std::function<void(uint64_t)>& visit);

/// The parts of the code around [start, end) that a compiler has moved elsewhere: covered by entries of the call frame information
/// that begin in the middle of a function, reached by jumps from there, and jumping back. Needs no symbols.
std::vector<LoopPart> FindSplitParts(const ElfImage& image, const CfiTable& table, uint64_t start, uint64_t end);

/// The parts of `_PyEval_EvalFrameDefault` in a file: by its symbols or those of its debug file, else by what it exports and
/// FindSplitParts. ModuleFile::LoopParts keeps them.
std::vector<LoopPart> FindLoopParts(const ModuleFile& file);

}  // namespace austin
