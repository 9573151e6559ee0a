#pragma once

#include <napi.h>

namespace austin {

/// A number among the options from JavaScript, which have been validated there; 0 when it is missing.
double NumberOption(const Napi::Object& options, const char* name);

/// A boolean among the options; false when it is missing.
bool FlagOption(const Napi::Object& options, const char* name);

}  // namespace austin
