#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

namespace austin {

/// Takes values off a piece of a DWARF section, in the byte order of this machine. After the first value that is not whole
/// everything is 0 and ok() is false.
class DwarfCursor {
 public:
  /// `address` is that of the first byte, for pointers that are relative to their place.
  explicit DwarfCursor(std::span<const std::byte> bytes, uint64_t address = 0) : bytes_(bytes), address_(address) {}

  bool ok() const { return ok_; }
  bool AtEnd() const { return at_ >= bytes_.size(); }
  size_t at() const { return at_; }
  uint64_t address() const { return address_ + at_; }
  std::span<const std::byte> Rest() const { return bytes_.subspan(at_); }

  template <typename T>
  T Take() {
    T value{};
    if (!Has(sizeof(T))) return value;
    std::memcpy(&value, bytes_.data() + at_, sizeof(T));
    at_ += sizeof(T);
    return value;
  }

  /// DWARF 5 section 7.6. Bits beyond the 64th are lost.
  uint64_t Uleb();
  int64_t Sleb();

  /// A text that ends with a zero byte, without it.
  std::string_view Text();

  std::span<const std::byte> Bytes(uint64_t length);

  void Skip(uint64_t length) { Bytes(length); }

  /// Goes to a place counted from the first byte.
  void MoveTo(size_t at);

  /// A pointer in an encoding of LSB "DWARF Exception Header Encoding". `data_base` is what data-relative ones start from.
  /// Nothing, without a failure, where it is omitted; a failure where its base is not known or it has to be read
  /// through memory.
  std::optional<uint64_t> Pointer(uint8_t encoding, uint64_t data_base = 0);

 private:
  bool Has(uint64_t length) {
    if (!ok_ || length > bytes_.size() - at_) ok_ = false;
    return ok_;
  }

  std::span<const std::byte> bytes_;
  uint64_t address_;
  size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace austin
