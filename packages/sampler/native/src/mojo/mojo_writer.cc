#include "mojo/mojo_writer.h"

namespace austin {

namespace {

enum EventId : uint8_t {
  kMetadata = 1,
  kStack = 2,
  kFrame = 3,
  kFrameInvalid = 4,
  kFrameReference = 5,
  kFrameKernel = 6,
  kGc = 7,
  kIdle = 8,
  kMetricTime = 9,
  kMetricMemory = 10,
  kString = 11,
  kStackRepeat = 13,
};

/// 6 bits, and 9 times 7: enough for 64.
constexpr size_t kMaxVarintBytes = 10;

}  // namespace

void MojoWriter::Header(uint8_t version) {
  out_ += "MOJ";
  Unsigned(version);
}

void MojoWriter::Metadata(std::string_view key, std::string_view value) {
  Id(kMetadata);
  Text(key);
  Text(value);
}

void MojoWriter::Stack(int64_t pid, int64_t iid, uint64_t tid) {
  Id(kStack);
  Varint(pid);
  Varint(iid);
  char digits[16];
  int start = sizeof(digits);
  do {
    digits[--start] = "0123456789abcdef"[tid & 0xF];
    tid >>= 4;
  } while (tid != 0);
  Text({digits + start, sizeof(digits) - start});
}

void MojoWriter::StringDefinition(uint64_t key, std::string_view text) {
  Id(kString);
  Unsigned(key);
  Text(text);
}

void MojoWriter::FrameDefinition(uint64_t key, uint64_t file_key, uint64_t scope_key, int64_t line, int64_t line_end,
                                 int64_t column, int64_t column_end) {
  Id(kFrame);
  Unsigned(key);
  Unsigned(file_key);
  Unsigned(scope_key);
  Varint(line);
  Varint(line_end);
  Varint(column);
  Varint(column_end);
}

void MojoWriter::FrameReference(uint64_t key) {
  Id(kFrameReference);
  Unsigned(key);
}

void MojoWriter::FrameKernel(std::string_view function) {
  Id(kFrameKernel);
  Text(function);
}

void MojoWriter::FrameInvalid() { Id(kFrameInvalid); }

void MojoWriter::StackRepeat() { Id(kStackRepeat); }

void MojoWriter::Gc() { Id(kGc); }

void MojoWriter::Idle() { Id(kIdle); }

void MojoWriter::MetricTime(uint64_t microseconds) {
  Id(kMetricTime);
  Unsigned(microseconds);
}

void MojoWriter::MetricMemory(int64_t bytes) {
  Id(kMetricMemory);
  Varint(bytes);
}

void MojoWriter::Varint(int64_t value) {
  // Negating the smallest value overflows as a signed number but not as an unsigned one.
  Unsigned(value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value), value < 0);
}

// First byte: bit 7 more follows, bit 6 negative, 6 bits of magnitude; further bytes: bit 7 more, 7 bits.
void MojoWriter::Unsigned(uint64_t magnitude, bool negative) {
  char bytes[kMaxVarintBytes];
  size_t length = 0;
  uint8_t byte = static_cast<uint8_t>((magnitude & 0x3F) | (negative ? 0x40 : 0));
  magnitude >>= 6;
  while (magnitude != 0) {
    bytes[length++] = static_cast<char>(byte | 0x80);
    byte = magnitude & 0x7F;
    magnitude >>= 7;
  }
  bytes[length++] = static_cast<char>(byte);
  out_.append(bytes, length);
}

void MojoWriter::Text(std::string_view text) {
  out_ += text.substr(0, text.find('\0'));
  out_.push_back('\0');
}

}  // namespace austin
