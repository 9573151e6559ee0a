#include <sys/resource.h>

#include <algorithm>

#include "binary/proc_file.h"
#include "os/descriptor_budget.h"

namespace austin {

namespace {

/// More than this many threads are not worth descriptors of their own.
constexpr size_t kMostDescriptors = 16384;

}  // namespace

DescriptorBudget::DescriptorBudget() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const size_t open = NumericEntries("/proc/self/fd").size();
  const size_t allowed = limit.rlim_cur == RLIM_INFINITY ? kMostDescriptors * 2 + open : limit.rlim_cur;
  left_ = allowed > open ? std::min((allowed - open) / 2, kMostDescriptors) : 0;
}

}  // namespace austin
