#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace austin {

/// Reads a file of /proc whole into `out`, replacing its contents. Returns 0 or the error number; EFBIG when the
/// file is longer than `max_bytes`.
int ReadProcFile(const std::string& path, std::string& out, size_t max_bytes = 1 << 20);

/// The target of a symbolic link, or an empty string.
std::string ReadProcLink(const std::string& path);

/// The entries of a folder whose names are plain decimal numbers, in the folder's order. Empty where the folder
/// cannot be read.
std::vector<pid_t> NumericEntries(const std::string& path);

}  // namespace austin
