#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "cpython/layout.h"
#include "cpython/py_object.h"
#include "memory/memory_reader.h"

namespace austin {

/// What Python's `threading` module says of a thread.
struct ThreadName {
  /// `Thread.ident`, which is `thread.thread_id` of the Layout.
  uint64_t thread_id = 0;
  std::string name;
  /// The kernel's id of the thread, or 0.
  uint64_t native_id = 0;
};

/// Finds the names of threads: `sys.modules`, `threading`, `_active`, then `_name` of each Thread. The way to
/// `_active` is remembered; from then on it takes a few reads, and about nine more for each thread.
class ThreadNames {
 public:
  explicit ThreadNames(const Layout& layout) : layout_(layout) {}

  /// The threads that `threading` knows in an interpreter. Empty when the module was never imported. Threads whose
  /// entries cannot be read are left out.
  std::vector<ThreadName> Read(MemoryReader& memory, Address interpreter);

 private:
  /// The dict `_active`, and its type at the time: another type means that the memory serves something else now.
  struct Active {
    Address dict = 0;
    Address type = 0;
  };

  bool FindActive(MemoryReader& memory, Address interpreter, Active& active);
  bool IsCurrent(MemoryReader& memory, const Active& active) const;

  const Layout& layout_;
  std::unordered_map<Address, Active> active_by_interpreter_;
  Name threading_{"threading"};
  Name active_{"_active"};
  Name name_{"_name"};
  Name native_id_{"_native_id"};
};

}  // namespace austin
