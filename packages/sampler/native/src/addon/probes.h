#pragma once

#include <napi.h>

namespace austin {

/// `probeMemory` of native.ts: what the operating system lets us read of a process.
Napi::Value ProbeMemory(const Napi::CallbackInfo& info);

/// `probeThread` of native.ts: what a sampling thread gets on this machine.
Napi::Value ProbeThread(const Napi::CallbackInfo& info);

}  // namespace austin
