#include "addon/snapshot_to_js.h"

#include <cstdio>

#include "addon/to_js.h"

namespace austin {

namespace {

const char* QualityName(Quality quality) {
  switch (quality) {
    case Quality::kExact:
      return "exact";
    case Quality::kRetried:
      return "retried";
    case Quality::kBetween:
      return "between";
    case Quality::kCut:
      return "cut";
    case Quality::kInvalid:
      return "invalid";
  }
  return "invalid";
}

const char* TaskStateName(TaskState state) {
  switch (state) {
    case TaskState::kCreated:
      return "created";
    case TaskState::kWaiting:
      return "waiting";
    case TaskState::kRunning:
      return "running";
  }
  return "waiting";
}

const char* NoTasksName(Snapshot::NoTasks reason) {
  switch (reason) {
    case Snapshot::NoTasks::kNone:
    case Snapshot::NoTasks::kChanging:
      return "changing";
    case Snapshot::NoTasks::kPythonTooOld:
      return "python-too-old";
    case Snapshot::NoTasks::kNotDescribed:
      return "not-described";
  }
  return "changing";
}

Napi::Number Number(Napi::Env env, int64_t value) { return Napi::Number::New(env, static_cast<double>(value)); }

/// Addresses are identities here, not numbers to calculate with.
std::string IdText(Address address) {
  char text[19];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(address));
  return text;
}

template <typename Range, typename Convert>
Napi::Array ArrayOf(Napi::Env env, const Range& range, const Convert& convert) {
  Napi::Array array = Napi::Array::New(env, range.size());
  uint32_t index = 0;
  for (const auto& item : range) array.Set(index++, convert(item));
  return array;
}

Napi::Object FrameToJs(Napi::Env env, const Snapshot::Frame& frame, bool with_locals) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("name", TextToJs(env, frame.name));
  object.Set("file", TextToJs(env, frame.file));
  object.Set("line", Number(env, frame.position.line));
  object.Set("lineEnd", Number(env, frame.position.line_end));
  object.Set("column", Number(env, frame.position.column));
  object.Set("columnEnd", Number(env, frame.position.column_end));
  if (frame.kind == Snapshot::FrameKind::kKernel) object.Set("kind", "kernel");
  if (frame.kind == Snapshot::FrameKind::kNative) {
    object.Set("kind", "native");
    object.Set("address", IdText(frame.address).substr(2));
    object.Set("offset", Number(env, static_cast<int64_t>(frame.offset)));
    if (!frame.module.empty()) object.Set("module", TextToJs(env, frame.module));
  }
  if (!with_locals || frame.kind != Snapshot::FrameKind::kPython) return object;
  if (!frame.locals) {
    object.Set("localsUnreadable", Napi::Boolean::New(env, true));
    return object;
  }
  object.Set("locals", ArrayOf(env, *frame.locals, [env](const LocalVariable& local) {
               Napi::Object variable = Napi::Object::New(env);
               variable.Set("name", TextToJs(env, local.name));
               variable.Set("value", TextToJs(env, local.value));
               return variable;
             }));
  return object;
}

Napi::Object ThreadToJs(Napi::Env env, const Snapshot::Thread& thread, bool with_locals) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("iid", Number(env, thread.iid));
  object.Set("tid", Number(env, static_cast<int64_t>(thread.tid)));
  if (!thread.name.empty()) object.Set("name", TextToJs(env, thread.name));
  if (thread.holds_gil) object.Set("holdsGil", Napi::Boolean::New(env, *thread.holds_gil));
  if (thread.attached) object.Set("attached", Napi::Boolean::New(env, *thread.attached));
  if (thread.waits_for_gil) object.Set("waitsForGil", Napi::Boolean::New(env, *thread.waits_for_gil));
  object.Set("state", ThreadActivityName(thread.activity));
  if (!thread.waits_for.empty()) object.Set("waitsFor", TextToJs(env, thread.waits_for));
  if (!thread.system_call.empty()) object.Set("systemCall", TextToJs(env, thread.system_call));
  object.Set("quality", QualityName(thread.quality));
  if (thread.native) object.Set("native", NativeOutcomeName(*thread.native));
  if (thread.is_kernel_refused) object.Set("kernelRefused", Napi::Boolean::New(env, true));
  object.Set("frames", ArrayOf(env, thread.frames,
                               [&](const Snapshot::Frame& frame) { return FrameToJs(env, frame, with_locals); }));
  return object;
}

Napi::Object TaskToJs(Napi::Env env, const Snapshot::Task& task) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("id", IdText(task.id));
  object.Set("name", TextToJs(env, task.name));
  object.Set("state", TaskStateName(task.state));
  if (task.tid != 0) object.Set("tid", Number(env, static_cast<int64_t>(task.tid)));
  Napi::Object loop = Napi::Object::New(env);
  loop.Set("id", IdText(task.loop));
  loop.Set("class", TextToJs(env, task.loop_class));
  object.Set("loop", loop);
  object.Set("awaitedBy", ArrayOf(env, task.awaited_by, [env](Address id) { return Napi::String::New(env, IdText(id)); }));
  object.Set("frames",
             ArrayOf(env, task.frames, [env](const Snapshot::Frame& frame) { return FrameToJs(env, frame, false); }));
  return object;
}

Napi::Object SnapshotToJs(Napi::Env env, const Snapshot& snapshot, const SnapshotOptions& options) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("target", ToJs(env, snapshot.target));
  object.Set("attempts", Number(env, snapshot.attempts));
  if (snapshot.is_out_of_time) object.Set("outOfTime", Napi::Boolean::New(env, true));
  if (snapshot.parent != 0) object.Set("parent", Number(env, snapshot.parent));
  object.Set("threads", ArrayOf(env, snapshot.threads, [&](const Snapshot::Thread& thread) {
               return ThreadToJs(env, thread, options.locals);
             }));
  if (!options.tasks) return object;
  if (snapshot.tasks) {
    object.Set("tasks", ArrayOf(env, *snapshot.tasks, [env](const Snapshot::Task& task) { return TaskToJs(env, task); }));
  } else {
    object.Set("tasksUnknown", NoTasksName(snapshot.no_tasks));
  }
  return object;
}

}  // namespace

Napi::Object ToJs(Napi::Env env, const SnapshotTree& tree, const SnapshotOptions& options) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("processes", ArrayOf(env, tree.processes, [&](const Snapshot& snapshot) {
               return SnapshotToJs(env, snapshot, options);
             }));
  object.Set("unread", ArrayOf(env, tree.unread, [env](const UnreadProcess& process) {
               Napi::Object unread = ToJs(env, process.error);
               unread.Set("pid", Number(env, process.pid));
               return unread;
             }));
  return object;
}

}  // namespace austin
