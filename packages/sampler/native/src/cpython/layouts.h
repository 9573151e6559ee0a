#pragma once

#include "base/result.h"
#include "cpython/layout.h"
#include "memory/memory_reader.h"

namespace austin {

/// The memory layout of the interpreter whose `_PyRuntime` is at `runtime`.
///
/// 3.8 to 3.12 come from tables made from CPython's headers; no field used here moved between the releases of one
/// minor version, but it did before the first one, so pre-releases of those are refused. From 3.13 on the
/// interpreter's own description is read, checked, and believed over `version`'s patch level and over
/// `free_threaded_hint`, which is what the file's name or tags told.
///
/// Errors: kPythonUnsupported for versions without a table; kPythonLayout where the description makes no sense;
/// kProcessGone or kPermission where it cannot be read.
Result<Layout> LayoutFor(PythonVersion version, bool free_threaded_hint, MemoryReader& memory, Address runtime);

}  // namespace austin
