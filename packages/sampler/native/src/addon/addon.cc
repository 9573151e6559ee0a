#include <napi.h>

#include "addon/probes.h"
#include "addon/program_guard.h"
#include "addon/recording_handle.h"
#include "addon/signal_watch.h"
#include "addon/snapshot_worker.h"

namespace {

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("start", Napi::Function::New<austin::StartRecording>(env, "start"));
  exports.Set("guard", Napi::Function::New<austin::GuardProgram>(env, "guard"));
  exports.Set("takeEnd", Napi::Function::New<austin::TakeEndOfChild>(env, "takeEnd"));
  exports.Set("beginHurry", Napi::Function::New<austin::BeginHurryOfThread>(env, "beginHurry"));
  exports.Set("endHurry", Napi::Function::New<austin::EndHurryOfThread>(env, "endHurry"));
  exports.Set("probeMemory", Napi::Function::New<austin::ProbeMemory>(env, "probeMemory"));
  exports.Set("probeThread", Napi::Function::New<austin::ProbeThread>(env, "probeThread"));
  exports.Set("snapshot", Napi::Function::New<austin::StartSnapshot>(env, "snapshot"));
  exports.Set("watchSignals", Napi::Function::New<austin::WatchSignals>(env, "watchSignals"));
  return exports;
}

}  // namespace

NODE_API_MODULE(austin_sampler, Init)
