#pragma once

#include <napi.h>

namespace austin {

/// `snapshot` of native.ts: a promise of all stacks of a process, taken on a worker thread.
Napi::Value StartSnapshot(const Napi::CallbackInfo& info);

}  // namespace austin
