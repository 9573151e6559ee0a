#include "mojo/mojo_writer.h"

#include <cstdint>
#include <limits>
#include <string>

#include "check.h"
#include "support/hex.h"

using namespace austin;
using austin::check::Hex;

namespace {

/// The bytes of a signed number, as the process id of a STACK event has it.
std::string Signed(int64_t value) {
  std::string out;
  MojoWriter(&out).Stack(value, 0, 0);
  return Hex(out.substr(1, out.size() - 4));
}

/// The bytes of a number without sign, as a metric has it.
std::string Unsigned(uint64_t value) {
  std::string out;
  MojoWriter(&out).MetricTime(value);
  return Hex(out.substr(1));
}

}  // namespace

TEST(MojoWriter, WritesIntegersInTheirShortestForm) {
  struct Vector {
    uint64_t value;
    const char* bytes;
  };
  constexpr uint64_t kOne = 1;
  for (const auto& [value, bytes] : {
           Vector{0, "00"},
           Vector{1, "01"},
           Vector{63, "3f"},
           Vector{64, "80 01"},
           Vector{131, "83 02"},
           Vector{8191, "bf 7f"},
           Vector{8192, "80 80 01"},
           Vector{10000, "90 9c 01"},
           Vector{(kOne << 20) - 1, "bf ff 7f"},
           Vector{kOne << 20, "80 80 80 01"},
           Vector{(kOne << 27) - 1, "bf ff ff 7f"},
           Vector{kOne << 27, "80 80 80 80 01"},
           Vector{(kOne << 31) - 1, "bf ff ff ff 0f"},
           Vector{kOne << 32, "80 80 80 80 20"},
           Vector{kOne << 40, "80 80 80 80 80 40"},
           Vector{(kOne << 53) - 1, "bf ff ff ff ff ff ff 1f"},
           Vector{kOne << 53, "80 80 80 80 80 80 80 20"},
           Vector{(kOne << 63) - 1, "bf ff ff ff ff ff ff ff ff 01"},
           Vector{~uint64_t{0}, "bf ff ff ff ff ff ff ff ff 03"},
       }) {
    CHECK_EQ(Unsigned(value), bytes);
    if (value < kOne << 63) CHECK_EQ(Signed(static_cast<int64_t>(value)), bytes);
  }
}

TEST(MojoWriter, WritesTheSignIntoTheFirstByte) {
  struct Vector {
    int64_t value;
    const char* bytes;
  };
  for (const auto& [value, bytes] : {
           Vector{-1, "41"},
           Vector{-63, "7f"},
           Vector{-64, "c0 01"},
           Vector{-131, "c3 02"},
           Vector{-8191, "ff 7f"},
           Vector{-8192, "c0 80 01"},
           Vector{-(int64_t{1} << 32), "c0 80 80 80 20"},
           Vector{-(int64_t{1} << 53) - 1, "c1 80 80 80 80 80 80 20"},
           Vector{std::numeric_limits<int64_t>::min(), "c0 80 80 80 80 80 80 80 80 02"},
       }) {
    CHECK_EQ(Signed(value), bytes);
  }
}

TEST(MojoWriter, WritesEachEvent) {
  std::string out;
  MojoWriter writer(&out);
  const auto written = [&out] {
    std::string bytes = Hex(out);
    out.clear();
    return bytes;
  };
  writer.Header();
  CHECK_EQ(written(), "4d 4f 4a 04");
  writer.Metadata("mode", "wall");
  CHECK_EQ(written(), "01 6d 6f 64 65 00 77 61 6c 6c 00");
  writer.Stack(9, 0, 9);
  CHECK_EQ(written(), "02 09 00 39 00");
  writer.Stack(301, -1, 0x5c1f);
  CHECK_EQ(written(), "02 ad 04 41 35 63 31 66 00");
  writer.Stack(0, 0, 0);
  CHECK_EQ(written(), "02 00 00 30 00");
  writer.Stack(0, 0, ~uint64_t{0});
  CHECK_EQ(written(), "02 00 00 66 66 66 66 66 66 66 66 66 66 66 66 66 66 66 66 00");
  writer.StringDefinition(64, "\xc3\xa9.py");
  CHECK_EQ(written(), "0b 80 01 c3 a9 2e 70 79 00");
  writer.FrameDefinition(70000, 64, 65, 5, 5, 9, 18);
  CHECK_EQ(written(), "03 b0 c5 08 80 01 81 01 05 05 09 12");
  writer.FrameDefinition(3, 4, MojoWriter::kUnknownKey, 0, 0, 0, 0);
  CHECK_EQ(written(), "03 03 04 01 00 00 00 00");
  writer.FrameDefinition(2, 2, 2, -1, 0, 0, 0);
  CHECK_EQ(written(), "03 02 02 02 41 00 00 00");
  writer.FrameReference(70000);
  CHECK_EQ(written(), "05 b0 c5 08");
  writer.FrameInvalid();
  CHECK_EQ(written(), "04");
  writer.StackRepeat();
  CHECK_EQ(written(), "0d");
  writer.MetricTime(8192);
  CHECK_EQ(written(), "09 80 80 01");
}

TEST(MojoWriter, EndsTextsAtTheirFirstNull) {
  std::string out;
  MojoWriter(&out).StringDefinition(2, std::string_view("a\0b", 3));
  CHECK_EQ(Hex(out), "0b 02 61 00");
  out.clear();
  MojoWriter(&out).Metadata("", std::string_view("\0", 1));
  CHECK_EQ(Hex(out), "01 00 00");
}

TEST(MojoWriter, WritesAWholeFile) {
  // File C of docs/formats/mojo.md, which has all shapes of repeats.
  std::string out;
  MojoWriter writer(&out);
  writer.Header();
  writer.Metadata("mode", "wall");
  writer.Stack(9, 0, 9);
  writer.StringDefinition(2, "m.py");
  writer.StringDefinition(3, "run");
  writer.StringDefinition(4, "native@7f00");
  writer.StringDefinition(5, "poll");
  writer.FrameDefinition(1, 2, 3, 4, 4, 5, 9);
  writer.FrameDefinition(2, 4, 5, 0, 0, 0, 0);
  writer.FrameReference(1);
  writer.FrameReference(2);
  writer.MetricTime(50);
  writer.Stack(9, 0, 9);
  writer.StackRepeat();
  writer.FrameDefinition(3, 4, 1, 0, 0, 0, 0);
  writer.FrameReference(3);
  writer.MetricTime(51);
  writer.Stack(9, 0, 9);
  writer.StackRepeat();
  writer.MetricTime(52);
  writer.Stack(9, 0, 9);
  writer.StringDefinition(6, "leaf");
  writer.FrameDefinition(4, 2, 6, 8, 8, 1, 7);
  writer.StackRepeat();
  writer.FrameReference(4);
  writer.MetricTime(53);
  CHECK_EQ(out.size(), 127u);
  CHECK_EQ(Hex(out),
           "4d 4f 4a 04 01 6d 6f 64 65 00 77 61 6c 6c 00 02 09 00 39 00 0b 02 6d 2e 70 79 00 0b 03 72 75 6e 00 "
           "0b 04 6e 61 74 69 76 65 40 37 66 30 30 00 0b 05 70 6f 6c 6c 00 03 01 02 03 04 04 05 09 "
           "03 02 04 05 00 00 00 00 05 01 05 02 09 32 02 09 00 39 00 0d 03 03 04 01 00 00 00 00 05 03 09 33 "
           "02 09 00 39 00 0d 09 34 02 09 00 39 00 0b 06 6c 65 61 66 00 03 04 02 06 08 08 01 07 0d 05 04 09 35");
}
