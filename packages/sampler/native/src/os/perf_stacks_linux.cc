#include <linux/perf_event.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <optional>
#include <utility>

#include "base/unique_fd.h"
#include "os/perf_stacks.h"
#include "os/processors.h"
#include "sampler/clock.h"

namespace austin {

namespace {

/// The shortest time after which the kernel's timer of an event goes off.
constexpr uint64_t kPeriodNs = 10'000;
/// A thread that runs has its copy made within this time.
constexpr int64_t kSpinNs = 60'000;
/// One that does not may get a processor soon, or go to sleep.
constexpr int64_t kPatienceNs = 3'000'000;

constexpr size_t kUsualStackBytes = size_t{16} << 10;
/// The length of a record is a number of 16 bits; the kernel cuts the stack so that all of it fits.
constexpr size_t kMostStackBytes = 65'528;
/// Functions of the kernel on one stack; its own default limit (kernel.perf_event_max_stack) is 127.
constexpr size_t kMostKernelFrames = 1024;

int OpenEvent(perf_event_attr* attributes, pid_t tid) {
  return static_cast<int>(syscall(SYS_perf_event_open, attributes, tid, /*cpu=*/-1, /*group=*/-1, PERF_FLAG_FD_CLOEXEC));
}

CaptureOutcome OutcomeOf(int sys_errno) {
  switch (sys_errno) {
    case ESRCH:
      return CaptureOutcome::kGone;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return CaptureOutcome::kNoRoom;
    default:
      return CaptureOutcome::kPermission;
  }
}

/// Takes a record apart, field by field.
class Fields {
 public:
  explicit Fields(std::span<const std::byte> bytes) : bytes_(bytes) {}

  bool Next(uint64_t* out) {
    if (bytes_.size() < sizeof(*out)) return false;
    std::memcpy(out, bytes_.data(), sizeof(*out));
    bytes_ = bytes_.subspan(sizeof(*out));
    return true;
  }

  bool Next(size_t length, std::span<const std::byte>* out) {
    if (bytes_.size() < length) return false;
    *out = bytes_.first(length);
    bytes_ = bytes_.subspan(length);
    return true;
  }

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace

/// An event of one thread with the ring that its records are written to (linux/perf_event.h, struct perf_event_mmap_page).
class PerfStacks::Event {
 public:
  Event(UniqueFd fd, bool kernel, void* pages, size_t length) : fd_(std::move(fd)), kernel_(kernel), pages_(pages), length_(length) {}
  ~Event() {
    munmap(pages_, length_);
    if (budget_ != nullptr) budget_->Give();
  }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  bool has_kernel() const { return kernel_; }
  int fd() const { return fd_.get(); }
  /// That a descriptor is given back to when this ends.
  void set_budget(DescriptorBudget* budget) { budget_ = budget; }

  /// Asks for one copy, after which the event is disabled again. A wish that is not fulfilled ends with the event.
  bool Ask() {
    Page().data_tail = Head();
    return ioctl(fd_.get(), PERF_EVENT_IOC_REFRESH, 1) == 0;
  }

  bool HasRecord() { return Head() != Page().data_tail; }

  /// Takes the next record off the ring. Empty where it is damaged.
  bool Next(perf_event_header* header, std::vector<std::byte>* body) {
    const uint64_t tail = Page().data_tail;
    const uint64_t available = Head() - tail;
    if (available < sizeof(*header)) return false;
    Copy(tail, reinterpret_cast<std::byte*>(header), sizeof(*header));
    if (header->size < sizeof(*header) || header->size > available) return false;
    body->resize(header->size - sizeof(*header));
    Copy(tail + sizeof(*header), body->data(), body->size());
    std::atomic_ref(Page().data_tail).store(tail + header->size, std::memory_order_release);
    return true;
  }

 private:
  perf_event_mmap_page& Page() { return *static_cast<perf_event_mmap_page*>(pages_); }
  uint64_t Head() { return std::atomic_ref(Page().data_head).load(std::memory_order_acquire); }

  void Copy(uint64_t from, std::byte* to, size_t length) {
    const size_t ring = Page().data_size;
    const auto* bytes = static_cast<const std::byte*>(pages_) + Page().data_offset;
    const size_t at = from % ring;
    const size_t first = std::min(length, ring - at);
    std::memcpy(to, bytes + at, first);
    std::memcpy(to + first, bytes, length - first);
  }

  UniqueFd fd_;
  const bool kernel_;
  void* pages_;
  const size_t length_;
  DescriptorBudget* budget_ = nullptr;
};

PerfStacks::PerfStacks(uint64_t register_mask, bool kernel, DescriptorBudget* budget)
    : register_mask_(register_mask),
      register_count_(static_cast<size_t>(std::popcount(register_mask))),
      wants_kernel_(kernel),
      budget_(*budget),
      spin_ns_(HasOneProcessor() ? 0 : kSpinNs) {}

PerfStacks::~PerfStacks() = default;

/// Null where it is refused; `sys_errno_` says why.
std::unique_ptr<PerfStacks::Event> PerfStacks::Open(pid_t tid, size_t stack_bytes) {
  perf_event_attr attributes{};
  attributes.size = sizeof(attributes);
  attributes.type = PERF_TYPE_SOFTWARE;
  attributes.config = PERF_COUNT_SW_CPU_CLOCK;
  attributes.sample_period = kPeriodNs;
  attributes.sample_type = PERF_SAMPLE_TIME | PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER;
  attributes.sample_regs_user = register_mask_;
  attributes.sample_stack_user = static_cast<uint32_t>(stack_bytes);
  attributes.disabled = 1;
  attributes.use_clockid = 1;
  attributes.clockid = CLOCK_MONOTONIC;
  attributes.wakeup_events = 1;
  attributes.exclude_hv = 1;
  attributes.exclude_kernel = excludes_kernel_ ? 1 : 0;
  const bool kernel = tells_kernel();
  if (kernel) {
    attributes.sample_type |= PERF_SAMPLE_CALLCHAIN;
    attributes.exclude_callchain_user = 1;
  }
  UniqueFd fd(OpenEvent(&attributes, tid));
  if (!fd.valid() && (errno == EACCES || errno == EPERM) && !excludes_kernel_) {
    excludes_kernel_ = true;
    return Open(tid, stack_bytes);
  }
  sys_errno_ = errno;
  if (!fd.valid()) return nullptr;
  const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  // Room for one record, in pages by a power of two, behind the page that describes them.
  const size_t data = std::bit_ceil((stack_bytes + (kernel ? kMostKernelFrames * 8 : 0)) / page + 1) * page;
  void* const pages = mmap(nullptr, page + data, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (pages == MAP_FAILED) {
    // EPERM: more than may be locked in memory (kernel.perf_event_mlock_kb).
    sys_errno_ = errno == EPERM ? ENOMEM : errno;
    return nullptr;
  }
  return std::make_unique<Event>(std::move(fd), kernel, pages, page + data);
}

CaptureOutcome PerfStacks::WaitFor(Event& event) {
  const int64_t asked_ns = MonotonicNanoseconds();
  while (!event.HasRecord()) {
    const int64_t waited_ns = MonotonicNanoseconds() - asked_ns;
    if (waited_ns < spin_ns_) continue;
    if (waited_ns > kPatienceNs) return CaptureOutcome::kUnresponsive;
    pollfd waits{event.fd(), POLLIN, 0};
    const timespec left{0, static_cast<long>(kPatienceNs - waited_ns + 1)};
    const bool is_told = ppoll(&waits, 1, &left, nullptr) > 0;
    // There is nothing but the end of the thread to tell.
    if (is_told && (waits.revents & POLLIN) == 0 && !event.HasRecord()) return CaptureOutcome::kGone;
  }
  return CaptureOutcome::kTaken;
}

CaptureOutcome PerfStacks::Take(pid_t tid) {
  const auto key = static_cast<uint64_t>(tid);
  auto kept = events_.find(key);
  std::unique_ptr<Event> opened;
  if (kept == events_.end()) {
    opened = Open(tid, deep_.contains(key) ? kMostStackBytes : kUsualStackBytes);
    if (!opened) return OutcomeOf(sys_errno_);
    // Of more threads than may have one at a time, each one's is opened anew for each sample.
    if (budget_.Take()) {
      opened->set_budget(&budget_);
      kept = events_.emplace(key, std::move(opened)).first;
    }
  }
  Event& event = opened ? *opened : *kept->second;
  CaptureOutcome outcome = event.Ask() ? WaitFor(event) : CaptureOutcome::kGone;
  if (outcome == CaptureOutcome::kTaken && !Parse(event)) outcome = CaptureOutcome::kUnresponsive;
  // A wish that was not fulfilled ends with its event; and the number may be that of another thread by now.
  if (outcome != CaptureOutcome::kTaken) events_.erase(key);
  return outcome;
}

/// Takes the record of a copy off the ring: `struct { u64 time; u64 nr, ips[nr]; u64 abi, registers[]; u64 size; bytes; u64 used; }`
/// (PERF_RECORD_SAMPLE in linux/perf_event.h).
bool PerfStacks::Parse(Event& event) {
  perf_event_header header{};
  while (event.Next(&header, &record_)) {
    if (header.type != PERF_RECORD_SAMPLE) continue;
    Fields fields(record_);
    uint64_t time = 0, abi = 0, size = 0, used = 0;
    if (!fields.Next(&time)) return false;
    kernel_.clear();
    if (event.has_kernel()) {
      uint64_t count = 0;
      if (!fields.Next(&count) || count > record_.size() / sizeof(count)) return false;
      for (uint64_t i = 0, address = 0; i < count; ++i) {
        if (!fields.Next(&address)) return false;
        // Marks of what follows are no addresses.
        if (address < uint64_t(PERF_CONTEXT_MAX)) kernel_.push_back(address);
      }
    }
    // Without user memory, as while a program is loaded, there are no registers.
    if (!fields.Next(&abi) || abi != PERF_SAMPLE_REGS_ABI_64) return false;
    registers_.resize(register_count_);
    for (uint64_t& value : registers_) {
      if (!fields.Next(&value)) return false;
    }
    std::span<const std::byte> bytes;
    if (!fields.Next(&size) || size == 0 || !fields.Next(size, &bytes) || !fields.Next(&used)) return false;
    bytes = bytes.first(std::min(bytes.size(), static_cast<size_t>(used)));
    stack_.assign(bytes.begin(), bytes.end());
    taken_ns_ = static_cast<int64_t>(time);
    return true;
  }
  return false;
}

bool PerfStacks::WantMore(pid_t tid) {
  const auto key = static_cast<uint64_t>(tid);
  if (!deep_.insert(key).second) return false;
  events_.erase(key);
  return true;
}

void PerfStacks::ForgetOtherThreads(const std::unordered_set<uint64_t>& living) {
  std::erase_if(events_, [&living](const auto& entry) { return !living.contains(entry.first); });
  std::erase_if(deep_, [&living](uint64_t tid) { return !living.contains(tid); });
}

}  // namespace austin
