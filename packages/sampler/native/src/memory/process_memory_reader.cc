#include "memory/process_memory_reader.h"

#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <type_traits>

namespace austin {
namespace {

// UIO_MAXIOV: one call takes no more ranges.
constexpr size_t kMaxRangesPerCall = 1024;
// MAX_RW_COUNT: the kernel silently cuts a transfer there, which would look like an unreadable byte.
constexpr size_t kMaxBytesPerCall = 0x7ffff000;

// The kernel takes the callers' array as it stands: nothing is converted per call.
static_assert(std::is_standard_layout_v<RemoteRange>);
static_assert(sizeof(RemoteRange) == sizeof(iovec) && alignof(RemoteRange) == alignof(iovec));
static_assert(offsetof(RemoteRange, address) == offsetof(iovec, iov_base));
static_assert(offsetof(RemoteRange, length) == offsetof(iovec, iov_len));
static_assert(sizeof(Address) == sizeof(void*));

}  // namespace

ReadOutcome ProcessMemoryReader::ReadRanges(std::span<const RemoteRange> ranges, std::byte* out) {
  ReadOutcome outcome;
  while (!ranges.empty()) {
    const auto batch = ranges.first(std::min(ranges.size(), kMaxRangesPerCall));
    ranges = ranges.subspan(batch.size());
    size_t wanted = 0;
    for (const RemoteRange& range : batch) wanted += range.length;
    if (wanted > kMaxBytesPerCall) {
      outcome.sys_errno = EINVAL;
      return outcome;
    }

    const iovec local{out + outcome.bytes, wanted};
    const ssize_t got =
        process_vm_readv(pid_, &local, 1, reinterpret_cast<const iovec*>(batch.data()), batch.size(), 0);
    if (got < 0) {
      outcome.sys_errno = errno;
      return outcome;
    }
    outcome.bytes += size_t(got);
    // The kernel holds the address space for the whole call and copies page by page, so the only reason for a
    // short count is an unreadable page, and the count is exact.
    if (size_t(got) != wanted) {
      outcome.sys_errno = EFAULT;
      return outcome;
    }
  }
  return outcome;
}

}  // namespace austin
