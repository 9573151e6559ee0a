#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"
#include "cpython/layout.h"
#include "memory/memory_reader.h"

namespace austin {

/// An interpreter found in a process.
struct Target {
  pid_t pid = 0;
  /// Address of `_PyRuntime`.
  Address runtime = 0;
  Layout layout;
  /// Path of the program as the target's own mount namespace names it.
  std::string executable;
  /// For example "3.12.1", "3.15.0b2"; "3.8.?" where the patch level cannot be told.
  std::string version_text;
};

}  // namespace austin
