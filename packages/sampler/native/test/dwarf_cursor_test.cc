#include "unwind/dwarf_cursor.h"

#include "check.h"

using namespace austin;

namespace {

template <size_t Count>
std::span<const std::byte> Bytes(const uint8_t (&bytes)[Count]) {
  return std::as_bytes(std::span(bytes));
}

}  // namespace

TEST(DwarfCursor, TakesNumbersOfVariableLength) {
  // The examples of DWARF 5 section 7.6.
  const uint8_t bytes[] = {2, 127,  0x80, 1, 0x81, 1,    0x82, 1, 0xb9, 0x64,
                           2, 0x7e, 0xff, 0, 0x81, 0x7f, 0x80, 1, 0xff, 0x7e};
  DwarfCursor cursor(Bytes(bytes));
  for (const uint64_t expected : {2u, 127u, 128u, 129u, 130u, 12857u}) CHECK_EQ(cursor.Uleb(), expected);
  for (const int64_t expected : {2, -2, 127, -127, 128, -129}) CHECK_EQ(cursor.Sleb(), expected);
  CHECK(cursor.ok() && cursor.AtEnd());
}

TEST(DwarfCursor, TakesTheWidestNumbers) {
  const uint8_t bytes[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
                           0x80, 0x80, 0x80, 0x7f,
                           // Padding that means nothing.
                           0x85, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0};
  DwarfCursor cursor(Bytes(bytes));
  CHECK_EQ(cursor.Uleb(), ~uint64_t(0));
  CHECK_EQ(cursor.Sleb(), INT64_MIN);
  CHECK_EQ(cursor.Uleb(), 5u);
  CHECK(cursor.ok() && cursor.AtEnd());
}

TEST(DwarfCursor, FailsWhereAValueIsNotWhole) {
  const uint8_t bytes[] = {0x80, 0x80};
  DwarfCursor number(Bytes(bytes));
  CHECK_EQ(number.Uleb(), 0u);
  CHECK(!number.ok());
  DwarfCursor word(Bytes(bytes));
  CHECK_EQ(word.Take<uint32_t>(), 0u);
  CHECK(!word.ok());
  CHECK_EQ(word.Take<uint8_t>(), 0u);
  DwarfCursor text(Bytes(bytes));
  CHECK(text.Text().empty() && !text.ok());
  DwarfCursor far(Bytes(bytes));
  far.Skip(~uint64_t(0));
  CHECK(!far.ok());
  DwarfCursor nothing({});
  CHECK(nothing.AtEnd() && nothing.ok());
}

TEST(DwarfCursor, FollowsEncodingsOfPointers) {
  const uint8_t bytes[] = {0xf0, 0xff, 0xff, 0xff, 0x10, 0, 0, 0, 8, 7, 6, 5, 4, 3, 2, 1, 0x7f, 0xfe, 0xff};
  DwarfCursor cursor(Bytes(bytes), 0x1000);
  CHECK_EQ(cursor.Pointer(0x1b).value_or(0), 0xff0u);           // relative to its place
  CHECK_EQ(cursor.Pointer(0x3b, 0x2000).value_or(0), 0x2010u);  // relative to the data
  CHECK_EQ(cursor.Pointer(0x00).value_or(0), 0x0102030405060708u);
  CHECK(!cursor.Pointer(0xff).has_value() && cursor.ok());  // omitted
  CHECK_EQ(cursor.Pointer(0x09).value_or(0), ~uint64_t(0));
  CHECK_EQ(cursor.Pointer(0x0a).value_or(0), ~uint64_t(1));
  CHECK(cursor.AtEnd());
  for (const uint8_t unknown : {0x05, 0x20, 0x50, 0x9b}) {
    DwarfCursor other(Bytes(bytes));
    CHECK(!other.Pointer(unknown).has_value());
    CHECK(!other.ok());
  }
}
