#include "sampler/snapshot_tasks.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "binary/asyncio_section.h"
#include "cpython/asyncio_tasks.h"
#include "cpython/line_table.h"
#include "memory/bounded_reader.h"
#include "sampler/snapshot.h"

namespace austin {

namespace {

constexpr ReadBudget kTasksBudget{.reads = 500'000, .bytes = 256 << 20, .time = std::chrono::milliseconds(1000)};

/// The tasks of one attempt.
class Description {
 public:
  Description(const Target& target, MemoryReader& memory, const AsyncioLayout& asyncio, const ProcessSampler& sampler,
              const FrameTable& frames)
      : layout_(target.layout), memory_(memory), reader_(memory, target.layout, asyncio), sampler_(sampler), frames_(frames) {}

  /// Empty when a list of tasks could not be read whole.
  std::optional<std::vector<Snapshot::Task>> Read() {
    for (const auto& thread : sampler_.threads()) {
      auto listed = reader_.TasksOfThread(thread->plan.thread_state());
      const auto running = reader_.Running(thread->plan.thread_state());
      if (!listed || !running) return std::nullopt;
      // A task that is started eagerly runs before it is listed.
      if (running->task != 0 && std::find(listed->begin(), listed->end(), running->task) == listed->end()) {
        listed->push_back(running->task);
      }
      for (const Address task : *listed) Add(task, thread.get(), task == running->task ? running->loop : 0);
    }
    for (const Address interpreter : sampler_.interpreters()) {
      const auto listed = reader_.TasksOfEndedThreads(interpreter);
      if (!listed) return std::nullopt;
      for (const Address task : *listed) Add(task, nullptr, 0);
    }
    FillRunning();
    return std::move(tasks_);
  }

  int flaws() const { return flaws_; }

 private:
  void Add(Address address, const SampledThread* thread, Address running_loop) {
    if (!known_.insert(address).second) return;
    const std::optional<AsyncioTask> task = reader_.Read(address);
    if (!task) {
      // It ended meanwhile, or goes on so fast that its parts do not fit together.
      ++flaws_;
      return;
    }
    if (running_loop != 0 && task->loop != running_loop) ++flaws_;
    Snapshot::Task& seen = tasks_.emplace_back();
    seen.id = task->address;
    seen.name = task->name;
    seen.tid = thread != nullptr ? thread->tid : 0;
    seen.loop = task->loop;
    seen.loop_class = reader_.LoopName(task->loop);
    seen.state = task->state;
    seen.awaited_by = task->awaited_by;
    for (const CoroutineFrame& frame : task->frames) {
      if (auto known = FrameOf(frame)) seen.frames.push_back(std::move(*known));
    }
    if (task->state == TaskState::kRunning && thread != nullptr) on_stack_[task->frame] = {thread, tasks_.size() - 1};
  }

  std::optional<Snapshot::Frame> FrameOf(const CoroutineFrame& frame) {
    auto known = codes_.find(frame.code);
    if (known == codes_.end()) {
      std::optional<CodeInfo> info = ReadCode(memory_, layout_, frame.code);
      if (!info) {
        ++flaws_;
        return std::nullopt;
      }
      known = codes_.emplace(frame.code, std::move(*info)).first;
    }
    const CodeInfo& code = known->second;
    const int64_t offset =
        frame.instruction == 0 ? -1 : static_cast<int64_t>(frame.instruction - frame.code - code.code_start_offset);
    const bool in_code = offset < static_cast<int64_t>(code.code_bytes);
    const Position position = FindPosition(layout_.line_table_format, code.line_table, code.first_line,
                                           in_code ? static_cast<int32_t>(offset) : -1);
    return Snapshot::Frame{code.name, code.filename, position};
  }

  /// The frames of a task that runs are those of its thread, from its outermost coroutine inwards. A task that was started
  /// eagerly by another one lies further in, and ends what belongs to that.
  void FillRunning() {
    for (const auto& thread : sampler_.threads()) {
      Snapshot::Task* task = nullptr;
      for (size_t i = 0; i < thread->stack.size(); ++i) {
        const auto begins = on_stack_.find(thread->frames[i].frame);
        if (begins != on_stack_.end() && begins->second.first == thread.get()) task = &tasks_[begins->second.second];
        if (task == nullptr) continue;
        const FrameTable::Frame& frame = frames_.frame(thread->stack[i]);
        task->frames.push_back({frames_.string(frame.name), frames_.string(frame.file), frame.position});
      }
    }
    for (const auto& [frame, where] : on_stack_) {
      if (tasks_[where.second].frames.empty()) ++flaws_;
    }
  }

  const Layout& layout_;
  MemoryReader& memory_;
  TaskReader reader_;
  const ProcessSampler& sampler_;
  const FrameTable& frames_;
  std::vector<Snapshot::Task> tasks_;
  std::set<Address> known_;
  std::map<Address, CodeInfo> codes_;
  /// By the frame of the outermost coroutine: the thread it runs in, and which task it is.
  std::map<Address, std::pair<const SampledThread*, size_t>> on_stack_;
  int flaws_ = 0;
};

}  // namespace

void SnapshotTasks::Find() {
  searched_ = true;
  const AsyncioSection section = FindAsyncioSection(target_.pid, memory_);
  is_loaded_ = section.is_loaded;
  if (section.words == 0) return;
  const auto words = memory_.ReadValue<std::array<uint64_t, kAsyncioWords>>(section.words);
  if (words) layout_ = AsyncioLayoutFrom(target_.layout, *words);
}

int SnapshotTasks::Describe(const ProcessSampler& sampler, const FrameTable& frames, Snapshot& snapshot) {
  if (target_.layout.generator.frame == kAbsent) {
    snapshot.no_tasks = Snapshot::NoTasks::kPythonTooOld;
    return 0;
  }
  if (!searched_) Find();
  if (!is_loaded_) {
    // Without the module there are no tasks.
    snapshot.tasks.emplace();
    return 0;
  }
  if (!layout_) {
    snapshot.no_tasks = Snapshot::NoTasks::kNotDescribed;
    return 0;
  }
  BoundedReader bounded(memory_, kTasksBudget);
  Description description(target_, bounded, *layout_, sampler, frames);
  snapshot.tasks = description.Read();
  if (!snapshot.tasks) snapshot.no_tasks = Snapshot::NoTasks::kChanging;
  return description.flaws() + (snapshot.tasks ? 0 : 1);
}

}  // namespace austin
