#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cpython/asyncio_layout.h"
#include "cpython/layout.h"
#include "cpython/py_type.h"
#include "memory/memory_reader.h"

namespace austin {

/// A coroutine that a task waits in.
struct CoroutineFrame {
  Address code = 0;
  /// Address of the instruction it waits at; 0: it has not begun.
  Address instruction = 0;

  bool operator==(const CoroutineFrame&) const = default;
};

enum class TaskState : uint8_t {
  /// Its first step is still to come.
  kCreated,
  kWaiting,
  /// Its coroutine is on the stack of a thread.
  kRunning,
};

struct AsyncioTask {
  Address address = 0;
  std::string name;
  /// The event loop object.
  Address loop = 0;
  TaskState state = TaskState::kWaiting;
  /// The tasks that await this one, through any number of plain futures.
  std::vector<Address> awaited_by;
  /// The coroutine the task was made of.
  Address coroutine = 0;
  /// Where the task's outermost coroutine has its frame, to be found on a thread's stack while it runs.
  Address frame = 0;
  /// The coroutines it waits in, outermost first; those of a running task are on the thread's stack instead.
  std::vector<CoroutineFrame> frames;

  bool operator==(const AsyncioTask&) const = default;
};

/// What a thread runs.
struct RunningTask {
  Address loop = 0;
  Address task = 0;
};

/// Reads asyncio's tasks of 3.14 and later. Each task is read until two reads agree, so that names, waiters and coroutines belong
/// together. All lists of the target are bounded, and checked against their backward links.
class TaskReader {
 public:
  TaskReader(MemoryReader& memory, const Layout& layout, const AsyncioLayout& asyncio)
      : memory_(memory), layout_(layout), asyncio_(asyncio), types_(memory, layout) {}

  /// The tasks of a thread that have been suspended or scheduled and have not ended. Empty when the list kept changing.
  std::optional<std::vector<Address>> TasksOfThread(Address thread_state);
  /// Those whose thread has ended.
  std::optional<std::vector<Address>> TasksOfEndedThreads(Address interpreter);

  std::optional<RunningTask> Running(Address thread_state);

  /// Empty when it is no task (any more) or kept changing.
  std::optional<AsyncioTask> Read(Address task);

  // Parts of a task, read once.

  /// The coroutine (or generator) it was made of; empty when it is no task, has ended, or was made of something else.
  std::optional<Address> Coroutine(Address task);
  /// Its name. Empty for one that asyncio has made up, "Task-12", if `only_given` is set.
  std::optional<std::string> Name(Address task, bool only_given);
  /// The tasks that await it, through any number of plain futures, the one at the lowest address first.
  std::optional<std::vector<Address>> Waiters(Address task);

  /// The class of an event loop, "asyncio.unix_events._UnixSelectorEventLoop"; empty when it cannot be read.
  std::string LoopName(Address loop);

 private:
  std::optional<std::vector<Address>> TasksOf(Address head);
  std::optional<std::vector<Address>> WalkList(Address head);
  std::optional<AsyncioTask> ReadOnce(Address task);
  std::optional<std::string> NameOf(Address name);
  /// Adds the tasks that await a task or future to `waiters`.
  bool AppendWaiters(Address future, int depth, std::vector<Address>& waiters);
  void FollowCoroutines(AsyncioTask& task);
  Address AwaitedOnTop(Address stack_pointer);
  /// The coroutine or generator behind an awaited object, or 0.
  Address Unwrapped(Address awaited);

  MemoryReader& memory_;
  const Layout& layout_;
  const AsyncioLayout asyncio_;
  TypeReader types_;
};

}  // namespace austin
