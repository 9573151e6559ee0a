#include "addon/probes.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <thread>
#include <vector>

#include "binary/process_maps.h"
#include "memory/process_memory_reader.h"
#include "os/timely_thread.h"
#include "sampler/clock.h"

namespace austin {

namespace {

constexpr int kClockReads = 10'000;

/// Reads one byte of a process. Returns 0 or the error number.
int ReadAnyByte(pid_t pid, const std::vector<MapRow>& rows) {
  const auto row = std::find_if(rows.begin(), rows.end(), [](const MapRow& each) { return each.readable; });
  // Rights are checked before the address is: where nothing is known to be mapped, any address tells.
  const RemoteRange range{row != rows.end() ? row->start : 0, 1};
  std::byte byte{};
  const int failure = ProcessMemoryReader(pid).ReadRanges({&range, 1}, &byte).sys_errno;
  return failure == EFAULT ? 0 : failure;
}

}  // namespace

Napi::Value ProbeMemory(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (info.Length() < 1 || !info[0].IsNumber()) {
    Napi::TypeError::New(env, "probeMemory(pid) expects a number").ThrowAsJavaScriptException();
    return env.Undefined();
  }
  const pid_t pid = info[0].As<Napi::Number>().Int32Value();
  std::vector<MapRow> rows;
  Napi::Object object = Napi::Object::New(env);
  object.Set("mapsErrno", Napi::Number::New(env, ReadProcessMaps(pid, rows)));
  object.Set("readErrno", Napi::Number::New(env, ReadAnyByte(pid, rows)));
  return object;
}

Napi::Value ProbeThread(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  bool is_realtime = false;
  int64_t clock_ns = 0;
  // A thread of its own: what it is granted would stay with it.
  std::thread([&] {
    const int64_t begin = MonotonicNanoseconds();
    int64_t end = begin;
    for (int i = 0; i < kClockReads; ++i) end = MonotonicNanoseconds();
    clock_ns = end - begin;
    is_realtime = TimelyThread(true).is_realtime();
  }).join();
  Napi::Object object = Napi::Object::New(env);
  object.Set("realtime", Napi::Boolean::New(env, is_realtime));
  object.Set("clockReadNs", Napi::Number::New(env, static_cast<double>(clock_ns) / kClockReads));
  return object;
}

}  // namespace austin
