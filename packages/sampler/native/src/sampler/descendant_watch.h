#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "binary/process_info.h"
#include "binary/process_tree.h"
#include "binary/python_image_cache.h"
#include "binary/runtime_locator.h"
#include "binary/target.h"
#include "memory/process_memory_reader.h"
#include "os/birth_events.h"
#include "os/process_births.h"

namespace austin {

/// A Python, and the program that it was when it was found.
struct FoundProcess {
  Target target;
  ProcessStat program;
};

/// Finds every Python among a process and all that it starts, at any depth and through programs that are not Python,
/// as they come into being. A process stays known when the one that started it ends. For use by one thread.
class DescendantWatch {
 public:
  explicit DescendantWatch(pid_t root) : root_(root) {}

  /// Looks for new processes, and at those that may have become Python. Adds what is found, once until Release. Times
  /// are nanoseconds of the monotonic clock.
  void Look(int64_t now, std::vector<FoundProcess>* found);

  /// Waits until something may have come into being, for `most` at the most; less where the system tells of births itself, or when
  /// another thread calls Interrupt. Then `rest` passes in any case.
  void Wait(std::chrono::nanoseconds rest, std::chrono::nanoseconds most);
  void Interrupt() { events_.Interrupt(); }

  /// Whether the system tells of births at once, so that looks need not follow each other closely to notice them.
  bool is_told_at_once() const { return events_.is_usable(); }

  /// A process that was found has ended, or is no Python any more and may become one again.
  void Release(pid_t pid);

  /// Whether nothing has happened lately, on the whole machine, that could bring a Python soon.
  bool is_calm(int64_t now) const;

  /// Whether the root has ended and nothing is left that is a Python, or so young that it may become one.
  bool is_over() const { return is_over_; }

  /// What there is instead of a Python, for SearchPatience.
  PythonSearch::Pass pass() const;

 private:
  struct Member {
    Member(pid_t pid, const ProcessStat& stat, std::shared_ptr<PythonImageCache> cache, int64_t now)
        : stat(stat), memory(pid), locator(pid, std::move(cache)), since(now) {}

    ProcessStat stat;
    ProcessMemoryReader memory;
    RuntimeLocator locator;
    /// When it became the program that it is, as far as known.
    int64_t since;
    int64_t next_look = 0;
    int64_t next_probe = 0;
    int64_t pause = 0;
    /// Found, and not released since.
    bool is_found = false;
    ProbeStatus status = ProbeStatus::kNotPython;
    Error why{ErrorCode::kNotPython, {}};
  };

  std::optional<std::vector<Birth>> TakeBirths();
  void FindBirths(int64_t now);
  void Begin(int64_t now);
  void WalkTree(int64_t now);
  bool Adopt(Birth birth, int64_t now);
  void AddMember(pid_t pid, const ProcessStat& stat, int64_t now);
  /// False where the process is gone.
  bool LookAt(pid_t pid, Member* member, int64_t now, std::vector<FoundProcess>* found);

  const pid_t root_;
  BirthEvents events_;
  ProcessBirths births_;
  std::shared_ptr<PythonImageCache> cache_ = std::make_shared<PythonImageCache>();
  /// The living processes of the tree.
  std::map<pid_t, Member> members_;
  /// The numbers of all that belong to it or did, until another process gets the number.
  std::set<pid_t> numbers_;
  /// Of the root: one of them inherits the processes of the tree whose parents end.
  std::set<pid_t> ancestors_;
  int64_t next_walk_ = 0;
  int64_t last_birth_ = 0;
  bool is_over_ = false;
};

}  // namespace austin
