#pragma once

#include <napi.h>

#include "base/result.h"
#include "binary/target.h"
#include "sampler/recording.h"
#include "sampler/snapshot.h"
#include "sampler/statistics.h"

namespace austin {

// The objects of native.ts, from the core's structures.
Napi::Object ToJs(Napi::Env env, const Target& target);
Napi::Object ToJs(Napi::Env env, const Statistics& statistics);
Napi::Object ToJs(Napi::Env env, const Error& error);

/// Text that may hold any bytes; what is not UTF-8 becomes U+FFFD.
Napi::String TextToJs(Napi::Env env, const std::string& text);

}  // namespace austin
