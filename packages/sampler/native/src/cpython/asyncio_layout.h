#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "cpython/layout.h"

namespace austin {

/// Where the module `_asyncio` of 3.14 and later keeps tasks. It tells so itself (Modules/_asynciomodule.c, `_AsyncioDebug`).
struct AsyncioLayout {
  /// Tasks, and futures as far as they have these fields.
  struct {
    Offset size, name, awaited_by;
    /// One byte each: it is a task, not a plain future; `awaited_by` is a set of several.
    Offset is_task, awaited_by_is_set;
    Offset coroutine;
    /// The links of the list it is in: next, previous.
    Offset node;
  } task;
  /// Head of the list of tasks whose threads have ended.
  Offset interpreter_tasks;
  struct {
    Offset running_loop, running_task;
    /// Head of the list of the thread's tasks.
    Offset tasks;
  } thread;
};

/// How many 64-bit words the description has.
inline constexpr size_t kAsyncioWords = 13;

/// Understands the words. Empty when they contradict themselves, or what the interpreter says of itself.
std::optional<AsyncioLayout> AsyncioLayoutFrom(const Layout& layout, const std::array<uint64_t, kAsyncioWords>& words);

}  // namespace austin
