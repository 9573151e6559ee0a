#include "binary/python_version.h"

#include <charconv>

namespace austin {
namespace {

bool TakeNumber(std::string_view& text, uint8_t& value) {
  // Without the check from_chars would take "01" as well; no version is written so.
  if (text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9') return false;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc()) return false;
  text.remove_prefix(size_t(parsed.ptr - text.data()));
  return true;
}

bool Take(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

}  // namespace

std::optional<PythonVersion> ParseVersion(std::string_view text) {
  PythonVersion version;
  if (!TakeNumber(text, version.major) || !Take(text, ".") || !TakeNumber(text, version.minor) || !Take(text, ".") ||
      !TakeNumber(text, version.micro)) {
    return std::nullopt;
  }
  if (Take(text, "a")) {
    version.level = 0xA;
  } else if (Take(text, "b")) {
    version.level = 0xB;
  } else if (Take(text, "rc")) {
    version.level = 0xC;
  }
  if (version.level != 0xF && !TakeNumber(text, version.serial)) return std::nullopt;
  Take(text, "+");
  if (!text.empty()) return std::nullopt;
  return version;
}

std::string FormatVersion(const KnownVersion& known) {
  const PythonVersion& version = known.version;
  std::string text = std::to_string(version.major) + "." + std::to_string(version.minor) + ".";
  if (!known.has_micro) return text + "?";
  text += std::to_string(version.micro);
  if (version.level == 0xA) return text + "a" + std::to_string(version.serial);
  if (version.level == 0xB) return text + "b" + std::to_string(version.serial);
  if (version.level == 0xC) return text + "rc" + std::to_string(version.serial);
  return text;
}

std::optional<PythonName> ParsePythonName(std::string_view path) {
  const size_t slash = path.rfind('/');
  std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  PythonName parsed;
  parsed.is_library = Take(name, "lib");
  if (!Take(name, "python")) return std::nullopt;
  if (!name.empty() && name.front() >= '0' && name.front() <= '9') {
    if (!TakeNumber(name, parsed.major)) return std::nullopt;
    std::string_view rest = name;
    uint8_t minor = 0;
    if (Take(rest, ".") && TakeNumber(rest, minor)) {
      parsed.minor = minor;
      name = rest;
    }
    parsed.free_threaded = name.starts_with('t');
    while (Take(name, "t") || Take(name, "d") || Take(name, "m") || Take(name, "u")) {
    }
  }
  // "python-config" and "libpython3-foo" are other things; "python.exe"-like suffixes and ".so.1.0" are not.
  if (!name.empty() && name.front() != '.') return std::nullopt;
  return parsed;
}

}  // namespace austin
