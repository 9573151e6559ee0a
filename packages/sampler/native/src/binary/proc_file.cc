#include "binary/proc_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <climits>
#include <cstring>
#include <memory>

#include "base/unique_fd.h"

namespace austin {
namespace {

struct CloseDir {
  void operator()(DIR* dir) const { closedir(dir); }
};

}  // namespace

int ReadProcFile(const std::string& path, std::string& out, size_t max_bytes) {
  out.clear();
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return errno;
  size_t used = 0;
  while (true) {
    if (out.size() - used < 4096) out.resize(out.size() < 16384 ? 32768 : out.size() * 2);
    const ssize_t got = read(file.get(), out.data() + used, out.size() - used);
    if (got < 0 && errno == EINTR) continue;
    const int error = got < 0 ? errno : 0;
    if (got > 0) used += size_t(got);
    if (used > max_bytes) {
      out.clear();
      return EFBIG;
    }
    if (got <= 0) {
      out.resize(error == 0 ? used : 0);
      return error;
    }
  }
}

std::string ReadProcLink(const std::string& path) {
  std::string text(PATH_MAX, '\0');
  const ssize_t length = readlink(path.c_str(), text.data(), text.size());
  text.resize(length > 0 ? size_t(length) : 0);
  return text;
}

std::vector<pid_t> NumericEntries(const std::string& path) {
  std::vector<pid_t> numbers;
  const std::unique_ptr<DIR, CloseDir> dir(opendir(path.c_str()));
  if (!dir) return numbers;
  while (const dirent* entry = readdir(dir.get())) {
    const char* const end = entry->d_name + std::strlen(entry->d_name);
    pid_t number = 0;
    const auto parsed = std::from_chars(entry->d_name, end, number);
    if (parsed.ec == std::errc() && parsed.ptr == end && number > 0) numbers.push_back(number);
  }
  return numbers;
}

}  // namespace austin
