#include "sampler/task_markers.h"

#include <algorithm>
#include <array>

#include "binary/asyncio_section.h"
#include "cpython/py_string.h"
#include "sampler/clock.h"

namespace austin {

namespace {

constexpr uint8_t kOwnedByGenerator = 1;
/// Between looks for `_asyncio`, which may be loaded late; a look takes some tenths of a millisecond.
constexpr int64_t kSearchIntervalUs = 25'000;
constexpr size_t kMaxAwaiting = 32;
/// Tasks remembered; an entry has some hundred bytes.
constexpr size_t kMaxTasks = 10'000;
constexpr size_t kMaxNameCharacters = 120;

bool RunsCoroutine(const SampledThread& thread) {
  return thread.has_sample && std::any_of(thread.frames.begin(), thread.frames.end(), [](const WalkedFrame& frame) {
           return frame.owner == kOwnedByGenerator;
         });
}

}  // namespace

TaskMarkers::TaskMarkers(const Target& target, MemoryReader* memory, FrameTable* frames)
    : target_(target), memory_(*memory), frames_(*frames), witness_(*memory) {}

bool TaskMarkers::Find() {
  if (asyncio_) return true;
  if (target_.layout.generator.frame == kAbsent || MonotonicMicroseconds() < next_search_us_) return false;
  next_search_us_ = MonotonicMicroseconds() + kSearchIntervalUs;
  const Address section = FindAsyncioSection(target_.pid, memory_).words;
  const auto words =
      section != 0 ? memory_.ReadValue<std::array<uint64_t, kAsyncioWords>>(section) : std::nullopt;
  if (words) asyncio_ = AsyncioLayoutFrom(target_.layout, *words);
  if (asyncio_) reader_ = std::make_unique<TaskReader>(witness_, target_.layout, *asyncio_);
  return asyncio_.has_value();
}

void TaskMarkers::Mark(const std::vector<std::unique_ptr<SampledThread>>& threads) {
  candidates_.clear();
  for (const auto& thread : threads) {
    thread->with_tasks.clear();
    if (RunsCoroutine(*thread)) candidates_.push_back(thread.get());
  }
  MarkCandidates();
}

void TaskMarkers::Mark(SampledThread* thread) {
  candidates_.clear();
  thread->with_tasks.clear();
  if (RunsCoroutine(*thread)) candidates_.push_back(thread);
  MarkCandidates();
}

void TaskMarkers::MarkCandidates() {
  if (candidates_.empty() || !Find()) return;
  if (epoch_ != frames_.epoch()) {
    epoch_ = frames_.epoch();
    tasks_.clear();
    by_frame_.clear();
  }
  ranges_.clear();
  for (const SampledThread* thread : candidates_) {
    ranges_.push_back({thread->plan.thread_state() + uint64_t(asyncio_->thread.running_task), sizeof(Address)});
  }
  running_.assign(candidates_.size(), 0);
  memory_.ReadRanges(ranges_, reinterpret_cast<std::byte*>(running_.data()));
  for (size_t i = 0; i < candidates_.size(); ++i) MarkThread(running_[i], candidates_[i]);
}

void TaskMarkers::MarkThread(Address running, SampledThread* thread) {
  if (running != 0) {
    if (const Task* task = Read(running); task != nullptr && MarkWith(*task, thread)) return;
  }
  // Since the stack was read the thread has gone on: to another task that was seen before, or to none.
  bool has_task = running != 0;
  for (auto frame = thread->frames.rbegin(); frame != thread->frames.rend(); ++frame) {
    if (frame->owner != kOwnedByGenerator) continue;
    const auto known = by_frame_.find(frame->frame);
    if (known == by_frame_.end()) continue;
    has_task = true;
    const Task* task = Read(known->second);
    if (task != nullptr && MarkWith(*task, thread)) return;
  }
  if (has_task) ++missed_;
}

bool TaskMarkers::MarkWith(const Task& task, SampledThread* thread) const {
  const auto at = std::find_if(thread->frames.begin(), thread->frames.end(),
                               [&task](const WalkedFrame& frame) { return frame.frame == task.frame; });
  if (at == thread->frames.end()) return false;
  const auto place = at - thread->frames.begin();
  thread->with_tasks = thread->stack;
  thread->with_tasks.insert(thread->with_tasks.begin() + place, task.markers.begin(), task.markers.end());
  return true;
}

const TaskMarkers::Task* TaskMarkers::Read(Address address) {
  const auto known = tasks_.find(address);
  if (known != tasks_.end() && known->second.witness.Holds(memory_)) return &known->second;
  if (tasks_.size() >= kMaxTasks) {
    tasks_.clear();
    by_frame_.clear();
  }
  Task task;
  witness_.Take();
  Address at = address;
  for (std::vector<Address> met; met.size() < kMaxAwaiting && std::find(met.begin(), met.end(), at) == met.end();) {
    met.push_back(at);
    const auto coroutine = reader_->Coroutine(at);
    std::optional<FrameId> marker;
    if (coroutine) marker = MarkerOf(at, *coroutine);
    const auto waiters = reader_->Waiters(at);
    if (!marker || !waiters) break;
    if (at == address) task.frame = *coroutine + uint64_t(target_.layout.generator.frame);
    task.markers.push_back(*marker);
    if (waiters->empty()) break;
    at = waiters->front();
  }
  task.witness = witness_.Take();
  // Read once more, all at once: what was put together from parts read one after the other was true at one moment.
  if (task.frame == 0 || !task.witness.Holds(memory_)) {
    tasks_.erase(address);
    return nullptr;
  }
  std::reverse(task.markers.begin(), task.markers.end());
  by_frame_[task.frame] = address;
  return &(tasks_[address] = std::move(task));
}

std::optional<FrameId> TaskMarkers::MarkerOf(Address task, Address coroutine) {
  std::optional<std::string> name = reader_->Name(task, /*only_given=*/true);
  if (!name) {
    const auto qualname = witness_.ReadValue<Address>(coroutine + uint64_t(target_.layout.generator.qualname));
    const auto characters =
        qualname ? ReadCharacters(witness_, target_.layout, *qualname, kMaxNameCharacters) : std::nullopt;
    if (!characters) return std::nullopt;
    name.emplace();
    for (const char32_t c : characters->first) AppendUtf8(c, *name);
  }
  return frames_.InternFrame({frames_.InternString(kTaskFile), frames_.InternString(*name), Position{}});
}

}  // namespace austin
