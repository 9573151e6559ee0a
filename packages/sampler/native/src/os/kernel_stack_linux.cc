#include <algorithm>

#include "binary/proc_file.h"
#include "os/kernel_stack.h"

namespace austin {

std::vector<std::string> ParseKernelStack(std::string_view text) {
  std::vector<std::string> functions;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    // An address, which is 0 or the real one, and a blank.
    const size_t address_end = line.find("] ");
    if (!line.starts_with('[') || address_end == std::string_view::npos) continue;
    line.remove_prefix(address_end + 2);
    const size_t offset = line.rfind("+0x");
    // The place of a function without a name is a number, and the end of the stack the greatest.
    if (offset == std::string_view::npos || offset == 0) continue;
    std::string function(line.substr(0, offset));
    const size_t module = line.find(" [", offset);
    if (module != std::string_view::npos) function += line.substr(module);
    functions.push_back(std::move(function));
  }
  std::reverse(functions.begin(), functions.end());
  return functions;
}

KernelStack ReadKernelStack(pid_t pid, pid_t tid) {
  KernelStack stack;
  std::string text;
  stack.sys_errno = ReadProcFile("/proc/" + std::to_string(pid) + "/task/" + std::to_string(tid) + "/stack", text);
  if (stack.sys_errno == 0) stack.functions = ParseKernelStack(text);
  return stack;
}

}  // namespace austin
