#include "cpython/asyncio_layout.h"

namespace austin {
namespace {

/// No task, subclass or not, is near this; read buffers are made from the sizes.
constexpr uint64_t kMaxTaskSize = 4096;
constexpr uint64_t kMaxThreadSize = 1 << 16;

/// Checks that fields lie within a structure and are aligned.
class Fields {
 public:
  explicit Fields(uint64_t size) : size_(size) {}

  Offset Take(uint64_t offset, uint64_t width, uint64_t length) {
    if (length > size_ || offset > size_ - length || offset % width != 0) valid_ = false;
    return valid_ ? Offset(offset) : kAbsent;
  }
  Offset Word(uint64_t offset) { return Take(offset, 8, 8); }
  Offset Byte(uint64_t offset) { return Take(offset, 1, 1); }
  /// Two words: next and previous.
  Offset Node(uint64_t offset) { return Take(offset, 8, 16); }

  bool valid() const { return valid_; }

 private:
  uint64_t size_;
  bool valid_ = true;
};

}  // namespace

std::optional<AsyncioLayout> AsyncioLayoutFrom(const Layout& layout, const std::array<uint64_t, kAsyncioWords>& words) {
  const uint64_t task_size = words[0];
  const uint64_t interpreter_size = words[7];
  const uint64_t thread_size = words[9];
  if (task_size > kMaxTaskSize || interpreter_size != uint64_t(layout.interpreter.size)) return std::nullopt;
  // The thread's own structure, of which the thread state is the beginning.
  if (thread_size < uint64_t(layout.thread.size) || thread_size > kMaxThreadSize) return std::nullopt;

  AsyncioLayout result{};
  Fields task(task_size);
  result.task = {.size = Offset(task_size),
                 .name = task.Word(words[1]),
                 .awaited_by = task.Word(words[2]),
                 .is_task = task.Byte(words[3]),
                 .awaited_by_is_set = task.Byte(words[4]),
                 .coroutine = task.Word(words[5]),
                 .node = task.Node(words[6])};
  Fields interpreter(interpreter_size);
  result.interpreter_tasks = interpreter.Node(words[8]);
  Fields thread(thread_size);
  result.thread = {.running_loop = thread.Word(words[10]),
                   .running_task = thread.Word(words[11]),
                   .tasks = thread.Node(words[12])};
  if (!task.valid() || !interpreter.valid() || !thread.valid()) return std::nullopt;
  // Behind the header, and behind what a thread state has without asyncio.
  if (result.task.name < layout.object.size || result.task.awaited_by < layout.object.size) return std::nullopt;
  if (result.task.coroutine < layout.object.size || result.task.node < layout.object.size) return std::nullopt;
  if (result.thread.running_task < layout.thread.size || result.thread.tasks < layout.thread.size) return std::nullopt;
  return result;
}

}  // namespace austin
