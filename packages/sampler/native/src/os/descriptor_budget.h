#pragma once

#include <cstddef>

namespace austin {

/// How many descriptors may be kept open only to save time: a share of what this process may open, so that enough is
/// left for everything else in it. For use by one thread.
class DescriptorBudget {
 public:
  /// Half of what the limit on open files has left now.
  DescriptorBudget();
  explicit DescriptorBudget(size_t count) : left_(count) {}

  /// Whether one more may be kept; give it back when it is closed.
  bool Take() {
    if (left_ == 0) return false;
    --left_;
    return true;
  }
  void Give() { ++left_; }

 private:
  size_t left_ = 0;
};

}  // namespace austin
