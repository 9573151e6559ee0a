#include "binary/python_version.h"

#include "check.h"

namespace austin {
namespace {

std::string RoundTrip(std::string_view text) {
  const auto version = ParseVersion(text);
  return version ? FormatVersion({*version, true}) : "none";
}

TEST(PythonVersion, ParsesWhatPythonWrites) {
  CHECK_EQ(RoundTrip("3.8.18"), "3.8.18");
  CHECK_EQ(RoundTrip("3.12.1"), "3.12.1");
  CHECK_EQ(RoundTrip("3.15.0b2"), "3.15.0b2");
  CHECK_EQ(RoundTrip("3.15.0rc1+"), "3.15.0rc1");
  CHECK_EQ(RoundTrip("3.14.0a7"), "3.14.0a7");
  CHECK_EQ(RoundTrip("3.9.2+"), "3.9.2");
  for (const char* wrong :
       {"", "3", "3.8", "3.8.", "3.08.1", "3.8.1.2", "3.8.1x", "3.8.1a", "3.8.300", "x3.8.1", "3..8"}) {
    CHECK_EQ(RoundTrip(wrong), "none");
  }
  CHECK_EQ(FormatVersion({PythonVersion{3, 8}, false}), "3.8.?");
  CHECK_EQ(FormatVersion({PythonVersion::FromHex(0x030F00B2), true}), "3.15.0b2");
}

TEST(PythonVersion, ReadsFileNames) {
  const auto library = ParsePythonName("/usr/lib/libpython3.13t.so.1.0");
  REQUIRE(library.has_value());
  CHECK(library->is_library && library->free_threaded && library->HasMinor());
  CHECK_EQ(library->major, 3);
  CHECK_EQ(library->minor, 13);
  const auto old = ParsePythonName("libpython3.7m.so.1.0");
  REQUIRE(old.has_value());
  CHECK_EQ(old->minor, 7);
  CHECK(!old->free_threaded);
  const auto plain = ParsePythonName("/usr/bin/python3");
  REQUIRE(plain.has_value());
  CHECK_EQ(plain->major, 3);
  CHECK(!plain->HasMinor());
  CHECK(ParsePythonName("python").has_value());
  CHECK(ParsePythonName("libpython3.so").has_value());
  for (const char* other :
       {"", "/", "pypy3.10", "bpython", "python3-config", "pythonista", "libpythonic.so", "/usr/python3/x"}) {
    CHECK(!ParsePythonName(other).has_value());
  }
}

}  // namespace
}  // namespace austin
