#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "binary/process_maps.h"
#include "binary/python_image_cache.h"
#include "binary/target.h"
#include "memory/memory_reader.h"

namespace austin {

enum class ProbeStatus {
  kFound,
  /// No Python in it now. It may still load one, or become one by exec.
  kNotPython,
  /// A Python that has no interpreter with a thread yet, or no more.
  kNotReady,
  /// Gone, or a zombie.
  kGone,
  kPermission,
  /// A Python that this sampler does not understand.
  kUnsupported,
};

struct Probe {
  ProbeStatus status;
  /// The target if found, else the reason, with the code that fits the status (kNotPython for kNotReady).
  Result<Target> result;
};

/// Finds the Python runtime in one process. Looking again is cheap: the files are not opened twice, only the
/// list of mappings is read again, so a process that is starting or calls exec can be polled.
class RuntimeLocator {
 public:
  /// The cache may be shared between locators.
  explicit RuntimeLocator(pid_t pid, std::shared_ptr<PythonImageCache> cache = std::make_shared<PythonImageCache>());

  /// Looks once. `memory` reads the same process.
  Probe Look(MemoryReader& memory);

  /// Looks once. Errors: kProcessGone, kPermission, kNotPython (also while it is starting), kPythonUnsupported,
  /// kPythonLayout.
  Result<Target> Locate(MemoryReader& memory) { return Look(memory).result; }

 private:
  struct Context;

  Probe Failed(ProbeStatus status, const std::string& what, int sys_errno = 0) const;
  Probe ReadFailed(int sys_errno) const;
  std::optional<KnownVersion> VersionOf(const Context& context, const PythonImage& image, Address bias) const;
  Probe LookAtImage(const Context& context, const MappedImage& mapped, const PythonImage& image) const;
  Probe LookAtRuntime(const Context& context, const PythonImage& image, Address bias, Address runtime) const;
  Probe ScanImage(const Context& context, const PythonImage& image, Address bias) const;

  pid_t pid_;
  std::shared_ptr<PythonImageCache> cache_;
};

}  // namespace austin
