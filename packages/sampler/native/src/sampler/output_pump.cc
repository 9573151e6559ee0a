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

bool OutputPump::Push(std::string* bytes, bool starts_file) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return waiting_bytes_ < kMaxWaiting || failure_ != 0; });
  if (failure_ != 0) return false;
  waiting_bytes_ += bytes->size();
  if (starts_file || waiting_.empty() || !waiting_.back().done.empty()) {
    waiting_.push_back({.bytes = std::move(*bytes), .starts_file = starts_file, .done = {}});
  } else {
    waiting_.back().bytes += *bytes;
  }
  bytes->clear();
  changed_.notify_all();
  return true;
}

void OutputPump::WhenWritten(std::function<void(uint64_t)> done) {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) waiting_.emplace_back();
  waiting_.back().done.push_back(std::move(done));
  changed_.notify_all();
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
  uint64_t written = 0;
  std::unique_lock lock(mutex_);
  while (failure_ == 0) {
    changed_.wait(lock, [this] { return !waiting_.empty() || finishing_; });
    if (waiting_.empty()) return;
    const Piece piece = std::move(waiting_.front());
    waiting_.pop_front();
    waiting_bytes_ -= piece.bytes.size();
    changed_.notify_all();
    lock.unlock();
    if (listener_ && !piece.bytes.empty()) listener_(piece.bytes, piece.starts_file);
    if (Write(piece.bytes)) {
      written += piece.bytes.size();
      for (const auto& done : piece.done) done(written);
    }
    lock.lock();
  }
}

bool OutputPump::Write(std::string_view bytes) {
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
    return false;
  }
  return true;
}

}  // namespace austin
