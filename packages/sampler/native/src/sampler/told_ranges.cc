#include "sampler/told_ranges.h"

#include <iterator>

namespace austin {

bool ToldRanges::Tell(Address start, Address end, const std::string& text) {
  auto at = told_.lower_bound(start);
  if (at != told_.end() && at->first == start && at->second.end == end && at->second.text == text) return false;
  if (at != told_.begin() && std::prev(at)->second.end > start) --at;
  while (at != told_.end() && at->first < end) at = told_.erase(at);
  told_[start] = {end, text};
  return true;
}

}  // namespace austin
