#pragma once

#include <cstddef>
#include <string>

#include "base/unique_fd.h"
#include "os/descriptor_budget.h"

namespace austin {

/// A file of /proc that is read from its start again and again. It is kept open where the budget allows: opening it
/// costs more than reading it.
class KeptFile {
 public:
  /// `budget` outlives the file; without one the file is always kept.
  KeptFile(std::string path, DescriptorBudget* budget) : path_(std::move(path)), budget_(budget) {}
  KeptFile(KeptFile&& other) noexcept;
  KeptFile& operator=(KeptFile&&) = delete;
  ~KeptFile() { Close(); }

  struct Outcome {
    size_t bytes = 0;
    /// 0, or why nothing was read: ENOENT and ESRCH where what it describes is gone.
    int sys_errno = 0;
  };

  Outcome Read(char* out, size_t size);

 private:
  Outcome ReadFrom(int fd, char* out, size_t size) const;
  void Close();

  std::string path_;
  DescriptorBudget* budget_;
  UniqueFd fd_;
};

}  // namespace austin
