#include "binary/runtime_locator.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "binary/mapped_file.h"
#include "binary/proc_file.h"
#include "binary/process_info.h"
#include "binary/python_version.h"
#include "binary/runtime_check.h"
#include "cpython/layouts.h"

namespace austin {
namespace {

constexpr int kOldestMinor = 8;
constexpr int kNewestMinor = 15;
constexpr std::string_view kSupported = "expected CPython 3.8 to 3.15";
// Static memory of a segment that is searched for the text of Py_GetVersion.
constexpr size_t kMaxTextScan = 8 << 20;
constexpr std::string_view kCompilerText = ") \n[";
constexpr size_t kMaxVersionText = 200;

ErrorCode CodeOf(ProbeStatus status) {
  switch (status) {
    case ProbeStatus::kGone:
      return ErrorCode::kProcessGone;
    case ProbeStatus::kPermission:
      return ErrorCode::kPermission;
    case ProbeStatus::kUnsupported:
      return ErrorCode::kPythonUnsupported;
    case ProbeStatus::kFound:
    case ProbeStatus::kNotPython:
    case ProbeStatus::kNotReady:
      break;
  }
  return ErrorCode::kNotPython;
}

/// Which of several outcomes for the images of one process tells most about it.
int Weight(ProbeStatus status) {
  switch (status) {
    case ProbeStatus::kNotPython:
      return 0;
    case ProbeStatus::kNotReady:
      return 1;
    case ProbeStatus::kUnsupported:
      return 2;
    case ProbeStatus::kPermission:
      return 3;
    case ProbeStatus::kGone:
      return 4;
    case ProbeStatus::kFound:
      return 5;
  }
  return 0;
}

bool IsSupported(const PythonVersion& version) {
  return version.major == 3 && version.minor >= kOldestMinor && version.minor <= kNewestMinor;
}

/// Finds the text that Py_GetVersion builds in static memory: "3.8.18 (default, …) \n[GCC …]".
std::optional<PythonVersion> FindVersionText(MemoryReader& memory, const PythonImage& image, Address bias) {
  for (const ElfSegment& segment : image.segments) {
    if (!segment.writable) continue;
    std::vector<std::byte> bytes(size_t(std::min<uint64_t>(segment.memory_size, kMaxTextScan)));
    const RemoteRange range{segment.address + bias, bytes.size()};
    const size_t got = memory.ReadRanges({&range, 1}, bytes.data()).bytes;
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), got);
    for (size_t at = text.find(kCompilerText); at != std::string_view::npos; at = text.find(kCompilerText, at + 1)) {
      const size_t start = text.rfind('\0', at) + 1;
      const size_t end = text.find(" (", start);
      if (at - start > kMaxVersionText || end > at) continue;
      if (const auto version = ParseVersion(text.substr(start, end - start))) return version;
    }
  }
  return std::nullopt;
}

}  // namespace

struct RuntimeLocator::Context {
  MemoryReader& memory;
  const std::vector<MappedImage>& images;
  const std::string& program;
  /// The process, for messages.
  const std::string& who;
};

RuntimeLocator::RuntimeLocator(pid_t pid, std::shared_ptr<PythonImageCache> cache)
    : pid_(pid), cache_(std::move(cache)) {}

Probe RuntimeLocator::Failed(ProbeStatus status, const std::string& what, int sys_errno) const {
  return {status, Error{CodeOf(status), what, sys_errno}};
}

Probe RuntimeLocator::ReadFailed(int sys_errno) const {
  switch (sys_errno) {
    case ESRCH:
    case ENOENT:
      return Failed(ProbeStatus::kGone, "process " + std::to_string(pid_) + " does not exist or has ended", sys_errno);
    case EPERM:
    case EACCES:
    case ENOSYS:
      return Failed(ProbeStatus::kPermission,
                    "may not read " + DescribeProcess(pid_) + ": " + std::strerror(sys_errno) +
                        "; run as the same user or as root, or with CAP_SYS_PTRACE, or start the program from here",
                    sys_errno);
    default:
      return Failed(ProbeStatus::kNotReady,
                    DescribeProcess(pid_) + " looks like Python, but its memory could not be read: " +
                        std::strerror(sys_errno),
                    sys_errno);
  }
}

std::optional<KnownVersion> RuntimeLocator::VersionOf(const Context& context, const PythonImage& image,
                                                      Address bias) const {
  // What the interpreter says of itself is worth more than a text in the file.
  if (image.version && image.version_source == PythonImage::VersionSource::kText) {
    if (const auto version = FindVersionText(context.memory, image, bias)) return KnownVersion{*version, true};
  }
  return image.version;
}

Probe RuntimeLocator::LookAtRuntime(const Context& context, const PythonImage& image, Address bias,
                                    Address runtime) const {
  // The head of _Py_DebugOffsets in 3.13 and later: cookie, version, free-threaded or not.
  std::byte header[24];
  const RemoteRange range{runtime, sizeof(header)};
  const ReadOutcome outcome = context.memory.ReadRanges({&range, 1}, header);
  if (outcome.bytes != sizeof(header)) return ReadFailed(outcome.sys_errno);

  std::optional<KnownVersion> known = VersionOf(context, image, bias);
  bool free_threaded = false;
  const bool has_cookie = std::memcmp(header, "xdebugpy", 8) == 0;
  if (has_cookie) {
    known = KnownVersion{PythonVersion::FromHex(FieldAt<uint32_t>(header, 8)), true};
    free_threaded = FieldAt<uint64_t>(header, 16) == 1;
  } else if (known && known->version.AtLeast(3, 13)) {
    return Failed(ProbeStatus::kNotReady, context.who + " has not initialised Python yet");
  }
  for (auto it = context.images.begin(); !known && it != context.images.end(); ++it) {
    const auto name = ParsePythonName(it->path);
    if (name && name->HasMinor()) known = KnownVersion{PythonVersion{name->major, name->minor}, false};
  }
  if (!known) {
    return Failed(ProbeStatus::kUnsupported,
                  context.who + " is Python, but its version cannot be told; " + std::string(kSupported));
  }
  if (!IsSupported(known->version)) {
    return Failed(ProbeStatus::kUnsupported, context.who + " runs Python " + FormatVersion(*known) +
                                                 ", which is not supported; " + std::string(kSupported));
  }

  const Result<Layout> layout = LayoutFor(known->version, free_threaded, context.memory, runtime);
  if (!layout) {
    ProbeStatus status = ProbeStatus::kUnsupported;
    if (layout.error().code == ErrorCode::kProcessGone) status = ProbeStatus::kGone;
    if (layout.error().code == ErrorCode::kPermission) status = ProbeStatus::kPermission;
    return {status, Error{layout.error().code,
                          context.who + " runs Python " + FormatVersion(*known) + ": " + layout.error().message,
                          layout.error().sys_errno}};
  }
  if (CheckRuntime(context.memory, *layout, runtime) != RuntimeState::kReady) {
    return Failed(ProbeStatus::kNotReady, context.who + " runs Python " + FormatVersion(*known) +
                                              ", but has not initialised it yet");
  }

  Target target;
  target.pid = pid_;
  target.runtime = runtime;
  target.layout = *layout;
  target.executable = context.program;
  if (!has_cookie && image.version_source == PythonImage::VersionSource::kName) {
    const auto version = FindVersionText(context.memory, image, bias);
    if (version && version->minor == known->version.minor) {
      known = KnownVersion{*version, true};
      target.layout.version = *version;
    }
  }
  target.version_text = FormatVersion(*known);
  return {ProbeStatus::kFound, std::move(target)};
}

Probe RuntimeLocator::ScanImage(const Context& context, const PythonImage& image, Address bias) const {
  const Probe not_ready =
      Failed(ProbeStatus::kNotReady, context.who + " looks like Python, but no initialised runtime was found");
  // From 3.13 on the cookie has been looked for in the file.
  const std::optional<KnownVersion> known = VersionOf(context, image, bias);
  if (!known || known->version.AtLeast(3, 13)) return not_ready;
  if (!IsSupported(known->version)) {
    return Failed(ProbeStatus::kUnsupported, context.who + " runs Python " + FormatVersion(*known) +
                                                 ", which is not supported; " + std::string(kSupported));
  }
  const Result<Layout> layout = LayoutFor(known->version, false, context.memory, 0);
  if (!layout) {
    return {ProbeStatus::kUnsupported, layout.error()};
  }
  for (const ElfSegment& segment : image.segments) {
    if (!segment.writable) continue;
    const Address begin = segment.address + bias;
    std::byte first;
    const RemoteRange range{begin, 1};
    const ReadOutcome outcome = context.memory.ReadRanges({&range, 1}, &first);
    if (outcome.bytes != 1) {
      if (outcome.sys_errno != EFAULT) return ReadFailed(outcome.sys_errno);
      continue;
    }
    const auto runtime = ScanForRuntime(context.memory, *layout, begin, begin + segment.memory_size);
    if (runtime) return LookAtRuntime(context, image, bias, *runtime);
  }
  return not_ready;
}

Probe RuntimeLocator::LookAtImage(const Context& context, const MappedImage& mapped, const PythonImage& image) const {
  if (image.kind == PythonImage::Kind::kForeignClass) {
    return Failed(ProbeStatus::kUnsupported, context.who + " is not a 64-bit program of this byte order: " +
                                                 mapped.path + "; only 64-bit Pythons can be sampled");
  }
  if (image.kind == PythonImage::Kind::kTooOld) {
    const std::string version = image.version ? FormatVersion(*image.version) : "older than 3.7";
    return Failed(ProbeStatus::kUnsupported, context.who + " runs Python " + version +
                                                 ", which is not supported; " + std::string(kSupported));
  }
  if (image.kind != PythonImage::Kind::kPython) {
    const auto name = mapped.is_program ? ParsePythonName(mapped.path) : std::nullopt;
    if (name) return Failed(ProbeStatus::kNotReady, context.who + " has not loaded the Python library yet");
    return Failed(ProbeStatus::kNotPython, context.who + " is not Python");
  }

  // The same file may be mapped several times, for example as data by the program itself.
  Probe best = Failed(ProbeStatus::kNotReady, context.who + " has not initialised Python yet");
  for (const MapRow* row : mapped.rows) {
    if (row->offset != image.first_page_offset) continue;
    const Address bias = row->start - image.first_page_address;
    Probe probe = image.runtime ? LookAtRuntime(context, image, bias, *image.runtime + bias)
                                : ScanImage(context, image, bias);
    if (probe.status == ProbeStatus::kFound) return probe;
    if (Weight(probe.status) > Weight(best.status) || best.status == ProbeStatus::kNotReady) best = std::move(probe);
  }
  return best;
}

Probe RuntimeLocator::Look(MemoryReader& memory) {
  std::vector<MapRow> rows;
  const int error = ReadProcessMaps(pid_, rows);
  if (error != 0 || rows.empty()) {
    const ProcessState state = StateOf(pid_);
    if (state != ProcessState::kAlive) return ReadFailed(ESRCH);
    // The entry of an existing process is missing where the `hidepid` mount option hides it.
    if (error == ENOENT) return ReadFailed(EPERM);
    if (error == EACCES || error == EPERM) return ReadFailed(error);
    return Failed(ProbeStatus::kNotPython,
                  error == 0 || error == ESRCH
                      ? DescribeProcess(pid_) + " has no memory of its own: it is not Python"
                      : "the mappings of " + DescribeProcess(pid_) + " could not be read: " + std::strerror(error),
                  error);
  }

  const std::string program = ProgramOf(pid_);
  const FileId program_file = FileIdOf("/proc/" + std::to_string(pid_) + "/exe");
  const std::vector<MappedImage> images = GroupImages(rows, program_file, program);
  const std::string who = "process " + std::to_string(pid_) + " (" + program + ")";
  const Context context{memory, images, program, who};

  Probe best = Failed(ProbeStatus::kNotPython,
                      who + " is not Python: no CPython runtime was found in it");
  for (const MappedImage& mapped : images) {
    const PythonImageCache::Lookup lookup = cache_->Find(pid_, mapped, memory);
    if (!lookup.image) {
      if (lookup.sys_errno == 0 || lookup.sys_errno == EFAULT) continue;
      Probe failed = ReadFailed(lookup.sys_errno);
      if (Weight(failed.status) > Weight(best.status)) best = std::move(failed);
      continue;
    }
    if (lookup.image->kind == PythonImage::Kind::kNotPython && !mapped.is_program) continue;
    Probe probe = LookAtImage(context, mapped, *lookup.image);
    if (probe.status == ProbeStatus::kFound) return probe;
    if (Weight(probe.status) > Weight(best.status)) best = std::move(probe);
  }
  return best;
}

}  // namespace austin
