#pragma once

#include <optional>

#include "cpython/layout.h"
#include "memory/memory_reader.h"

namespace austin {

enum class RuntimeState {
  /// There is an interpreter with a thread, and both point at each other.
  kReady,
  /// Not a runtime, or one that is not (or no more) initialised.
  kNotReady,
};

/// Whether a runtime structure with a living interpreter is at an address. The newest interpreter may still be in the
/// making, so any one of the list will do.
RuntimeState CheckRuntime(MemoryReader& memory, const Layout& layout, Address runtime);

/// Looks through the words from `begin` to `end` for a runtime structure, by its list of interpreters. For versions
/// without debug offsets, where symbols are missing. Only what CheckRuntime accepts is returned.
std::optional<Address> ScanForRuntime(MemoryReader& memory, const Layout& layout, Address begin, Address end);

}  // namespace austin
