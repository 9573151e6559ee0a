#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "binary/elf_image.h"
#include "binary/process_maps.h"
#include "memory/memory_reader.h"
#include "memory/recorded_memory_reader.h"

namespace austin {

class CfiTable;
struct LoopPart;

/// The file behind executable mappings, shared by all of them in all processes. What is read from it is opened when it
/// is first wanted and then stays open, so that it can still be read when the process is gone. Safe for use by several
/// threads at once.
class ModuleFile {
 public:
  /// `row` is the mapping that starts the file, or any of it. `memory` reads the process and is used while constructing and
  /// by Load only.
  ModuleFile(pid_t pid, const MapRow& row, bool is_program, MemoryReader& memory);

  const std::string& path() const { return path_; }
  /// The name of the root folder that the process has, as we see it: "/proc/PID/root".
  const std::string& root() const { return root_; }
  /// In hexadecimal digits; empty where the file has none.
  const std::string& build_id() const { return build_id_; }
  /// What to add to an address of the file where a mapping of it starts at `row.start`; nothing if no segment is there.
  std::optional<uint64_t> BiasOf(const MapRow& row) const;

  /// The first bytes of the file, as they were in memory: what is mapped in its place begins otherwise. Empty where they are not mapped, or
  /// there is no file.
  std::span<const std::byte> mark() const { return mark_; }

  /// Whether a segment of the file holds an address of it.
  bool HoldsAddress(uint64_t address) const;

  /// Opens the image, from the file, or by copying its memory where there is none. Must be called while the process
  /// lives if image() is to be of use; costs nothing the second time. Null where neither can be read.
  const ElfImage* Load(MemoryReader& memory);

  /// What Load has opened, or null.
  const ElfImage* image() const;

  /// The call frame information of the image, read once; empty where there is no image.
  std::shared_ptr<const CfiTable> FrameInformation(MemoryReader& memory);

  /// Where the interpreter loop is in the image, looked for once; needs Load.
  std::shared_ptr<const std::vector<LoopPart>> LoopParts();

 private:
  UniqueFd Open(MemoryReader& memory) const;
  const ElfImage* image_or_null() const { return image_ ? &*image_ : nullptr; }
  std::optional<ElfImage> CopyFromMemory(MemoryReader& memory);

  const pid_t pid_;
  const MapRow row_;
  const bool is_program_;
  const std::string path_;
  const std::string root_;
  std::string build_id_;
  std::vector<ElfSegment> segments_;
  std::vector<std::byte> mark_;

  mutable std::mutex mutex_;
  bool loaded_ = false;
  std::optional<ElfImage> image_;
  /// The bytes behind an image that has no file.
  RecordedMemoryReader copy_;
  std::shared_ptr<const CfiTable> frame_information_;
  std::shared_ptr<const std::vector<LoopPart>> loop_parts_;
};

}  // namespace austin
