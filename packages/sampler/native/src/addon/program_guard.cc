#include "addon/program_guard.h"

#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <memory>
#include <utility>

#include "binary/program_tree.h"
#include "os/timely_thread.h"

namespace austin {

namespace {

/// How long a program has to obey SIGTERM when the environment that started it goes away.
constexpr std::chrono::milliseconds kGrace{2000};

/// Ends a program when the environment does: its worker is terminated, and no JavaScript of it is left to do so. Of a
/// process that exits, Node runs no such hooks; there JavaScript calls `end`.
class ProgramGuard {
 public:
  static std::shared_ptr<ProgramGuard> Hold(Napi::Env env, pid_t pid) {
    auto self = std::make_shared<ProgramGuard>(env, pid);
    self->keeper_ = new std::shared_ptr<ProgramGuard>(self);
    napi_add_env_cleanup_hook(env, EndProgram, self->keeper_);
    return self;
  }

  ProgramGuard(Napi::Env env, pid_t pid) : env_(env), tree_(pid) {}

  bool Signal(int number) { return tree_.Signal(number); }
  void End() { tree_.End(kGrace); }

  void Release() {
    if (keeper_ == nullptr) return;
    napi_remove_env_cleanup_hook(env_, EndProgram, keeper_);
    const std::unique_ptr<std::shared_ptr<ProgramGuard>> last(std::exchange(keeper_, nullptr));
  }

 private:
  static void EndProgram(void* keeper) {
    const std::unique_ptr<std::shared_ptr<ProgramGuard>> last(static_cast<std::shared_ptr<ProgramGuard>*>(keeper));
    (*last)->keeper_ = nullptr;
    (*last)->End();
  }

  const napi_env env_;
  ProgramTree tree_;
  /// What the hook holds on to, whether or not JavaScript still has the guard.
  std::shared_ptr<ProgramGuard>* keeper_ = nullptr;
};

}  // namespace

Napi::Value GuardProgram(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (info.Length() < 1 || !info[0].IsNumber()) {
    Napi::TypeError::New(env, "guard(pid) expects a number").ThrowAsJavaScriptException();
    return env.Undefined();
  }
  auto guard = ProgramGuard::Hold(env, info[0].As<Napi::Number>().Int32Value());
  Napi::Object handle = Napi::Object::New(env);
  handle.Set("signal", Napi::Function::New(env, [guard](const Napi::CallbackInfo& info) -> Napi::Value {
               const bool has_number = info.Length() > 0 && info[0].IsNumber();
               return Napi::Boolean::New(
                   info.Env(), has_number && guard->Signal(info[0].As<Napi::Number>().Int32Value()));
             }));
  handle.Set("end", Napi::Function::New(env, [guard](const Napi::CallbackInfo&) { guard->End(); }));
  handle.Set("release", Napi::Function::New(env, [guard](const Napi::CallbackInfo&) { guard->Release(); }));
  return handle;
}

Napi::Value TakeEndOfChild(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (info.Length() < 1 || !info[0].IsNumber()) {
    Napi::TypeError::New(env, "takeEnd(pid) expects a number").ThrowAsJavaScriptException();
    return env.Undefined();
  }
  const auto child = static_cast<id_t>(info[0].As<Napi::Number>().Int32Value());
  // Threads that are traced answer with their stops, too, whatever is asked for. Those answers are left to who traces them.
  siginfo_t end{};
  if (waitid(P_PID, child, &end, WEXITED | WNOHANG | WNOWAIT) != 0) return Napi::String::New(env, "gone");
  const bool has_ended = end.si_pid != 0 && (end.si_code == CLD_EXITED || end.si_code == CLD_KILLED || end.si_code == CLD_DUMPED);
  if (!has_ended) return Napi::String::New(env, "running");
  if (waitid(P_PID, child, &end, WEXITED | WNOHANG) != 0) return Napi::String::New(env, "gone");
  Napi::Object object = Napi::Object::New(env);
  object.Set(end.si_code == CLD_EXITED ? "code" : "signal", Napi::Number::New(env, end.si_status));
  return object;
}

Napi::Value BeginHurryOfThread(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), BeginHurry());
}

Napi::Value EndHurryOfThread(const Napi::CallbackInfo& info) {
  EndHurry();
  return info.Env().Undefined();
}

}  // namespace austin
