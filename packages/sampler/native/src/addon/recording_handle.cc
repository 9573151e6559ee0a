#include "addon/recording_handle.h"

#include <fcntl.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <variant>

#include "addon/options.h"
#include "addon/to_js.h"
#include "os/timely_thread.h"
#include "sampler/recording.h"

namespace austin {

namespace {

/// What the threads of a recording tell JavaScript. The strings and structures are copies: the sampling thread goes on
/// while JavaScript reads them.
struct Chunk {
  std::string bytes;
  bool starts_file = false;
};
struct Flushed {
  uint64_t request = 0;
  uint64_t bytes = 0;
  std::string footer;
};
struct Ending {};
struct Notice {
  Error error;
};
struct Event {
  std::variant<Target, Statistics, Chunk, Flushed, Ending, Notice, RecordingResult> content;
};

void CallListener(Napi::Env env, Napi::Function listener, std::nullptr_t*, Event* event);
using EventQueue = Napi::TypedThreadSafeFunction<std::nullptr_t, Event, CallListener>;

/// How many events may wait for JavaScript, and how many bytes of the stream it may have in hand; beyond that the writing
/// thread waits, not the sampling thread.
constexpr size_t kMaxQueuedEvents = 256;
constexpr size_t kMaxBytesInHand = size_t{1} << 20;

const char* EndName(RecordingEnd end) {
  switch (end) {
    case RecordingEnd::kTargetEnded:
      return "target-ended";
    case RecordingEnd::kStopped:
      return "stopped";
    case RecordingEnd::kDuration:
      return "duration";
    case RecordingEnd::kFailed:
      return "failed";
  }
  return "failed";
}

struct EventToJs {
  Napi::Env env;

  /// Empty when there is no memory, or when a worker is being terminated, in which nothing of this kind can be made.
  Napi::Value Bytes(const std::string& bytes) const {
    napi_value buffer = nullptr;
    if (napi_create_buffer_copy(env, bytes.size(), bytes.data(), nullptr, &buffer) != napi_ok) return {};
    return {env, buffer};
  }
  Napi::Object Typed(const char* type) const {
    Napi::Object object = Napi::Object::New(env);
    object.Set("type", type);
    return object;
  }
  Napi::Object operator()(const Target& target) const {
    Napi::Object object = Typed("attached");
    object.Set("target", ToJs(env, target));
    return object;
  }
  Napi::Object operator()(const Statistics& statistics) const {
    Napi::Object object = Typed("progress");
    object.Set("statistics", ToJs(env, statistics));
    return object;
  }
  Napi::Object operator()(const Notice& notice) const {
    Napi::Object object = Typed("notice");
    object.Set("notice", ToJs(env, notice.error));
    return object;
  }
  Napi::Object operator()(const Ending&) const { return Typed("ending"); }
  Napi::Object operator()(const Chunk& chunk) const {
    const Napi::Value bytes = Bytes(chunk.bytes);
    if (bytes.IsEmpty()) return {};
    Napi::Object object = Typed("chunk");
    object.Set("bytes", bytes);
    object.Set("startsFile", chunk.starts_file);
    return object;
  }
  Napi::Object operator()(const Flushed& flushed) const {
    const Napi::Value footer = Bytes(flushed.footer);
    if (footer.IsEmpty()) return {};
    Napi::Object object = Typed("flushed");
    object.Set("id", static_cast<double>(flushed.request));
    object.Set("bytes", static_cast<double>(flushed.bytes));
    object.Set("footer", footer);
    return object;
  }
  Napi::Object operator()(const RecordingResult& result) const {
    Napi::Object object = Typed("end");
    object.Set("end", EndName(result.end));
    object.Set("statistics", ToJs(env, result.statistics));
    if (result.error) object.Set("error", ToJs(env, *result.error));
    return object;
  }
};

void CallListener(Napi::Env env, Napi::Function listener, std::nullptr_t*, Event* event) {
  const std::unique_ptr<Event> owned(event);
  // Without an environment JavaScript is being torn down and only the event has to be freed.
  if (env == nullptr || listener == nullptr) return;
  const Napi::Object object = std::visit(EventToJs{env}, owned->content);
  if (!object.IsEmpty()) listener.Call({object});
}

/// One recording: its thread and the way back to JavaScript. Lives until the thread has ended and been joined.
class RecordingThread {
 public:
  static std::shared_ptr<RecordingThread> Start(Napi::Env env, RecordingOptions options, bool chunks,
                                                Napi::Function listener) {
    auto self = std::make_shared<RecordingThread>();
    // The queue keeps the recording alive, so that its thread is joined even when JavaScript has dropped the handle.
    auto* keeper = new std::shared_ptr<RecordingThread>(self);
    self->queue_ = EventQueue::New(
        env, listener, "austin recording", kMaxQueuedEvents, 1, nullptr,
        [](Napi::Env env, std::shared_ptr<RecordingThread>* kept, std::nullptr_t*) {
          napi_remove_env_cleanup_hook(env, StopAtExit, kept->get());
          (*kept)->thread_.join();
          delete kept;
        },
        keeper);
    // A worker that is terminated takes its recordings along.
    napi_add_env_cleanup_hook(env, StopAtExit, self.get());
    const bool is_timely = options.interval_us >= kRealtimeLeastIntervalUs;
    self->thread_ = std::thread([recording = self.get(), env_options = std::move(options), chunks]() mutable {
      recording->Run(std::move(env_options), chunks);
    });
    if (is_timely) StartInTime(&self->thread_);
    return self;
  }

  void Stop() {
    stop_ = true;
    LetChunksPass();
  }
  void Rotate() { requests_.rotate = true; }
  void Flush(uint64_t request) { requests_.flush = request; }
  void ChunkDone(size_t bytes) {
    const std::lock_guard lock(mutex_);
    bytes_in_hand_ -= bytes;
    chunk_done_.notify_all();
  }

 private:
  static void StopAtExit(void* recording) { static_cast<RecordingThread*>(recording)->Stop(); }

  void Run(RecordingOptions options, bool chunks) {
    options.on_attached = [this](const Target& target) { Send({target}); };
    options.on_progress = [this](const Statistics& statistics) {
      // Progress that JavaScript is too busy to show is out of date anyway.
      auto event = std::make_unique<Event>(Event{statistics});
      if (queue_.NonBlockingCall(event.get()) == napi_ok) event.release();
    };
    options.on_notice = [this](const Error& notice) { Send({Notice{notice}}); };
    if (chunks) {
      options.listener = [this](std::string_view bytes, bool starts_file) {
        TakeInHand(bytes.size());
        Send({Chunk{std::string(bytes), starts_file}});
      };
    }
    options.on_ending = [this] {
      LetChunksPass();
      Send({Ending{}});
    };
    options.requests = &requests_;
    options.on_flushed = [this](uint64_t request, uint64_t bytes, const std::string& footer) {
      Send({Flushed{request, bytes, footer}});
    };
    Send({Record(std::move(options), stop_)});
    queue_.Release();
  }

  void TakeInHand(size_t bytes) {
    std::unique_lock lock(mutex_);
    chunk_done_.wait(lock, [this] { return bytes_in_hand_ < kMaxBytesInHand || is_passing_; });
    bytes_in_hand_ += bytes;
  }

  /// From now on nothing waits for the reader, who may not come: what is left of a recording that ends is bounded.
  void LetChunksPass() {
    const std::lock_guard lock(mutex_);
    is_passing_ = true;
    chunk_done_.notify_all();
  }

  void Send(Event event) {
    auto owned = std::make_unique<Event>(std::move(event));
    if (queue_.BlockingCall(owned.get()) == napi_ok) owned.release();
  }

  std::atomic<bool> stop_ = false;
  RecordingRequests requests_;
  std::mutex mutex_;
  std::condition_variable chunk_done_;
  size_t bytes_in_hand_ = 0;
  bool is_passing_ = false;
  EventQueue queue_;
  std::thread thread_;
};

RecordingMode ModeOption(const Napi::Object& options) {
  Napi::Value value;
  if (!options.Get("mode").UnwrapTo(&value) || !value.IsString()) return RecordingMode::kWall;
  const std::string name = value.As<Napi::String>().Utf8Value();
  for (const RecordingMode mode : {RecordingMode::kCpu, RecordingMode::kMemory, RecordingMode::kFull}) {
    if (name == ModeName(mode)) return mode;
  }
  return RecordingMode::kWall;
}

std::optional<NativeWay> NativeWayOption(const Napi::Object& options) {
  Napi::Value value;
  if (!options.Get("native").UnwrapTo(&value) || !value.IsString()) return std::nullopt;
  const std::string name = value.As<Napi::String>().Utf8Value();
  for (const NativeWay way : {NativeWay::kExact, NativeWay::kUndisturbed}) {
    if (name == NativeWayName(way)) return way;
  }
  return std::nullopt;
}

std::vector<std::pair<std::string, std::string>> MetadataOption(const Napi::Object& options) {
  std::vector<std::pair<std::string, std::string>> metadata;
  Napi::Value value;
  if (!options.Get("metadata").UnwrapTo(&value) || !value.IsArray()) return metadata;
  const Napi::Array items = value.As<Napi::Array>();
  const auto text = [&items](uint32_t index) {
    Napi::Value item;
    return items.Get(index).UnwrapTo(&item) && item.IsString() ? item.As<Napi::String>().Utf8Value() : std::string();
  };
  for (uint32_t i = 0; i + 1 < items.Length(); i += 2) metadata.emplace_back(text(i), text(i + 1));
  return metadata;
}

}  // namespace

Napi::Value StartRecording(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (info.Length() < 2 || !info[0].IsObject() || !info[1].IsFunction()) {
    Napi::TypeError::New(env, "start(options, listener) expects an object and a function").ThrowAsJavaScriptException();
    return env.Undefined();
  }
  const Napi::Object given = info[0].As<Napi::Object>();
  RecordingOptions options;
  options.root = static_cast<pid_t>(NumberOption(given, "pid"));
  options.interval_us = static_cast<int64_t>(NumberOption(given, "intervalUs"));
  options.timeout_ms = static_cast<int>(NumberOption(given, "timeoutMs"));
  options.duration_us = static_cast<int64_t>(NumberOption(given, "durationUs"));
  options.jitter = FlagOption(given, "jitter");
  options.max_cpu_percent = NumberOption(given, "maxCpuPercent");
  options.progress_ms = static_cast<int>(NumberOption(given, "progressMs"));
  options.mode = ModeOption(given);
  options.children = FlagOption(given, "children");
  options.gc = FlagOption(given, "gc");
  options.gil_only = FlagOption(given, "gilOnly");
  options.gil_holders = FlagOption(given, "gilHolders");
  options.tasks = FlagOption(given, "tasks");
  options.native = NativeWayOption(given);
  options.kernel = FlagOption(given, "kernel");
  options.repeats = FlagOption(given, "repeats");
  options.metadata = MetadataOption(given);
  const int fd = static_cast<int>(NumberOption(given, "outputFd"));
  if (fd >= 0) {
    options.output = UniqueFd(fcntl(fd, F_DUPFD_CLOEXEC, 0));
    if (!options.output.valid()) {
      Napi::Error::New(env, "outputFd is not an open descriptor").ThrowAsJavaScriptException();
      return env.Undefined();
    }
  }

  auto recording =
      RecordingThread::Start(env, std::move(options), FlagOption(given, "chunks"), info[1].As<Napi::Function>());
  Napi::Object handle = Napi::Object::New(env);
  handle.Set("stop", Napi::Function::New(env, [recording](const Napi::CallbackInfo&) { recording->Stop(); }));
  handle.Set("rotate", Napi::Function::New(env, [recording](const Napi::CallbackInfo&) { recording->Rotate(); }));
  handle.Set("flush", Napi::Function::New(env, [recording](const Napi::CallbackInfo& info) {
               if (info.Length() > 0 && info[0].IsNumber()) {
                 recording->Flush(static_cast<uint64_t>(info[0].As<Napi::Number>().DoubleValue()));
               }
             }));
  handle.Set("chunkDone", Napi::Function::New(env, [recording](const Napi::CallbackInfo& info) {
               if (info.Length() > 0 && info[0].IsNumber()) {
                 recording->ChunkDone(static_cast<size_t>(info[0].As<Napi::Number>().Int64Value()));
               }
             }));
  return handle;
}

}  // namespace austin
