#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "cpython/code_object.h"
#include "cpython/layout.h"
#include "memory/memory_reader.h"
#include "sampler/frame_table.h"

namespace austin {

/// What is known of the code object at an address of the target. The address alone does not identify it: code objects
/// are freed and others take their place, so an entry counts only once its signature has been compared with memory.
struct CachedCode {
  CodeInfo info;
  StringId file = 0;
  StringId name = 0;
  /// The bytecode as it was when the entry was filled. Specialisation changes it, but not returns.
  std::vector<std::byte> instructions;
  /// How often the entry has been filled: what was derived from it before the last time is void.
  uint64_t fills = 0;
  /// Whether the contents have been read twice, the second time while the code object was in use. A code object that is being
  /// freed may be read whole although its tables already belong to another; before 3.12 nothing in it tells.
  bool confirmed = false;
  /// The pass after whose copies the signature was last found unchanged.
  uint64_t checked_pass = 0;
  /// The generation of code objects, as read last before copies in which a living frame had this code object; 0 when unknown.
  uint64_t living_generation = 0;
  /// The pass in which a check was asked for, so that each code is checked once.
  uint64_t queued_pass = 0;
  /// Free-threaded 3.14 and later: where the threads' copies of the instructions begin, by index. What is known here may be out of
  /// date: a copy is freed when no thread uses it, and its index given to another.
  std::unordered_map<int32_t, Address> copies;
  /// Frames of this code by instruction offset.
  std::unordered_map<int64_t, FrameId> frames;
};

/// Code objects by address.
class CodeCache {
 public:
  CodeCache(const Layout& layout, FrameTable* frames)
      : layout_(layout), frames_(*frames), epoch_(frames->epoch()) {}

  CachedCode* Find(Address code);

  /// Reads the code object at an address and replaces what was known of it. Null when it cannot be read whole or
  /// changes while it is read, or when the cache is full until Trim.
  CachedCode* Fill(MemoryReader& memory, Address code);

  /// Reads a code object in use once more. False when it is not what the entry says; the entry is then filled anew.
  bool Confirm(MemoryReader& memory, Address code, CachedCode* entry);

  /// Compares the signatures of many entries with memory, in one read where all can be read. The entries found
  /// unchanged are marked with the pass.
  void Check(MemoryReader& memory, const std::vector<Address>& codes, uint64_t pass);

  /// How far an instruction is, in bytes, from the beginning of the copy of the instructions that it lies in. Empty when it does not
  /// lie in the copy with that index. `code` is the entry of the code object at `address`.
  std::optional<int64_t> OffsetInCopy(MemoryReader& memory, Address address, CachedCode* code, int32_t copy,
                                      Address instruction);

  /// The two halves of Check, for signatures that are read together with other memory: adds what to read, and compares what has
  /// been, of which the first `available` bytes are there. Returns the number of bytes to read, and of codes compared.
  size_t AppendSignatures(const std::vector<Address>& codes, std::vector<RemoteRange>* ranges) const;
  size_t Compare(std::span<const Address> codes, const std::byte* bytes, size_t available, uint64_t pass);

  /// The frame at an instruction offset in bytes; below 0: not started, the function's first line.
  FrameId FrameAt(CachedCode* code, int64_t offset);

  /// How often everything has been forgotten: pointers to entries from before the last time are void.
  uint64_t clears() const { return clears_; }

  /// Forgets everything when there is more than memory should be spent on, or when the frames' ids have lost their meaning;
  /// true in the latter case. Entries handed out become invalid.
  bool Trim();

 private:
  const Layout& layout_;
  FrameTable& frames_;
  std::unordered_map<Address, CachedCode> codes_;
  /// What the entries hold, about.
  size_t bytes_held_ = 0;
  uint64_t clears_ = 0;
  /// Of the table, whose ids the entries hold.
  uint64_t epoch_;
  std::vector<RemoteRange> ranges_;
  std::vector<std::byte> bytes_;
};

}  // namespace austin
