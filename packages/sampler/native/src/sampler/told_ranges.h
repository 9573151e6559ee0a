#pragma once

#include <map>
#include <string>

#include "memory/memory_reader.h"

namespace austin {

/// What has been said of ranges of addresses, so that it is said once. What is said of a range later counts for it.
class ToldRanges {
 public:
  /// Notes that this is said. False if it is what was said of this range last.
  bool Tell(Address start, Address end, const std::string& text);

  void Clear() { told_.clear(); }

 private:
  struct Told {
    Address end = 0;
    std::string text;
  };
  /// By their start; they do not overlap.
  std::map<Address, Told> told_;
};

}  // namespace austin
