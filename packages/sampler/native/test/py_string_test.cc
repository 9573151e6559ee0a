#include "cpython/py_string.h"

#include <cstring>
#include <string>
#include <vector>

#include "check.h"
#include "child_process.h"
#include "cpython/debug_offsets.h"
#include "cpython/layouts.h"
#include "memory/process_memory_reader.h"
#include "memory/recorded_memory_reader.h"
#include "noise_reader.h"
#include "python_child.h"

using namespace austin;
using austin::check::PythonChild;

namespace {

#include "debug_offsets_samples.inc"

std::vector<Layout> AllLayouts() {
  RecordedMemoryReader nothing;
  std::vector<Layout> layouts = {kExpected313, kExpected313t, kExpected314, kExpected314t, kExpected315, kExpected315t};
  for (uint8_t minor = 8; minor <= 12; ++minor) layouts.push_back(*LayoutFor({3, minor}, false, nothing, 0));
  return layouts;
}

constexpr Address kAt = 0x10000;

/// Puts a str with these characters, as units of `kind` bytes, at kAt.
void AddString(RecordedMemoryReader& memory, const Layout& l, const std::u32string& text, int kind, bool ascii, bool compact,
               uint64_t length) {
  const size_t start = compact ? size_t(ascii ? l.unicode.ascii_data : l.unicode.compact_data)
                               : size_t(l.unicode.legacy_data_pointer) + 8;
  std::vector<std::byte> bytes(start + text.size() * size_t(kind) + size_t(kind));
  const uint32_t state = (unsigned(kind) << 2 | unsigned(compact) << 5 | unsigned(ascii) << 6) << l.unicode.state_shift | 1;
  std::memcpy(bytes.data() + l.unicode.state, &state, sizeof state);
  std::memcpy(bytes.data() + l.unicode.length, &length, sizeof length);
  for (size_t i = 0; i < text.size(); ++i) std::memcpy(bytes.data() + start + i * size_t(kind), &text[i], size_t(kind));
  if (!compact) {
    const Address data = kAt + start;
    std::memcpy(bytes.data() + l.unicode.legacy_data_pointer, &data, sizeof data);
  }
  memory.Add(kAt, bytes);
}

std::string Read(const Layout& l, const std::u32string& text, int kind, bool ascii = false, bool compact = true) {
  RecordedMemoryReader memory;
  AddString(memory, l, text, kind, ascii, compact, text.size());
  return ReadString(memory, l, kAt).value_or("(none)");
}

}  // namespace

TEST(PyString, ReadsEveryKindInEveryVersion) {
  for (const Layout& l : AllLayouts()) {
    CHECK_EQ(Read(l, U"", 1, true), "");
    CHECK_EQ(Read(l, U"name", 1, true), "name");
    CHECK_EQ(Read(l, U"caf\u00e9", 1), "caf\u00e9");
    CHECK_EQ(Read(l, U"\u03c0\u65e5", 2), "\u03c0\u65e5");
    CHECK_EQ(Read(l, U"\U0001f40d a", 4), "\U0001f40d a");
    CHECK_EQ(Read(l, U"sub", 1, true, false), "sub");
    CHECK_EQ(Read(l, U"\u03c0", 2, false, false), "\u03c0");
  }
}

TEST(PyString, KeepsFileNamesAndHidesNulls) {
  const Layout& l = kExpected314;
  CHECK_EQ(Read(l, std::u32string{U'a', 0xDCFF, 0xDC80, U'b'}, 2), "a\xff\x80"
                                                                   "b");
  CHECK_EQ(Read(l, std::u32string{0xD83D, 0xDC0D, 0xDC7F}, 2), "\ufffd\ufffd\ufffd");
  CHECK_EQ(Read(l, std::u32string{U'x', 0, U'y'}, 1, true), "x\u2400y");
  CHECK_EQ(Read(l, std::u32string{0x110000}, 4), "\ufffd");
}

TEST(PyString, LongNamesTakeASecondReadAndHaveALimit) {
  const Layout& l = kExpected313;
  CHECK_EQ(Read(l, std::u32string(1000, U'a'), 1, true), std::string(1000, 'a'));
  CHECK_EQ(Read(l, std::u32string(kMaxStringCharacters, U'a'), 1, true), std::string(kMaxStringCharacters, 'a'));
  CHECK_EQ(Read(l, std::u32string(kMaxStringCharacters + 1, U'a'), 1, true),
           std::string(kMaxStringCharacters, 'a') + "\u2026");
}

TEST(PyString, RefusesWhatIsNoString) {
  const Layout& l = kExpected313;
  RecordedMemoryReader memory;
  CHECK(!ReadString(memory, l, 0));
  CHECK(!ReadString(memory, l, kAt));
  AddString(memory, l, U"abc", 1, true, true, ~uint64_t{0});
  CHECK(!ReadString(memory, l, kAt));
  RecordedMemoryReader odd_kind;
  AddString(odd_kind, l, U"abc", 3, false, true, 3);
  CHECK(!ReadString(odd_kind, l, kAt));
  RecordedMemoryReader cut;
  AddString(cut, l, std::u32string(100, U'a'), 1, true, true, 400);
  CHECK(!ReadString(cut, l, kAt));
}

TEST(PyString, ReadsBytes) {
  const Layout& l = kExpected315;
  std::vector<std::byte> object(size_t(l.bytes.data) + 1000);
  for (size_t i = 0; i < 1000; ++i) object[size_t(l.bytes.data) + i] = std::byte(i * 7);
  for (const int64_t length : {0, 5, 224, 225, 1000}) {
    std::memcpy(object.data() + l.bytes.size, &length, sizeof length);
    RecordedMemoryReader memory;
    memory.Add(kAt, object);
    const auto got = ReadBytes(memory, l, kAt);
    REQUIRE(got.has_value());
    CHECK(std::equal(got->begin(), got->end(), object.begin() + l.bytes.data, object.begin() + l.bytes.data + length));
  }
  for (const int64_t length : {int64_t{-1}, int64_t{1001}, int64_t{kMaxBytesLength} + 1}) {
    std::memcpy(object.data() + l.bytes.size, &length, sizeof length);
    RecordedMemoryReader memory;
    memory.Add(kAt, object);
    CHECK(!ReadBytes(memory, l, kAt));
  }
}

TEST(PyString, SurvivesNoise) {
  check::NoiseReader memory(7);
  for (const Layout& l : AllLayouts()) {
    for (int i = 0; i < 2000; ++i) {
      (void)ReadString(memory, l, kAt);
      (void)ReadBytes(memory, l, kAt);
    }
  }
}

TEST(PyString, AgreesWithLiveInterpreters) {
  const std::vector<std::string> pythons = check::TestPythons();
  if (pythons.empty()) SKIP("no interpreter in AUSTIN_TEST_PYTHONS or on PATH");
  for (const std::string& python : pythons) {
    PythonChild child(python, R"(
class Sub(str): pass
strings = ['', 'a', 'name', 'caf\xe9', '\u03c0\u65e5\u672c', '\U0001f40d snake', 'x' * 5000, '\u03c0' * 5000, '\udcff\udc80/x.py',
           Sub('subclass'), Sub('\u03c0'), Sub('\U0001f40d')]
for s in strings:
    line('s', id(s), text(s))
blobs = [b'', b'abc', bytes(range(256)) * 40]
for b in blobs:
    line('b', id(b), b.hex() or '-')
)");
    REQUIRE(child.started());
    ProcessMemoryReader memory(child.pid());
    const Result<Layout> layout = LayoutFor(child.version(), false, memory, child.runtime());
    REQUIRE(layout.has_value());
    int compared = 0;
    for (const auto& words : child.Lines()) {
      const Address address = std::stoull(words.at(1));
      const std::string expected = check::FromHex(words.at(2));
      ++compared;
      if (words[0] == "s") {
        CHECK_EQ(ReadString(memory, *layout, address).value_or("(none)"), expected);
      } else {
        const auto got = ReadBytes(memory, *layout, address);
        REQUIRE(got.has_value());
        CHECK_EQ(std::string(reinterpret_cast<const char*>(got->data()), got->size()), expected);
      }
    }
    CHECK_EQ(compared, 15);
  }
}
