#include "binary/process_maps.h"

#include <algorithm>
#include <charconv>

#include "binary/proc_file.h"

namespace austin {
namespace {

// 65 530 mappings, the kernel's default limit, with long paths.
constexpr size_t kMaxMapsBytes = 64u << 20;

constexpr std::string_view kDeleted = " (deleted)";

/// Takes numbers and separators off the front of a line.
class LineParser {
 public:
  explicit LineParser(std::string_view text) : text_(text) {}

  template <typename T>
  bool Number(T& value, int base) {
    const auto parsed = std::from_chars(text_.data(), text_.data() + text_.size(), value, base);
    if (parsed.ec != std::errc()) return false;
    text_.remove_prefix(size_t(parsed.ptr - text_.data()));
    return true;
  }

  bool Skip(char expected) {
    if (text_.empty() || text_.front() != expected) return false;
    text_.remove_prefix(1);
    return true;
  }

  std::string_view Take(size_t count) {
    const std::string_view taken = text_.substr(0, count);
    text_.remove_prefix(taken.size());
    return taken;
  }

  std::string_view Rest() const { return text_; }

 private:
  std::string_view text_;
};

// The kernel writes a newline in a path as \012 and nothing else as an escape, not even the backslash.
std::string UnescapePath(std::string_view text) {
  std::string path;
  path.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 4) == "\\012") {
      path.push_back('\n');
      i += 3;
    } else {
      path.push_back(text[i]);
    }
  }
  return path;
}

// address perms offset dev inode path:
// 7f1a2c000000-7f1a2c021000 r-xp 00001000 fe:01 1234    /usr/lib/libfoo.so
bool ParseRow(std::string_view line, MapRow& row) {
  LineParser parser(line);
  if (!parser.Number(row.start, 16) || !parser.Skip('-') || !parser.Number(row.end, 16) || !parser.Skip(' ')) {
    return false;
  }
  if (row.end <= row.start) return false;
  const std::string_view permissions = parser.Take(4);
  if (permissions.size() != 4 || !parser.Skip(' ')) return false;
  row.readable = permissions[0] == 'r';
  row.writable = permissions[1] == 'w';
  row.executable = permissions[2] == 'x';
  row.shared = permissions[3] == 's';
  if (!parser.Number(row.offset, 16) || !parser.Skip(' ') || !parser.Number(row.file.device_major, 16) ||
      !parser.Skip(':') || !parser.Number(row.file.device_minor, 16) || !parser.Skip(' ') ||
      !parser.Number(row.file.inode, 10)) {
    return false;
  }
  std::string_view path = parser.Rest();
  path.remove_prefix(std::min(path.find_first_not_of(' '), path.size()));
  if (path.size() > kDeleted.size() && path.ends_with(kDeleted)) {
    row.deleted = true;
    path.remove_suffix(kDeleted.size());
  }
  row.path = UnescapePath(path);
  return true;
}

}  // namespace

std::vector<MapRow> ParseProcessMaps(std::string_view text) {
  std::vector<MapRow> rows;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    MapRow row;
    if (ParseRow(text.substr(0, end), row)) rows.push_back(std::move(row));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return rows;
}

int ReadProcessMaps(pid_t pid, std::vector<MapRow>& rows) {
  rows.clear();
  std::string text;
  const int error = ReadProcFile("/proc/" + std::to_string(pid) + "/maps", text, kMaxMapsBytes);
  if (error != 0) return error;
  rows = ParseProcessMaps(text);
  // The kernel writes them in order; a process that maps and unmaps meanwhile can upset that.
  if (!std::is_sorted(rows.begin(), rows.end(), [](auto& a, auto& b) { return a.start < b.start; })) {
    std::stable_sort(rows.begin(), rows.end(), [](auto& a, auto& b) { return a.start < b.start; });
  }
  return 0;
}

const MapRow* FindRow(const std::vector<MapRow>& rows, Address address) {
  auto it = std::upper_bound(rows.begin(), rows.end(), address,
                             [](Address wanted, const MapRow& row) { return wanted < row.start; });
  if (it == rows.begin()) return nullptr;
  --it;
  return it->Contains(address) ? &*it : nullptr;
}

}  // namespace austin
