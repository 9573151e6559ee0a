#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <vector>

#include "base/unique_fd.h"
#include "os/process_births.h"

namespace austin {

/// What the kernel itself tells of new processes, the moment they come into being: its process events, which a machine tells to
/// those who administrate it. Nothing comes where it does not, as in containers.
class BirthEvents {
 public:
  BirthEvents();
  ~BirthEvents();
  BirthEvents(const BirthEvents&) = delete;
  BirthEvents& operator=(const BirthEvents&) = delete;

  bool is_usable() const { return socket_.valid(); }

  /// What has come since the last call, in order; nothing if there was more than the system keeps.
  std::optional<std::vector<Birth>> Take();

  /// Waits until there is something to take, for `most` at the most, or until Interrupt is called by another thread. An interrupt
  /// that nobody waits for ends the next wait.
  void Wait(std::chrono::nanoseconds most);
  void Interrupt();

 private:
  UniqueFd socket_;
  UniqueFd interrupt_;
};

}  // namespace austin
