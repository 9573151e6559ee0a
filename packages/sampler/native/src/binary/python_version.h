#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cpython/layout.h"

namespace austin {

/// A version with what is known about its last part.
struct KnownVersion {
  PythonVersion version;
  /// False where only major and minor are known; micro is then 0.
  bool has_micro = false;
};

/// Parses a version as PY_VERSION writes it: "3.12.1", "3.15.0b2", "3.9.18+". Nothing may follow.
std::optional<PythonVersion> ParseVersion(std::string_view text);

/// Writes a version as PY_VERSION does, with "?" for an unknown last part.
std::string FormatVersion(const KnownVersion& known);

/// What the base name of a file says about it.
struct PythonName {
  /// Major 0 where the name has no number; minor is 255 where it has only the major number.
  uint8_t major = 0;
  uint8_t minor = 255;
  bool free_threaded = false;
  bool is_library = false;

  bool HasMinor() const { return minor != 255; }
};

/// Understands "python", "python3", "python3.13t", "libpython3.8m.so.1.0" and the like, in any folder; nothing
/// where the name is not one of a Python.
std::optional<PythonName> ParsePythonName(std::string_view path);

}  // namespace austin
