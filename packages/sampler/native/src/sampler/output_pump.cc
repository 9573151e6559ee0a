#include "sampler/output_pump.h"

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace austin {

namespace {

/// The most that may wait to be written.
constexpr size_t kMaxWaiting = size_t{16} << 20;

}  // namespace

OutputPump::OutputPump(UniqueFd fd, Listener listener)
    : fd_(std::move(fd)), listener_(std::move(listener)), thread_([this] { Run(); }) {}

bool OutputPump::Push(std::string* bytes) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return waiting_.size() < kMaxWaiting || failure_ != 0; });
  if (failure_ != 0) return false;
  if (waiting_.empty()) {
    waiting_.swap(*bytes);
  } else {
    waiting_ += *bytes;
  }
  bytes->clear();
  changed_.notify_all();
  return true;
}

int OutputPump::Finish() {
  {
    const std::lock_guard lock(mutex_);
    finishing_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
  return failure_;
}

void OutputPump::Run() {
  std::string writing;
  std::unique_lock lock(mutex_);
  while (failure_ == 0) {
    changed_.wait(lock, [this] { return !waiting_.empty() || finishing_; });
    if (waiting_.empty()) return;
    writing.clear();
    writing.swap(waiting_);
    changed_.notify_all();
    lock.unlock();
    if (listener_) listener_(writing);
    Write(writing);
    lock.lock();
  }
}

void OutputPump::Write(std::string_view bytes) {
  while (fd_.valid() && !bytes.empty()) {
    const ssize_t written = ::write(fd_.get(), bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<size_t>(written));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno == EAGAIN) {
      usleep(1000);  // somebody made the pipe non-blocking
      continue;
    }
    const int failure = errno;
    const std::lock_guard lock(mutex_);
    failure_ = failure;
    changed_.notify_all();
    return;
  }
}

}  // namespace austin
