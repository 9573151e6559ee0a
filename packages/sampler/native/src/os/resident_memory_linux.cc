#include <unistd.h>

#include <charconv>
#include <string>
#include <string_view>

#include "os/resident_memory.h"

namespace austin {

ResidentMemory::ResidentMemory(pid_t pid, DescriptorBudget* budget)
    : file_("/proc/" + std::to_string(pid) + "/statm", budget) {}

std::optional<int64_t> ResidentMemory::Bytes() {
  static const int64_t page_size = sysconf(_SC_PAGESIZE);
  char text[256];
  const KeptFile::Outcome outcome = file_.Read(text, sizeof(text));
  // Pages: the whole address space, then what is resident of it.
  const std::string_view line(text, outcome.bytes);
  const size_t space = line.find(' ');
  if (outcome.sys_errno != 0 || space == std::string_view::npos) return std::nullopt;
  int64_t pages = 0;
  if (std::from_chars(line.data() + space + 1, line.data() + line.size(), pages).ec != std::errc()) return std::nullopt;
  return pages * page_size;
}

uint64_t PhysicalMemoryKib() {
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long page_size = sysconf(_SC_PAGESIZE);
  return pages > 0 && page_size > 0 ? static_cast<uint64_t>(pages) * static_cast<uint64_t>(page_size) / 1024 : 0;
}

}  // namespace austin
