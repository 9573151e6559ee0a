#include "addon/options.h"

namespace austin {

double NumberOption(const Napi::Object& options, const char* name) {
  Napi::Value value;
  if (!options.Get(name).UnwrapTo(&value) || !value.IsNumber()) return 0;
  return value.As<Napi::Number>().DoubleValue();
}

bool FlagOption(const Napi::Object& options, const char* name) {
  Napi::Value value;
  return options.Get(name).UnwrapTo(&value) && value.IsBoolean() && value.As<Napi::Boolean>().Value();
}

}  // namespace austin
