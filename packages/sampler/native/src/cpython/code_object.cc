#include "cpython/code_object.h"

#include <algorithm>
#include <utility>

#include "cpython/py_string.h"

namespace austin {
namespace {

/// Words of the fixed part of a 3.11 frame (FRAME_SPECIALS_SIZE of pycore_frame.h).
constexpr int64_t kFrameSpecialWords311 = 9;

/// A frame of more words than this is garbage.
constexpr int64_t kMaxFrameWords = 1 << 24;

/// More instructions than this, in bytes, are garbage. Generated functions of several MiB exist.
constexpr uint64_t kMaxCodeBytes = 1 << 30;

template <typename T>
T ValueOr(const std::byte* copy, Offset offset, Offset start, T fallback) {
  return offset == kAbsent ? fallback : FieldAt<T>(copy, size_t(offset - start));
}

/// First and last byte of the signature's fields. `first_line` is before all pointers, the line table behind, in
/// all versions; the version's bounds are not relied on, as offsets can come from the target.
std::pair<Offset, Offset> SignatureBounds(const Layout& layout) {
  const auto& code = layout.code;
  Offset first = code.first_line;
  Offset end = code.first_line + 4;
  for (const Offset offset :
       {code.filename, code.name, code.qualname, code.line_table, code.code_bytes, code.constants}) {
    if (offset == kAbsent) continue;
    first = std::min(first, offset);
    end = std::max(end, offset + 8);
  }
  if (code.version != kAbsent) {
    first = std::min(first, code.version);
    end = std::max(end, code.version + 4);
  }
  return {first, end};
}

CodeSignature SignatureAt(const Layout& layout, const std::byte* copy, Offset start) {
  const auto& code = layout.code;
  return {.version = ValueOr<uint32_t>(copy, code.version, start, 0),
          .first_line = FieldAt<int32_t>(copy, size_t(code.first_line - start)),
          .filename = FieldAt<Address>(copy, size_t(code.filename - start)),
          .name = FieldAt<Address>(copy, size_t(code.name - start)),
          .qualname = ValueOr<Address>(copy, code.qualname, start, 0),
          .line_table = FieldAt<Address>(copy, size_t(code.line_table - start)),
          .instructions = ValueOr<Address>(copy, code.code_bytes, start, 0),
          .constants = ValueOr<Address>(copy, code.constants, start, 0)};
}

uint32_t FrameSizeWords(const Layout& layout, const std::byte* copy) {
  int64_t words = 0;
  if (layout.code.frame_size != kAbsent) {
    words = FieldAt<int32_t>(copy, size_t(layout.code.frame_size));
  } else if (layout.code.locals_plus_count != kAbsent) {
    words = kFrameSpecialWords311 + FieldAt<int32_t>(copy, size_t(layout.code.locals_plus_count)) +
            int64_t{FieldAt<int32_t>(copy, size_t(layout.code.stack_size))};
  }
  return words > 0 && words <= kMaxFrameWords ? uint32_t(words) : 0;
}

std::optional<uint32_t> CodeBytes(MemoryReader& memory, const Layout& layout, const std::byte* copy) {
  uint64_t bytes;
  if (layout.code.code_adaptive != kAbsent) {
    // The code object is as long as its instructions are many: ob_size counts units of two bytes.
    bytes = FieldAt<uint64_t>(copy, size_t(layout.object.size));
    if (bytes > kMaxCodeBytes / 2) return std::nullopt;
    bytes *= 2;
  } else {
    const std::optional<uint64_t> length =
        ReadBytesLength(memory, layout, FieldAt<Address>(copy, size_t(layout.code.code_bytes)));
    if (!length || *length > kMaxCodeBytes) return std::nullopt;
    bytes = *length;
  }
  return uint32_t(bytes);
}

}  // namespace

RemoteRange SignatureRange(const Layout& layout, Address code) {
  const auto [first, end] = SignatureBounds(layout);
  return {code + uint64_t(first), size_t(end - first)};
}

CodeSignature SignatureFrom(const Layout& layout, const std::byte* copy) {
  return SignatureAt(layout, copy, SignatureBounds(layout).first);
}

std::optional<CodeInfo> ReadCode(MemoryReader& memory, const Layout& layout, Address code) {
  if (code == 0) return std::nullopt;
  std::vector<std::byte> object(size_t(layout.code.size));
  if (!memory.Read(code, object.data(), object.size())) return std::nullopt;

  CodeInfo info;
  info.signature = SignatureAt(layout, object.data(), 0);
  info.first_line = info.signature.first_line;
  info.version = info.signature.version;
  info.flags = FieldAt<uint32_t>(object.data(), size_t(layout.code.flags));
  info.frame_size_words = FrameSizeWords(layout, object.data());
  const int32_t first_traceable = ValueOr<int32_t>(object.data(), layout.code.first_traceable, 0, 0);
  info.code_start_offset = layout.code.code_adaptive == kAbsent ? 0 : uint32_t(layout.code.code_adaptive);

  const std::optional<uint32_t> code_bytes = CodeBytes(memory, layout, object.data());
  if (!code_bytes) return std::nullopt;
  info.code_bytes = *code_bytes;
  // The trampoline of class calls (3.13 and later) is never traceable: its first traceable instruction is beyond its last.
  if (first_traceable > 0) {
    info.first_traceable_bytes = uint32_t(std::min<uint64_t>(uint64_t(first_traceable) * 2, info.code_bytes));
  }

  const CodeSignature& signature = info.signature;
  std::optional<std::string> name =
      ReadString(memory, layout, signature.qualname != 0 ? signature.qualname : signature.name);
  std::optional<std::string> filename = ReadString(memory, layout, signature.filename);
  if (!name || !filename) return std::nullopt;
  info.name = std::move(*name);
  info.filename = std::move(*filename);

  std::optional<std::vector<std::byte>> table = ReadBytes(memory, layout, signature.line_table);
  if (table) {
    info.line_table = std::move(*table);
  } else {
    const std::optional<uint64_t> length = ReadBytesLength(memory, layout, signature.line_table);
    if (!length || *length <= kMaxBytesLength) return std::nullopt;
  }

  const RemoteRange range = SignatureRange(layout, code);
  std::vector<std::byte> again(range.length);
  if (!memory.Read(range.address, again.data(), again.size())) return std::nullopt;
  if (!(SignatureFrom(layout, again.data()) == signature)) return std::nullopt;
  return info;
}

// `_PyCodeArray` of cpython/code.h: a word `size`, then as many addresses. The array is replaced when it grows, and an entry is 0
// until its thread has run the code.
std::optional<Address> ReadCodeCopy(MemoryReader& memory, const Layout& layout, Address code, int32_t index) {
  if (layout.code.tlbc == kAbsent || index < 0) return std::nullopt;
  const auto array = memory.ReadValue<Address>(code + Address(layout.code.tlbc));
  if (!array || *array == 0) return std::nullopt;
  const auto size = memory.ReadValue<int64_t>(*array);
  if (!size || index >= *size) return std::nullopt;
  const auto start = memory.ReadValue<Address>(*array + 8 + Address(index) * 8);
  if (!start || *start == 0) return std::nullopt;
  return start;
}

}  // namespace austin
