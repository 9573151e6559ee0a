#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "base/unique_fd.h"

namespace austin {

/// Writes the recording from a thread of its own, so that a slow disk or reader does not delay the samples. What waits
/// to be written is bounded: beyond the bound the sampling thread waits, which its late rounds show.
class OutputPump {
 public:
  /// Receives each piece of the stream, on the pump's thread. May block.
  using Listener = std::function<void(std::string_view)>;

  /// @param fd where to write, or an invalid descriptor
  /// @param listener who else gets the stream, or an empty function
  OutputPump(UniqueFd fd, Listener listener);
  OutputPump(const OutputPump&) = delete;
  OutputPump& operator=(const OutputPump&) = delete;
  ~OutputPump() { Finish(); }

  /// Hands over the bytes, leaving `bytes` empty. False once writing has failed.
  bool Push(std::string* bytes);

  /// Writes what is left and ends the thread. Returns the error number of the first failed write, or 0.
  int Finish();

 private:
  void Run();
  void Write(std::string_view bytes);

  const UniqueFd fd_;
  const Listener listener_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string waiting_;
  bool finishing_ = false;
  int failure_ = 0;
  std::thread thread_;
};

}  // namespace austin
