#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/unique_fd.h"

namespace austin {

/// Writes the recording from a thread of its own, so that a slow disk or reader does not delay the samples. What waits
/// to be written is bounded: beyond the bound the sampling thread waits, which its late rounds show.
class OutputPump {
 public:
  /// Receives each piece of the stream, on the pump's thread, and whether a new file begins with it. May block.
  using Listener = std::function<void(std::string_view, bool starts_file)>;

  /// @param fd where to write, or an invalid descriptor
  /// @param listener who else gets the stream, or an empty function
  OutputPump(UniqueFd fd, Listener listener);
  OutputPump(const OutputPump&) = delete;
  OutputPump& operator=(const OutputPump&) = delete;
  ~OutputPump() { Finish(); }

  /// Hands over whole samples, leaving `bytes` empty. False once writing has failed.
  ///
  /// @param starts_file whether the bytes are the beginning of a file; they are then not joined to what was pushed before
  bool Push(std::string* bytes, bool starts_file = false);

  /// Has `done` called on the pump's thread when all that was pushed before has been written and heard. It gets the number of
  /// bytes written so far. Never called once writing has failed.
  void WhenWritten(std::function<void(uint64_t bytes)> done);

  /// Writes what is left and ends the thread. Returns the error number of the first failed write, or 0.
  int Finish();

 private:
  struct Piece {
    std::string bytes;
    bool starts_file = false;
    /// What to call after the bytes.
    std::vector<std::function<void(uint64_t)>> done;
  };

  void Run();
  bool Write(std::string_view bytes);

  const UniqueFd fd_;
  const Listener listener_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Piece> waiting_;
  size_t waiting_bytes_ = 0;
  bool finishing_ = false;
  int failure_ = 0;
  std::thread thread_;
};

}  // namespace austin
