#pragma once

#include <napi.h>

namespace austin {

/// `start` of native.ts: begins a recording on a thread of its own and returns its handle.
Napi::Value StartRecording(const Napi::CallbackInfo& info);

}  // namespace austin
