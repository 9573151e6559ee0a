#pragma once

#include <napi.h>

#include "sampler/snapshot.h"

namespace austin {

/// `NativeSnapshotTree` of native.ts.
Napi::Object ToJs(Napi::Env env, const SnapshotTree& tree, const SnapshotOptions& options);

}  // namespace austin
