#include "unwind/dwarf_cursor.h"

namespace austin {
namespace {

constexpr uint8_t kOmitted = 0xff;
constexpr uint8_t kIndirect = 0x80;
constexpr uint8_t kRelativeToPlace = 0x10;
constexpr uint8_t kRelativeToData = 0x30;

}  // namespace

uint64_t DwarfCursor::Uleb() {
  uint64_t value = 0;
  for (unsigned shift = 0;; shift += 7) {
    const auto byte = Take<uint8_t>();
    if (!ok_) return 0;
    if (shift < 64) value |= uint64_t(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return value;
  }
}

int64_t DwarfCursor::Sleb() {
  uint64_t value = 0;
  for (unsigned shift = 0;; shift += 7) {
    const auto byte = Take<uint8_t>();
    if (!ok_) return 0;
    if (shift < 64) value |= uint64_t(byte & 0x7f) << shift;
    if ((byte & 0x80) != 0) continue;
    if (shift + 7 < 64 && (byte & 0x40) != 0) value |= ~uint64_t(0) << (shift + 7);
    return int64_t(value);
  }
}

std::string_view DwarfCursor::Text() {
  const std::string_view rest(reinterpret_cast<const char*>(bytes_.data()) + at_, ok_ ? bytes_.size() - at_ : 0);
  const size_t length = rest.find('\0');
  if (length == std::string_view::npos) {
    ok_ = false;
    return {};
  }
  at_ += length + 1;
  return rest.substr(0, length);
}

std::span<const std::byte> DwarfCursor::Bytes(uint64_t length) {
  if (!Has(length)) return {};
  const auto taken = bytes_.subspan(at_, size_t(length));
  at_ += size_t(length);
  return taken;
}

void DwarfCursor::MoveTo(size_t at) {
  if (at > bytes_.size()) ok_ = false;
  if (ok_) at_ = at;
}

std::optional<uint64_t> DwarfCursor::Pointer(uint8_t encoding, uint64_t data_base) {
  if (encoding == kOmitted) return std::nullopt;
  const uint64_t place = address();
  uint64_t value = 0;
  switch (encoding & 0x0f) {
    case 0x00:
    case 0x04:
    case 0x0c:
      value = Take<uint64_t>();
      break;
    case 0x01:
      value = Uleb();
      break;
    case 0x02:
      value = Take<uint16_t>();
      break;
    case 0x03:
      value = Take<uint32_t>();
      break;
    case 0x09:
      value = uint64_t(Sleb());
      break;
    case 0x0a:
      value = uint64_t(int64_t(Take<int16_t>()));
      break;
    case 0x0b:
      value = uint64_t(int64_t(Take<int32_t>()));
      break;
    default:
      ok_ = false;
  }
  switch (encoding & 0x70) {
    case 0:
      break;
    case kRelativeToPlace:
      value += place;
      break;
    case kRelativeToData:
      value += data_base;
      break;
    default:
      ok_ = false;
  }
  if ((encoding & kIndirect) != 0) ok_ = false;
  if (!ok_) return std::nullopt;
  return value;
}

}  // namespace austin
