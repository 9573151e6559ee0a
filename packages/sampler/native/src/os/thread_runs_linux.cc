#include <charconv>

#include "os/thread_runs.h"

namespace austin {

std::optional<RunCounts> ParseRunCounts(const char* begin, const char* end) {
  RunCounts counts;
  for (uint64_t* number : {&counts.ran_ns, &counts.waited_ns, &counts.slices}) {
    while (begin != end && *begin == ' ') ++begin;
    const auto parsed = std::from_chars(begin, end, *number);
    if (parsed.ec != std::errc()) return std::nullopt;
    begin = parsed.ptr;
  }
  return counts;
}

ThreadRuns::ThreadRuns(pid_t pid, DescriptorBudget* budget)
    : folder_("/proc/" + std::to_string(pid) + "/task/"), budget_(budget) {}

std::optional<RunCounts> ThreadRuns::Read(uint64_t tid) {
  auto file = files_.find(tid);
  if (file == files_.end()) {
    file = files_.emplace(tid, KeptFile(folder_ + std::to_string(tid) + "/schedstat", budget_)).first;
  }
  char text[128];
  const KeptFile::Outcome outcome = file->second.Read(text, sizeof(text));
  if (outcome.sys_errno != 0) {
    files_.erase(file);
    return std::nullopt;
  }
  const auto counts = ParseRunCounts(text, text + outcome.bytes);
  // A kernel that does not count answers with zeros; a thread that can be asked about has run once.
  return counts && counts->slices != 0 ? counts : std::nullopt;
}

void ThreadRuns::ForgetOtherThreads(const std::unordered_set<uint64_t>& living) {
  std::erase_if(files_, [&living](const auto& entry) { return !living.contains(entry.first); });
}

}  // namespace austin
