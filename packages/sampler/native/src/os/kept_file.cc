#include "os/kept_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace austin {

KeptFile::KeptFile(KeptFile&& other) noexcept
    : path_(std::move(other.path_)), budget_(other.budget_), fd_(std::move(other.fd_)) {}

KeptFile::Outcome KeptFile::ReadFrom(int fd, char* out, size_t size) const {
  ssize_t got;
  do {
    got = pread(fd, out, size, 0);
  } while (got < 0 && errno == EINTR);
  return got < 0 ? Outcome{0, errno} : Outcome{static_cast<size_t>(got), 0};
}

KeptFile::Outcome KeptFile::Read(char* out, size_t size) {
  if (fd_.valid()) {
    const Outcome outcome = ReadFrom(fd_.get(), out, size);
    if (outcome.sys_errno != ESRCH) return outcome;
    // It described one that is gone. Another may have the same name by now.
    Close();
  }
  UniqueFd opened(open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!opened.valid()) return {0, errno};
  const Outcome outcome = ReadFrom(opened.get(), out, size);
  if (outcome.sys_errno == 0 && (budget_ == nullptr || budget_->Take())) fd_ = std::move(opened);
  return outcome;
}

void KeptFile::Close() {
  if (!fd_.valid()) return;
  fd_.reset();
  if (budget_ != nullptr) budget_->Give();
}

}  // namespace austin
