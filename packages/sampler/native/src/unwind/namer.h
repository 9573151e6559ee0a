#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "unwind/modules.h"
#include "unwind/symbols.h"

namespace austin {

/// Names addresses on a thread of its own, each only once. Ask and Find may be called by any thread.
class Namer {
 public:
  /// Stands for an address in a file, whatever process asked; counts from 0.
  using Id = uint32_t;

  Namer();
  /// Stops after the name it works on; the others stay unnamed.
  ~Namer();
  Namer(const Namer&) = delete;
  Namer& operator=(const Namer&) = delete;

  /// Asks for the name of the instruction at `pc` (for a caller, its return address; `is_exact` as in NativeFrame). Returns
  /// at once; cheap where it was asked before.
  Id Ask(const Module& module, Address pc, bool is_exact);

  /// The name, or null as long as it is not known. It stays where it is for as long as this lives.
  const NativeName* Find(Id id) const;

  /// Waits until all names that have been asked for are known.
  void WaitForAll();

 private:
  struct Question {
    /// Keeps its file readable.
    Module module;
    uint64_t address = 0;
    bool is_exact = false;
    bool is_answered = false;
    NativeName name;
  };
  struct Key {
    const ModuleFile* file;
    uint64_t address;
    bool is_exact;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    size_t operator()(const Key& key) const;
  };

  void Run();

  mutable std::mutex mutex_;
  std::condition_variable asked_;
  std::condition_variable answered_;
  std::unordered_map<Key, Id, KeyHash> ids_;
  std::deque<Question> questions_;
  /// All questions before this one are answered.
  size_t next_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace austin
