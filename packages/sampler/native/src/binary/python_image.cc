#include "binary/python_image.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace austin {
namespace {

constexpr std::string_view kRuntime = "_PyRuntime";
constexpr std::string_view kVersion = "Py_Version";
// "xdebugpy", the first word of the table of debug offsets.
constexpr char kCookie[] = {'x', 'd', 'e', 'b', 'u', 'g', 'p', 'y'};
constexpr size_t kLongestVersion = 16;

struct VersionText {
  std::optional<PythonVersion> version;
  bool ambiguous = false;
  bool standalone = false;
};

bool IsVersionCharacter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '.' || c == '+';
}

/// Finds version numbers that end a C string. PY_VERSION is such a string of its own; linkers may store it as the
/// tail of another one, such as the installation prefix. A number that starts its string wins over a tail.
class VersionSearch {
 public:
  explicit VersionSearch(const std::optional<PythonName>& name) : name_(name) {}

  void Visit(std::span<const std::byte> block) {
    const std::string_view text(reinterpret_cast<const char*>(block.data()), block.size());
    for (size_t dot = text.find('.'); dot != std::string_view::npos; dot = text.find('.', dot + 1)) {
      if (dot < 2 || (text[dot - 1] != '2' && text[dot - 1] != '3')) continue;
      const char before = text[dot - 2];
      if (IsVersionCharacter(before) || (before >= 'A' && before <= 'Z') || before == '_') continue;
      size_t end = dot;
      const size_t limit = std::min(text.size(), dot + kLongestVersion);
      while (end < limit && IsVersionCharacter(text[end])) ++end;
      if (end == limit || text[end] != '\0') continue;
      const auto version = ParseVersion(text.substr(dot - 1, end - dot + 1));
      if (version && Plausible(*version)) Add(*version, before == '\0');
    }
    if (!has_marker_) has_marker_ = text.find("PYTHONHOME") != std::string_view::npos;
  }

  /// The image mentions PYTHONHOME, as every CPython does.
  bool has_marker() const { return has_marker_; }
  const VersionText& found() const { return found_; }

 private:
  bool Plausible(const PythonVersion& version) const {
    if (name_ && name_->major != 0 && version.major != name_->major) return false;
    if (name_ && name_->HasMinor()) return version.minor == name_->minor;
    // Other libraries have version 3.x too: SQLite (3.40), OpenSSL (3.0), libffi (3.4).
    return version.major == 3 && version.minor >= 5 && version.minor <= 20;
  }

  void Add(const PythonVersion& version, bool standalone) {
    if (found_.version && found_.standalone && !standalone) return;
    const bool differs = found_.version && (found_.version->minor != version.minor ||
                                            found_.version->micro != version.micro);
    if (!found_.version || (standalone && !found_.standalone)) {
      found_ = {version, false, standalone};
    } else if (differs) {
      found_.ambiguous = true;
    }
  }

  std::optional<PythonName> name_;
  VersionText found_;
  bool has_marker_ = false;
};

VersionSearch SearchVersion(const ElfImage& image, const std::optional<PythonName>& name) {
  VersionSearch search(name);
  // Constants are in segments of their own, or, from older linkers, in the one with the code.
  for (const bool executable : {false, true}) {
    for (const ElfSegment& segment : image.segments()) {
      if (segment.writable || segment.executable != executable) continue;
      image.Scan(segment, 2 * kLongestVersion, [&](uint64_t, std::span<const std::byte> block) {
        search.Visit(block);
        return false;
      });
    }
    if (search.found().version && search.found().standalone && search.has_marker()) break;
  }
  return search;
}

bool IsDebugOffsetsHeader(const ElfImage& image, uint64_t address) {
  std::byte header[24];
  if (!image.ReadAt(address, header, sizeof(header))) return false;
  const auto version = FieldAt<uint64_t>(header, 8);
  return std::memcmp(header, kCookie, sizeof(kCookie)) == 0 && version >> 24 == 3 && FieldAt<uint64_t>(header, 16) <= 1;
}

std::optional<uint64_t> FindByCookie(const ElfImage& image) {
  std::optional<uint64_t> found;
  for (const ElfSegment& segment : image.segments()) {
    if (!segment.writable) continue;
    const bool stopped = image.Scan(segment, 24, [&](uint64_t address, std::span<const std::byte> block) {
      for (size_t at = (8 - address % 8) % 8; at + 24 <= block.size(); at += 8) {
        if (std::memcmp(block.data() + at, kCookie, sizeof(kCookie)) != 0) continue;
        if (!IsDebugOffsetsHeader(image, address + at)) continue;
        found = address + at;
        return true;
      }
      return false;
    });
    if (stopped) break;
  }
  return found;
}

std::optional<KnownVersion> VersionFromName(const std::optional<PythonName>& name) {
  if (!name || !name->HasMinor()) return std::nullopt;
  return KnownVersion{PythonVersion{name->major, name->minor}, false};
}

}  // namespace

PythonImage AnalyzePythonImage(const ElfImage& image, std::string_view path, bool is_program) {
  PythonImage result;
  result.segments = image.segments();
  result.first_page_offset = image.FirstPageOffset();
  result.first_page_address = 0 - image.BiasAt(0);

  const std::optional<PythonName> name = ParsePythonName(path);
  std::optional<ElfSymbol> runtime = image.FindDynamicSymbol(kRuntime);
  std::optional<ElfSymbol> version = image.FindDynamicSymbol(kVersion);
  if (!runtime) {
    if (const auto section = image.FindSection(".PyRuntime")) runtime = ElfSymbol{section->address, section->size};
  }
  if (!runtime || !version) {
    const std::array names{kRuntime, kVersion};
    const auto symbols = image.FindStaticSymbols(names);
    if (!runtime) runtime = symbols[0];
    if (!version) version = symbols[1];
  }
  if (runtime) {
    result.runtime = runtime->address;
  } else {
    result.runtime = FindByCookie(image);
  }

  uint32_t hex = 0;
  if (result.runtime && IsDebugOffsetsHeader(image, *result.runtime)) {
    image.ReadAt(*result.runtime + 8, &hex, sizeof(hex));
  } else if (version) {
    image.ReadAt(version->address, &hex, sizeof(hex));
  }
  if (hex != 0) result.version = KnownVersion{PythonVersion::FromHex(hex), true};

  const bool too_old = !result.runtime && image.FindDynamicSymbol("_PyThreadState_Current").has_value();
  const bool worth_reading = result.runtime || too_old || is_program || name.has_value();
  bool has_marker = false;
  if (!result.version && worth_reading) {
    const VersionSearch search = SearchVersion(image, name);
    result.version_source =
        name && name->HasMinor() ? PythonImage::VersionSource::kName : PythonImage::VersionSource::kText;
    has_marker = search.has_marker();
    if (search.found().version) {
      result.version = KnownVersion{*search.found().version, !search.found().ambiguous};
      if (search.found().ambiguous) result.version->version.micro = 0;
    } else {
      result.version = VersionFromName(name);
    }
  }

  if (too_old) {
    result.kind = PythonImage::Kind::kTooOld;
  } else if (result.runtime || (has_marker && result.version)) {
    result.kind = PythonImage::Kind::kPython;
  }
  return result;
}

}  // namespace austin
