#pragma once

#include <napi.h>

namespace austin {

/// `watchSignals` of native.ts: who sends the signals that JavaScript listens to.
Napi::Value WatchSignals(const Napi::CallbackInfo& info);

}  // namespace austin
