#include "cpython/asyncio_tasks.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "cpython/py_object.h"
#include "cpython/py_string.h"

namespace austin {
namespace {

constexpr size_t kMaxTasks = 20'000;
constexpr size_t kMaxCoroutines = 1000;
constexpr size_t kMaxWaiters = 256;
/// Futures between a task and one that awaits it: gathering ones, shields.
constexpr int kMaxFutures = 8;
constexpr size_t kMaxNameCharacters = 120;
constexpr int kAttempts = 4;

// Tagged references (pycore_stackref.h).
constexpr uint64_t kTagMask = 3;
constexpr uint64_t kTaggedNull = 1;

}  // namespace

std::optional<std::vector<Address>> TaskReader::TasksOfThread(Address thread_state) {
  return TasksOf(thread_state + uint64_t(asyncio_.thread.tasks));
}

std::optional<std::vector<Address>> TaskReader::TasksOfEndedThreads(Address interpreter) {
  return TasksOf(interpreter + uint64_t(asyncio_.interpreter_tasks));
}

std::optional<std::vector<Address>> TaskReader::TasksOf(Address head) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (auto tasks = WalkList(head)) return tasks;
  }
  return std::nullopt;
}

/// A ring of nodes { next, previous } that begins and ends at its head. Empty when the links do not fit together: it changed
/// meanwhile.
std::optional<std::vector<Address>> TaskReader::WalkList(Address head) {
  using Node = std::array<Address, 2>;
  std::vector<Address> tasks;
  auto node = memory_.ReadValue<Node>(head);
  if (!node) return std::nullopt;
  Address at = head;
  while ((*node)[0] != head) {
    const Address next = (*node)[0];
    node = memory_.ReadValue<Node>(next);
    if (!node || (*node)[1] != at || tasks.size() == kMaxTasks) return std::nullopt;
    tasks.push_back(next - uint64_t(asyncio_.task.node));
    at = next;
  }
  return tasks;
}

std::optional<RunningTask> TaskReader::Running(Address thread_state) {
  const auto loop = memory_.ReadValue<Address>(thread_state + uint64_t(asyncio_.thread.running_loop));
  const auto task = memory_.ReadValue<Address>(thread_state + uint64_t(asyncio_.thread.running_task));
  if (!loop || !task) return std::nullopt;
  return RunningTask{.loop = *loop, .task = *task};
}

std::optional<AsyncioTask> TaskReader::Read(Address task) {
  std::optional<AsyncioTask> before;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::optional<AsyncioTask> now = ReadOnce(task);
    if (now && now == before) return now;
    before = std::move(now);
  }
  return std::nullopt;
}

std::optional<Address> TaskReader::Coroutine(Address task) {
  const auto is_task = memory_.ReadValue<uint8_t>(task + uint64_t(asyncio_.task.is_task));
  const auto coroutine = memory_.ReadValue<Address>(task + uint64_t(asyncio_.task.coroutine));
  if (!is_task || *is_task != 1 || !coroutine) return std::nullopt;
  const Address outermost = Unwrapped(*coroutine);
  return outermost != 0 ? std::optional(outermost) : std::nullopt;
}

std::optional<std::string> TaskReader::Name(Address task, bool only_given) {
  const auto object = memory_.ReadValue<Address>(task + uint64_t(asyncio_.task.name));
  std::optional<std::string> name = object ? NameOf(*object) : std::nullopt;
  constexpr std::string_view kMadeUp = "Task-";
  if (name && only_given && name->starts_with(kMadeUp) && name->size() > kMadeUp.size() &&
      name->find_first_not_of("0123456789", kMadeUp.size()) == std::string::npos) {
    return std::nullopt;
  }
  return name;
}

std::optional<std::vector<Address>> TaskReader::Waiters(Address task) {
  std::vector<Address> waiters;
  if (!AppendWaiters(task, 0, waiters)) return std::nullopt;
  return waiters;
}

std::optional<AsyncioTask> TaskReader::ReadOnce(Address address) {
  const auto& at = asyncio_.task;
  std::vector<std::byte> block(size_t(at.size));
  if (!memory_.Read(address, block.data(), block.size())) return std::nullopt;
  if (FieldAt<uint8_t>(block.data(), size_t(at.is_task)) != 1) return std::nullopt;
  AsyncioTask task;
  task.address = address;
  // `task_loop` comes first in every future.
  task.loop = FieldAt<Address>(block.data(), size_t(layout_.object.size));
  task.coroutine = FieldAt<Address>(block.data(), size_t(at.coroutine));
  std::optional<std::string> name = NameOf(FieldAt<Address>(block.data(), size_t(at.name)));
  // A task that has ended has no coroutine.
  if (!name || task.coroutine == 0) return std::nullopt;
  task.name = std::move(*name);
  if (!AppendWaiters(address, 0, task.awaited_by)) return std::nullopt;
  FollowCoroutines(task);
  return task;
}

/// A str, or for a name made up by asyncio the number in it (task_name in _asynciomodule.c).
std::optional<std::string> TaskReader::NameOf(Address name) {
  const TypeInfo* type = types_.TypeOf(name);
  if (type == nullptr) return std::nullopt;
  if (type->kind == TypeKind::kInt) {
    const std::optional<int64_t> number = ReadInt(memory_, layout_, name);
    return number ? std::optional("Task-" + std::to_string(*number)) : std::nullopt;
  }
  const std::optional<Characters> characters = ReadCharacters(memory_, layout_, name, kMaxNameCharacters);
  if (!characters) return std::nullopt;
  std::string text;
  for (const char32_t c : characters->first) AppendUtf8(c, text);
  if (characters->length > characters->first.size()) AppendUtf8(U'…', text);
  return text;
}

bool TaskReader::AppendWaiters(Address future, int depth, std::vector<Address>& waiters) {
  const auto& at = asyncio_.task;
  const auto awaited_by = memory_.ReadValue<Address>(future + uint64_t(at.awaited_by));
  const auto is_set = memory_.ReadValue<uint8_t>(future + uint64_t(at.awaited_by_is_set));
  if (!awaited_by || !is_set) return false;
  if (*awaited_by == 0) return true;
  std::vector<Address> direct = {*awaited_by};
  if (*is_set != 0) {
    const std::optional<Items> items = ReadSet(memory_, layout_, *awaited_by, kMaxWaiters);
    if (!items) return false;
    direct = items->items;
    std::sort(direct.begin(), direct.end());
  }
  for (const Address waiter : direct) {
    const auto is_task = memory_.ReadValue<uint8_t>(waiter + uint64_t(at.is_task));
    if (!is_task) return false;
    if (*is_task != 0) {
      if (std::find(waiters.begin(), waiters.end(), waiter) == waiters.end()) waiters.push_back(waiter);
    } else if (depth < kMaxFutures && !AppendWaiters(waiter, depth + 1, waiters)) {
      return false;
    }
    if (waiters.size() >= kMaxWaiters) break;
  }
  return true;
}

void TaskReader::FollowCoroutines(AsyncioTask& task) {
  const auto& at = layout_.generator;
  const Address outermost = Unwrapped(task.coroutine);
  task.frame = outermost == 0 ? 0 : outermost + uint64_t(at.frame);
  const auto begin = size_t(at.state);
  std::vector<std::byte> block(size_t(at.frame) + size_t(layout_.frame.size) - begin);
  for (Address coroutine = outermost; coroutine != 0 && task.frames.size() < kMaxCoroutines;) {
    if (!memory_.Read(coroutine + begin, block.data(), block.size())) return;
    const uint8_t state = FieldAt<uint8_t>(block.data(), 0);
    const std::byte* frame = block.data() + (size_t(at.frame) - begin);
    if (state == at.executing) {
      // What runs is on the thread's stack.
      if (task.frames.empty()) task.state = TaskState::kRunning;
      return;
    }
    const bool is_waiting = state >= at.waiting_first && state <= at.waiting_last;
    CoroutineFrame& seen = task.frames.emplace_back();
    seen.code = FieldAt<Address>(frame, size_t(layout_.frame.code)) & ~kTagMask;
    if (state == at.created) {
      if (task.frames.size() == 1) task.state = TaskState::kCreated;
      return;
    }
    seen.instruction = FieldAt<Address>(frame, size_t(layout_.frame.instruction));
    if (!is_waiting) return;
    coroutine = Unwrapped(AwaitedOnTop(FieldAt<Address>(frame, size_t(layout_.frame.stack_pointer))));
  }
}

/// What a coroutine waits for is on top of its evaluation stack; from 3.15 on with an unused index above it.
Address TaskReader::AwaitedOnTop(Address stack_pointer) {
  const auto words = memory_.ReadValue<std::array<uint64_t, 2>>(stack_pointer - 2 * sizeof(uint64_t));
  if (!words) return 0;
  const auto [below, top] = *words;
  const uint64_t awaited = top == kTaggedNull ? below : top;
  return (awaited & kTagMask) == kTagMask ? 0 : awaited & ~kTagMask;
}

Address TaskReader::Unwrapped(Address awaited) {
  // What these wrap is their first field (Objects/genobject.c, Objects/iterobject.c).
  constexpr std::string_view kWrappers[] = {"coroutine_wrapper", "async_generator_asend", "async_generator_athrow",
                                            "anext_awaitable"};
  for (int depth = 0; depth < 4; ++depth) {
    const TypeInfo* type = types_.TypeOf(awaited);
    if (type == nullptr) return 0;
    if (type->kind == TypeKind::kCoroutine || type->kind == TypeKind::kGenerator ||
        type->kind == TypeKind::kAsyncGenerator) {
      return awaited;
    }
    if (std::find(std::begin(kWrappers), std::end(kWrappers), type->name) == std::end(kWrappers)) return 0;
    awaited = memory_.ReadValue<Address>(awaited + uint64_t(layout_.object.size)).value_or(0);
  }
  return 0;
}

std::string TaskReader::LoopName(Address loop) {
  const TypeInfo* type = types_.TypeOf(loop);
  return type != nullptr ? type->name : "";
}

}  // namespace austin
