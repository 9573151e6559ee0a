#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "binary/process_maps.h"
#include "binary/python_image.h"
#include "memory/memory_reader.h"

namespace austin {

/// A file as a process has it mapped.
struct MappedImage {
  FileId file;
  std::string path;
  /// In order of address; never empty. They point into the rows it was made from.
  std::vector<const MapRow*> rows;
  /// It is the main program.
  bool is_program = false;
  bool has_code = false;
};

/// The files with code among the mappings of a process: the main program, then libraries named like a Python, then the
/// others. `program` and `program_path` identify the main program where known.
std::vector<MappedImage> GroupImages(const std::vector<MapRow>& rows, const FileId& program,
                                     const std::string& program_path);

/// Remembers what was found in files, by device and inode, so that looking again costs no file access. May be shared
/// by all processes that are looked at; not safe for use by several threads at once.
class PythonImageCache {
 public:
  struct Lookup {
    /// Null where neither the file nor the image in memory can be read.
    std::shared_ptr<const PythonImage> image;
    /// Why the memory could not be read.
    int sys_errno = 0;
  };

  Lookup Find(pid_t pid, const MappedImage& mapped, MemoryReader& memory);

 private:
  // Of images read from memory, number of rows and length are part of the key: what is known of one that the dynamic
  // loader is still mapping must not last. They are 0 for files.
  using Key = std::tuple<FileId, bool, size_t, uint64_t>;

  Lookup FindInMemory(const MappedImage& mapped, MemoryReader& memory);

  std::map<Key, std::shared_ptr<const PythonImage>> images_;
};

}  // namespace austin
