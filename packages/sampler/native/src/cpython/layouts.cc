#include "cpython/layouts.h"

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "cpython/debug_offsets.h"

namespace austin {
namespace {

#include "cpython/offset_tables.inc"

const Layout* TableOf(int minor) {
  switch (minor) {
    case 8:
      return &kLayout38;
    case 9:
      return &kLayout39;
    case 10:
      return &kLayout310;
    case 11:
      return &kLayout311;
    case 12:
      return &kLayout312;
    default:
      return nullptr;
  }
}

std::string VersionText(PythonVersion version) {
  std::string text =
      std::to_string(version.major) + "." + std::to_string(version.minor) + "." + std::to_string(version.micro);
  if (version.level != 0xF) {
    text += version.level == 0xA ? "a" : version.level == 0xB ? "b" : "rc";
    text += std::to_string(version.serial);
  }
  return text;
}

Error Unsupported(PythonVersion version, const char* remedy) {
  return {ErrorCode::kPythonUnsupported, "the process runs Python " + VersionText(version) +
                                             "; this sampler knows the releases 3.8 to 3.15. " + remedy};
}

Error Unreadable(Address runtime, int sys_errno) {
  const ErrorCode code = sys_errno == ESRCH                         ? ErrorCode::kProcessGone
                         : sys_errno == EPERM || sys_errno == EACCES ? ErrorCode::kPermission
                                                                     : ErrorCode::kPythonLayout;
  return {code,
          "the interpreter's description of itself at address " + std::to_string(runtime) +
              " could not be read; expected readable memory at `_PyRuntime`. Try again: the interpreter may be "
              "starting or ending",
          sys_errno};
}

}  // namespace

Result<Layout> LayoutFor(PythonVersion version, bool free_threaded_hint, MemoryReader& memory, Address runtime) {
  if (version.major != 3 || version.minor < 8) {
    return Unsupported(version, "Older versions are not supported.");
  }
  if (const Layout* table = TableOf(version.minor)) {
    if (version.level != 0xF) {
      return Unsupported(version, "Pre-releases of 3.8 to 3.12 have other layouts: install the final release.");
    }
    if (free_threaded_hint) return Unsupported(version, "Free-threaded builds before 3.13 are not supported.");
    Layout layout = *table;
    layout.version = version;
    return layout;
  }

  const size_t count = DebugOffsetsWordCount(version.minor);
  if (count == 0) return Unsupported(version, "Look for a newer version of the profiler.");
  std::vector<uint64_t> words(count);
  const RemoteRange range{runtime, count * sizeof(uint64_t)};
  const ReadOutcome outcome = memory.ReadRanges({&range, 1}, reinterpret_cast<std::byte*>(words.data()));
  if (outcome.bytes != range.length) return Unreadable(runtime, outcome.sys_errno);
  return LayoutFromDebugOffsets(version, words);
}

}  // namespace austin
