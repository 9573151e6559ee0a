#include "binary/mapped_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string>

namespace austin {
namespace {

constexpr size_t kCompared = 1024;

FileId IdOf(const struct stat& status) {
  return {uint32_t(major(status.st_dev)), uint32_t(minor(status.st_dev)), uint64_t(status.st_ino)};
}

bool StartsLikeMemory(int file, const MapRow& row, MemoryReader& memory) {
  if (row.offset != 0) return false;
  std::byte in_memory[kCompared];
  std::byte in_file[kCompared];
  const size_t length = size_t(std::min<uint64_t>(kCompared, row.end - row.start));
  const ssize_t got = pread(file, in_file, length, 0);
  if (got <= 0 || !memory.Read(row.start, in_memory, size_t(got))) return false;
  return std::memcmp(in_file, in_memory, size_t(got)) == 0;
}

/// Opens a path if it is the file of the row.
UniqueFd OpenIfSame(const std::string& path, const MapRow& row, MemoryReader& memory) {
  UniqueFd file = OpenRegularFile(path);
  struct stat status;
  if (!file.valid() || fstat(file.get(), &status) != 0) return UniqueFd();
  const FileId id = IdOf(status);
  if (id.inode != row.file.inode) return UniqueFd();
  if (id != row.file && !StartsLikeMemory(file.get(), row, memory)) return UniqueFd();
  return file;
}

std::string Hex(Address value) {
  char text[24];
  std::snprintf(text, sizeof(text), "%llx", static_cast<unsigned long long>(value));
  return text;
}

}  // namespace

UniqueFd OpenRegularFile(const std::string& path) {
  const UniqueFd handle(open(path.c_str(), O_PATH | O_CLOEXEC));
  struct stat status;
  if (!handle.valid() || fstat(handle.get(), &status) != 0 || !S_ISREG(status.st_mode)) return UniqueFd();
  return UniqueFd(open(("/proc/self/fd/" + std::to_string(handle.get())).c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
}

UniqueFd OpenMappedFile(pid_t pid, const MapRow& row, bool is_program, MemoryReader& memory) {
  const std::string proc = "/proc/" + std::to_string(pid);
  const std::string suffix = row.deleted ? " (deleted)" : "";
  UniqueFd file;
  if (!row.path.empty()) file = OpenIfSame(proc + "/root" + row.path + suffix, row, memory);
  if (!file.valid() && is_program) file = OpenIfSame(proc + "/exe", row, memory);
  if (!file.valid()) file = OpenIfSame(proc + "/map_files/" + Hex(row.start) + "-" + Hex(row.end), row, memory);
  if (!file.valid() && row.path.starts_with('/')) file = OpenIfSame(row.path + suffix, row, memory);
  return file;
}

FileId FileIdOf(const std::string& path) {
  struct stat status;
  return stat(path.c_str(), &status) == 0 ? IdOf(status) : FileId{};
}

}  // namespace austin
