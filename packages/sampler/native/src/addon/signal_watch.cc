#include "addon/signal_watch.h"

#include <memory>
#include <utility>
#include <vector>

#include "os/signal_origins.h"

namespace austin {

namespace {

const char* OriginName(SignalOrigin origin) {
  switch (origin) {
    case SignalOrigin::kSystem:
      return "system";
    case SignalOrigin::kProcess:
      return "process";
    case SignalOrigin::kUnknown:
      break;
  }
  return "unknown";
}

/// Watches until it is closed, or JavaScript has dropped it.
class SignalWatch {
 public:
  explicit SignalWatch(const std::vector<int>& numbers) {
    for (const int number : numbers) {
      if (WatchSignal(number)) watched_.push_back(number);
    }
  }
  ~SignalWatch() { Close(); }
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

  void Close() {
    for (const int number : std::exchange(watched_, {})) UnwatchSignal(number);
  }

 private:
  std::vector<int> watched_;
};

}  // namespace

Napi::Value WatchSignals(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::vector<int> numbers;
  for (size_t i = 0; i < info.Length(); ++i) {
    if (!info[i].IsNumber()) {
      Napi::TypeError::New(env, "watchSignals(...numbers) expects numbers").ThrowAsJavaScriptException();
      return env.Undefined();
    }
    numbers.push_back(info[i].As<Napi::Number>().Int32Value());
  }
  const auto watch = std::make_shared<SignalWatch>(numbers);
  Napi::Object handle = Napi::Object::New(env);
  handle.Set("takeOrigin", Napi::Function::New(env, [watch](const Napi::CallbackInfo& info) -> Napi::Value {
               const bool has_number = info.Length() > 0 && info[0].IsNumber();
               const int number = has_number ? info[0].As<Napi::Number>().Int32Value() : 0;
               return Napi::String::New(info.Env(), OriginName(TakeSignalOrigin(number)));
             }));
  handle.Set("close", Napi::Function::New(env, [watch](const Napi::CallbackInfo&) { watch->Close(); }));
  return handle;
}

}  // namespace austin
