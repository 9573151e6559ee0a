#pragma once

#include <sys/types.h>

#include "memory/memory_reader.h"

namespace austin {

struct AsyncioSection {
  /// Whether the process has loaded the module `_asyncio`, or may have it built in.
  bool is_loaded = false;
  /// Address of the words with which `_asyncio` describes itself (3.14 and later), or 0 where they were not found.
  Address words = 0;
};

/// Looks for the section `.AsyncioDebug` in the files that a process has mapped: the module `_asyncio`, else the program and
/// the Python library. Sections are told by files alone, not by memory.
AsyncioSection FindAsyncioSection(pid_t pid, MemoryReader& memory);

}  // namespace austin
