#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace austin {

/// What can go wrong, by what the user can do about it. The names are the codes of errors.ts.
enum class ErrorCode {
  kProcessGone,
  kPermission,
  kNotPython,
  kPythonUnsupported,
  kPythonLayout,
  kOutputWrite,
  kKernelStacksPermission,
  kPerfPermission,
};

/// The stable name of a code, as JavaScript sees it: `ERR_PROCESS_GONE` and so on.
const char* ErrorCodeName(ErrorCode code);

struct Error {
  ErrorCode code;
  std::string message;
  /// The operating system's error number, or 0.
  int sys_errno = 0;
};

/// A value or the reason why there is none; the surface of std::expected.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  T& value() { return std::get<0>(state_); }
  const T& value() const { return std::get<0>(state_); }
  T& operator*() { return value(); }
  const T& operator*() const { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

}  // namespace austin
