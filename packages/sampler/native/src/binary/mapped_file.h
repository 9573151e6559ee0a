#pragma once

#include <sys/types.h>

#include <string>

#include "base/unique_fd.h"
#include "binary/process_maps.h"
#include "memory/memory_reader.h"

namespace austin {

/// Opens a path for reading that comes from a target and may name anything: it is opened only after it is known to be
/// a regular file, so that no device or pipe feels it. Invalid otherwise.
UniqueFd OpenRegularFile(const std::string& path);

/// Opens the file behind a row of the maps of a process, whatever stands now at that path, for reading. `is_program`
/// says it is the main program. Invalid where the very file cannot be opened; its image is still in memory then.
///
/// Some file systems (overlay, btrfs) give `stat` another device than the maps show. A file with the right inode on
/// another device is taken when its first bytes equal the memory at the row, which must start the file.
UniqueFd OpenMappedFile(pid_t pid, const MapRow& row, bool is_program, MemoryReader& memory);

/// What identifies a file by path, following links; inode 0 where it cannot be told.
FileId FileIdOf(const std::string& path);

}  // namespace austin
