#include "binary/thread_ids.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

#include "binary/proc_file.h"
#include "binary/process_info.h"

namespace austin {
namespace {

constexpr size_t kDescriptorBytes = 2048;
constexpr std::chrono::milliseconds kRefreshInterval{10};

/// By this age a child has corrected its thread state, or called exec.
constexpr double kSettlingSeconds = 0.2;

// Offset of the kernel's thread id in the descriptor: glibc and musl on x86-64. Elsewhere it is searched for.
#if defined(__x86_64__)
constexpr size_t kKnownOffsets[] = {720, 48};
#else
constexpr size_t kKnownOffsets[] = {};
#endif

/// The numbers of the NSpid line, from this process's namespace to the innermost one. Empty on kernels before 4.1.
std::vector<pid_t> NamespaceIds(const std::string& status) {
  std::vector<pid_t> ids;
  constexpr std::string_view kLabel = "\nNSpid:";
  const size_t at = status.find(kLabel);
  if (at == std::string::npos) return ids;
  std::string_view line = std::string_view(status).substr(at + kLabel.size());
  line = line.substr(0, line.find('\n'));
  while (!line.empty()) {
    pid_t id = 0;
    const auto parsed = std::from_chars(line.data(), line.data() + line.size(), id);
    if (parsed.ec == std::errc()) {
      ids.push_back(id);
      line.remove_prefix(size_t(parsed.ptr - line.data()));
    } else {
      line.remove_prefix(1);
    }
  }
  return ids;
}

}  // namespace

ThreadIds::ThreadIds(pid_t pid) : pid_(pid) {}

bool ThreadIds::InNamespace() {
  if (!in_namespace_) {
    std::string status;
    if (ReadProcFile("/proc/" + std::to_string(pid_) + "/status", status) != 0) return false;
    in_namespace_ = NamespaceIds(status).size() > 1;
  }
  return *in_namespace_;
}

bool ThreadIds::IsThread(pid_t outside) const {
  if (outside <= 0) return false;
  return access(("/proc/" + std::to_string(pid_) + "/task/" + std::to_string(outside)).c_str(), F_OK) == 0;
}

void ThreadIds::Refresh() {
  const auto now = std::chrono::steady_clock::now();
  if (now - refreshed_ < kRefreshInterval) return;
  refreshed_ = now;
  outside_.clear();
  const std::string task = "/proc/" + std::to_string(pid_) + "/task";
  std::string status;
  for (const pid_t tid : NumericEntries(task)) {
    if (!InNamespace()) {
      outside_[tid] = tid;
      continue;
    }
    if (ReadProcFile(task + "/" + std::to_string(tid) + "/status", status) != 0) continue;
    const std::vector<pid_t> ids = NamespaceIds(status);
    if (!ids.empty()) outside_[ids.back()] = tid;
  }
}

pid_t ThreadIds::Outside(pid_t inside) {
  if (inside <= 0) return 0;
  if (!InNamespace()) return IsThread(inside) ? inside : 0;
  // A thread may have ended and its number been given to another one.
  if (const auto known = outside_.find(inside); known != outside_.end() && IsThread(known->second)) {
    return known->second;
  }
  Refresh();
  const auto found = outside_.find(inside);
  return found != outside_.end() ? found->second : 0;
}

pid_t ThreadIds::FromNative(uint64_t native_thread_id) {
  const auto inside = static_cast<pid_t>(native_thread_id);
  if (inside <= 0 || uint64_t(inside) != native_thread_id) return 0;
  if (InNamespace()) return Outside(inside);
  // After a fork a thread state names a thread of the parent, until the child corrects it.
  const bool is_elsewhere = !IsThread(inside) && access(("/proc/" + std::to_string(inside)).c_str(), F_OK) == 0;
  return is_elsewhere ? 0 : inside;
}

pid_t ThreadIds::AfterFork() {
  if (!is_settled_) {
    const std::optional<ProcessStat> stat = ReadProcessStat(pid_);
    timespec now;
    if (!stat || clock_gettime(CLOCK_BOOTTIME, &now) != 0) return 0;
    const double age = double(now.tv_sec) + double(now.tv_nsec) / 1e9 - double(stat->start_ticks) / double(sysconf(_SC_CLK_TCK));
    is_settled_ = age > kSettlingSeconds;
  }
  return is_settled_ ? pid_ : 0;
}

pid_t ThreadIds::FromDescriptor(MemoryReader& memory, Address thread_id) {
  if (thread_id == 0) return 0;
  if (descriptor_offset_) return Outside(memory.ReadValue<pid_t>(thread_id + *descriptor_offset_).value_or(0));
  for (const size_t offset : kKnownOffsets) {
    const pid_t outside = Outside(memory.ReadValue<pid_t>(thread_id + offset).value_or(0));
    if (outside == 0) continue;
    descriptor_offset_ = offset;
    return outside;
  }

  // Another C library: every descriptor leaves fewer offsets at which a thread of the process is named. Where several
  // are left the lowest is used; the process id, which is in some descriptors too, comes after the thread id.
  Refresh();
  std::byte bytes[kDescriptorBytes];
  const RemoteRange range{thread_id, sizeof(bytes)};
  const size_t got = memory.ReadRanges({&range, 1}, bytes).bytes;
  std::vector<size_t> fitting;
  for (size_t offset = 0; offset + sizeof(pid_t) <= got; offset += sizeof(pid_t)) {
    if (outside_.contains(FieldAt<pid_t>(bytes, offset))) fitting.push_back(offset);
  }
  if (!candidate_offsets_.empty()) {
    std::vector<size_t> both;
    std::set_intersection(fitting.begin(), fitting.end(), candidate_offsets_.begin(), candidate_offsets_.end(),
                          std::back_inserter(both));
    fitting = std::move(both);
  }
  if (fitting.empty()) return 0;
  candidate_offsets_ = std::move(fitting);
  return Outside(FieldAt<pid_t>(bytes, candidate_offsets_.front()));
}

}  // namespace austin
