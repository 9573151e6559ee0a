#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <vector>

namespace austin {

/// A program we started and everything it started, to be ended together. Remembers what it has once seen, so that what
/// outlives its parent is not forgotten, and never touches a later process of the same pid.
class ProgramTree {
 public:
  explicit ProgramTree(pid_t root);

  /// Sends a signal to what runs of the tree. True while there is something.
  bool Signal(int number);

  /// Leaves nothing running: SIGTERM, and SIGKILL to what is left after `grace`. Blocks. Collects the root, if it is a
  /// child of this process.
  void End(std::chrono::milliseconds grace);

 private:
  struct Member {
    pid_t pid;
    uint64_t start_ticks;
  };

  static bool IsRunning(const Member& member);
  /// Sends a signal and tells whether it, within that time, has ended all there was.
  bool IsGoneAfter(int number, std::chrono::milliseconds patience);
  /// Adds what the running members have started since.
  void Grow();

  std::vector<Member> members_;
};

}  // namespace austin
