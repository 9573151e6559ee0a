#pragma once

#include <napi.h>

namespace austin {

/// `snapshot` of native.ts: a promise of a look at a process, taken on a worker thread.
Napi::Value StartSnapshot(const Napi::CallbackInfo& info);

}  // namespace austin
