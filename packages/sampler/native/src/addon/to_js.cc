#include "addon/to_js.h"

namespace austin {

namespace {

Napi::Number Number(Napi::Env env, uint64_t value) { return Napi::Number::New(env, static_cast<double>(value)); }

Napi::Number Microseconds(Napi::Env env, uint64_t nanoseconds) {
  return Napi::Number::New(env, static_cast<double>(nanoseconds) / 1000);
}

}  // namespace

Napi::String TextToJs(Napi::Env env, const std::string& text) { return Napi::String::New(env, text); }

Napi::Object ToJs(Napi::Env env, const Target& target) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("pid", Napi::Number::New(env, target.pid));
  object.Set("pythonVersion", TextToJs(env, target.version_text));
  object.Set("executable", TextToJs(env, target.executable));
  object.Set("freeThreaded", Napi::Boolean::New(env, target.layout.free_threaded));
  return object;
}

Napi::Object ToJs(Napi::Env env, const Statistics& statistics) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("rounds", Number(env, statistics.rounds));
  object.Set("samples", Number(env, statistics.samples));
  object.Set("exact", Number(env, statistics.of(Quality::kExact)));
  object.Set("retried", Number(env, statistics.of(Quality::kRetried)));
  object.Set("between", Number(env, statistics.of(Quality::kBetween)));
  object.Set("cut", Number(env, statistics.of(Quality::kCut)));
  object.Set("invalid", Number(env, statistics.of(Quality::kInvalid)));
  Napi::Object reasons = Napi::Object::New(env);
  for (size_t i = 0; i < kReasonCount; ++i) {
    if (statistics.reasons[i] == 0) continue;
    reasons.Set(ReasonName(static_cast<Reason>(i)), Number(env, statistics.reasons[i]));
  }
  object.Set("reasons", reasons);
  object.Set("lateRounds", Number(env, statistics.late_rounds));
  object.Set("missedRounds", Number(env, statistics.missed_rounds));
  object.Set("durationUs", Number(env, statistics.duration_us));
  object.Set("gcUs", Number(env, statistics.gc_us));
  object.Set("missedTasks", Number(env, statistics.missed_tasks));
  object.Set("nativeDisagreed", Number(env, statistics.native_disagreed));
  object.Set("nativeIncomplete", Number(env, statistics.native_incomplete));
  object.Set("nativeMissed", Number(env, statistics.all_native_missed()));
  Napi::Object pause = Napi::Object::New(env);
  pause.Set("min", Microseconds(env, statistics.pauses.min_ns()));
  pause.Set("median", Microseconds(env, statistics.pauses.MedianNs()));
  pause.Set("max", Microseconds(env, statistics.pauses.max_ns()));
  pause.Set("total", Microseconds(env, statistics.pauses.total_ns()));
  object.Set("pauseUs", pause);
  object.Set("processes", Number(env, statistics.processes));
  object.Set("busyUs", Microseconds(env, statistics.busy_ns));
  Napi::Object round = Napi::Object::New(env);
  const bool any = statistics.rounds != 0;
  round.Set("min", Microseconds(env, any ? statistics.shortest_round_ns : 0));
  round.Set("mean", Microseconds(env, any ? statistics.busy_ns / statistics.rounds : 0));
  round.Set("max", Microseconds(env, statistics.longest_round_ns));
  object.Set("roundUs", round);
  object.Set("bytes", Number(env, statistics.bytes));
  object.Set("intervalUs", Number(env, statistics.interval_us));
  object.Set("cpuUs", Number(env, statistics.cpu_us));
  return object;
}

Napi::Object ToJs(Napi::Env env, const Error& error) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("code", ErrorCodeName(error.code));
  object.Set("message", TextToJs(env, error.message));
  object.Set("errno", Napi::Number::New(env, error.sys_errno));
  return object;
}

}  // namespace austin
