#pragma once

#include <sys/types.h>

#include <optional>
#include <vector>

#include "os/kept_file.h"

namespace austin {

/// A process, or a thread, that came into being.
struct Birth {
  pid_t pid = 0;
  /// Who started it, where that is known.
  pid_t parent = 0;
};

/// Tells what has come into being on this machine. A question costs less than a microsecond while nothing has.
///
/// The system numbers processes and threads in turn and tells which number it gave out last: what lies between two
/// answers is new. Which of it still lives, and whose child it is, is for the caller to find out.
class ProcessBirths {
 public:
  ProcessBirths();

  /// Since the last call, in order; nothing where it is unknown, and the whole tree has to be looked at.
  std::optional<std::vector<Birth>> Take();

 private:
  pid_t LastNumber();

  KeptFile file_;
  bool is_usable_ = false;
  pid_t last_ = 0;
};

}  // namespace austin
