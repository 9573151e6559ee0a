#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "binary/elf_image.h"
#include "binary/python_version.h"

namespace austin {

/// What an ELF image says about a Python in it. Addresses are those of the file, before the load bias. It does not
/// depend on the process, so it can be kept per file.
struct PythonImage {
  enum class Kind {
    kNotPython,
    kPython,
    /// A Python before 3.7: it has no runtime structure.
    kTooOld,
    /// Has the name of a Python, and is a 32-bit program or one of the other byte order.
    kForeignClass,
  };

  Kind kind = Kind::kNotPython;
  /// Address of `_PyRuntime`; absent where neither symbol, section nor cookie tells it.
  std::optional<uint64_t> runtime;
  std::optional<KnownVersion> version;
  enum class VersionSource {
    /// A constant made for the purpose.
    kExact,
    /// Major and minor from the file's name, the rest from a text in it.
    kName,
    /// A text that looks like a version: an embedding program's own, perhaps.
    kText,
  };
  VersionSource version_source = VersionSource::kExact;
  /// All segments of the image, by address; for the load bias and for scans of data.
  std::vector<ElfSegment> segments;
  /// File offset of the page of the first segment; the image's first row in the maps has it.
  uint64_t first_page_offset = 0;
  /// Address of that page.
  uint64_t first_page_address = 0;
};

/// Looks for a Python in an image. `path` is its name in the maps. `is_program` says it is the main program, which is
/// searched by content where it has no symbols, whatever its name.
PythonImage AnalyzePythonImage(const ElfImage& image, std::string_view path, bool is_program);

}  // namespace austin
