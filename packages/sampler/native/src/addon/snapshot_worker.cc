#include "addon/snapshot_worker.h"

#include <atomic>
#include <optional>

#include "addon/to_js.h"
#include "sampler/snapshot.h"

namespace austin {

namespace {

class SnapshotWorker : public Napi::AsyncWorker {
 public:
  SnapshotWorker(Napi::Env env, pid_t pid, int timeout_ms)
      : Napi::AsyncWorker(env), promise_(Napi::Promise::Deferred::New(env)), pid_(pid), timeout_ms_(timeout_ms) {}

  Napi::Promise promise() const { return promise_.Promise(); }

 protected:
  void Execute() override { result_.emplace(TakeSnapshot(pid_, timeout_ms_, cancel_)); }

  void OnOK() override {
    if (result_->has_value()) {
      promise_.Resolve(ToJs(Env(), **result_));
    } else {
      promise_.Reject(ToJs(Env(), result_->error()));
    }
  }

 private:
  Napi::Promise::Deferred promise_;
  const pid_t pid_;
  const int timeout_ms_;
  const std::atomic<bool> cancel_ = false;
  std::optional<Result<Snapshot>> result_;
};

}  // namespace

Napi::Value StartSnapshot(const Napi::CallbackInfo& info) {
  if (info.Length() < 2 || !info[0].IsNumber() || !info[1].IsNumber()) {
    Napi::TypeError::New(info.Env(), "snapshot(pid, timeoutMs) expects two numbers").ThrowAsJavaScriptException();
    return info.Env().Undefined();
  }
  // The worker deletes itself when it is done.
  auto* worker = new SnapshotWorker(info.Env(), info[0].As<Napi::Number>().Int32Value(),
                                    info[1].As<Napi::Number>().Int32Value());
  worker->Queue();
  return worker->promise();
}

}  // namespace austin
