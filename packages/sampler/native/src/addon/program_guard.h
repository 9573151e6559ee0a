#pragma once

#include <napi.h>

namespace austin {

/// `guard` of native.ts: makes sure that a program does not outlive the JavaScript that started it.
Napi::Value GuardProgram(const Napi::CallbackInfo& info);

/// `takeEnd` of native.ts: hears of the end of a child of this process in place of Node.
Napi::Value TakeEndOfChild(const Napi::CallbackInfo& info);

/// `beginHurry` and `endHurry` of native.ts.
Napi::Value BeginHurryOfThread(const Napi::CallbackInfo& info);
Napi::Value EndHurryOfThread(const Napi::CallbackInfo& info);

}  // namespace austin
