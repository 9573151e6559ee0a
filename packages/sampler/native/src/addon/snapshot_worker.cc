#include "addon/snapshot_worker.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "addon/options.h"
#include "addon/snapshot_to_js.h"
#include "addon/to_js.h"
#include "sampler/snapshot.h"

namespace austin {

namespace {

class SnapshotWorker : public Napi::AsyncWorker {
 public:
  SnapshotWorker(Napi::Env env, pid_t pid, const SnapshotOptions& options, std::shared_ptr<std::atomic<bool>> cancel)
      : Napi::AsyncWorker(env),
        promise_(Napi::Promise::Deferred::New(env)),
        pid_(pid),
        options_(options),
        cancel_(std::move(cancel)) {}

  Napi::Promise promise() const { return promise_.Promise(); }

 protected:
  void Execute() override { result_.emplace(TakeSnapshot(pid_, options_, *cancel_)); }

  void OnOK() override {
    if (result_->has_value()) {
      promise_.Resolve(ToJs(Env(), **result_, options_));
    } else {
      promise_.Reject(ToJs(Env(), result_->error()));
    }
  }

 private:
  Napi::Promise::Deferred promise_;
  const pid_t pid_;
  const SnapshotOptions options_;
  const std::shared_ptr<std::atomic<bool>> cancel_;
  std::optional<Result<SnapshotTree>> result_;
};

}  // namespace

Napi::Value StartSnapshot(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (info.Length() < 1 || !info[0].IsObject()) {
    Napi::TypeError::New(env, "snapshot(options) expects an object").ThrowAsJavaScriptException();
    return env.Undefined();
  }
  const Napi::Object given = info[0].As<Napi::Object>();
  const SnapshotOptions options{.timeout_ms = static_cast<int>(NumberOption(given, "timeoutMs")),
                                .children = FlagOption(given, "children"),
                                .locals = FlagOption(given, "locals"),
                                .tasks = FlagOption(given, "tasks"),
                                .native = FlagOption(given, "native"),
                                .kernel = FlagOption(given, "kernel"),
                                .patience = std::chrono::milliseconds(static_cast<int64_t>(NumberOption(given, "patienceMs")))};
  const auto cancel = std::make_shared<std::atomic<bool>>(false);
  // The worker deletes itself when it is done.
  auto* worker = new SnapshotWorker(env, static_cast<pid_t>(NumberOption(given, "pid")), options, cancel);
  Napi::Object handle = Napi::Object::New(env);
  handle.Set("finished", worker->promise());
  handle.Set("cancel", Napi::Function::New(
                           env, [cancel](const Napi::CallbackInfo&) { cancel->store(true, std::memory_order_relaxed); },
                           "cancel"));
  worker->Queue();
  return handle;
}

}  // namespace austin
