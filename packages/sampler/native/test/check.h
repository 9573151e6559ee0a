#pragma once

#include <functional>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

/// A test harness of a few macros:
///
///   TEST(ElfImage, RejectsTruncatedHeader) {
///     CHECK(!image);
///     CHECK_EQ(count, 3u);
///     REQUIRE(pointer != nullptr);   // leaves the test when false
///     if (no_interpreter) SKIP("no interpreter");
///   }
///
/// `core_test [PART...]` runs the tests whose name `Suite.Name` contains one of the parts, or all of them.
/// `core_test --list` prints the names.
namespace austin::check {

/// Adds a test to the list. Called before main by TEST.
bool Register(const char* suite, const char* name, void (*body)());

/// Counts a failure of the running test and prints it. May be called from any thread.
void Fail(const char* file, int line, const std::string& message);

/// Marks the running test as skipped.
void Skip(const std::string& reason);

/// A value as text, for messages.
template <typename T>
std::string Show(const T& value) {
  std::ostringstream out;
  if constexpr (std::is_same_v<T, bool>) {
    out << (value ? "true" : "false");
  } else if constexpr (std::is_enum_v<T>) {
    out << static_cast<long long>(value);
  } else if constexpr (std::is_integral_v<T>) {
    out << +value;
  } else if constexpr (std::is_convertible_v<T, std::string_view>) {
    out << '"' << std::string_view(value) << '"';
  } else if constexpr (requires { out << value; }) {
    out << value;
  } else {
    out << "(value of " << sizeof(T) << " bytes)";
  }
  return out.str();
}

/// Equality that compares integers by value, whatever their signs.
template <typename A, typename B>
bool Equal(const A& a, const B& b) {
  if constexpr (std::is_integral_v<A> && std::is_integral_v<B> && !std::is_same_v<A, bool> &&
                !std::is_same_v<B, bool> && !std::is_same_v<A, char> && !std::is_same_v<B, char>) {
    return std::cmp_equal(a, b);
  } else {
    return a == b;
  }
}

template <typename A, typename B>
bool CheckEqual(const char* file, int line, const char* text, const A& a, const B& b) {
  if (Equal(a, b)) return true;
  Fail(file, line, std::string(text) + "\n    got      " + Show(a) + "\n    expected " + Show(b));
  return false;
}

}  // namespace austin::check

#define TEST(suite, name)                                                                        \
  static void suite##_##name##_Body();                                                           \
  [[maybe_unused]] static const bool suite##_##name##_registered =                               \
      ::austin::check::Register(#suite, #name, &suite##_##name##_Body);                          \
  static void suite##_##name##_Body()

/// Records a failure when the condition is false, and goes on.
#define CHECK(...)                                                                               \
  ((__VA_ARGS__) ? void() : ::austin::check::Fail(__FILE__, __LINE__, "CHECK(" #__VA_ARGS__ ")"))

/// Compares what was got with what is expected.
#define CHECK_EQ(got, expected)                                                                  \
  (void)::austin::check::CheckEqual(__FILE__, __LINE__, "CHECK_EQ(" #got ", " #expected ")", (got), (expected))

/// Records a failure and leaves the function when the condition is false.
#define REQUIRE(...)                                                                             \
  do {                                                                                           \
    if (!(__VA_ARGS__)) {                                                                        \
      ::austin::check::Fail(__FILE__, __LINE__, "REQUIRE(" #__VA_ARGS__ ")");                    \
      return;                                                                                    \
    }                                                                                            \
  } while (false)

/// Records a failure with a message of one's own.
#define FAIL_TEST(message) ::austin::check::Fail(__FILE__, __LINE__, (message))

/// Leaves the test as skipped.
#define SKIP(reason)                                                                             \
  do {                                                                                           \
    ::austin::check::Skip(reason);                                                               \
    return;                                                                                      \
  } while (false)
