#pragma once

#include <string>
#include <string_view>

namespace austin {

/// Whether a symbol in C++'s form is one of Rust's first mangling: it ends with a hash, `17h` and 16 hexadecimal digits.
bool IsRustLegacy(std::string_view symbol);

/// Takes the hash off the readable form of such a symbol and puts back the characters that its mangling writes as `$LT$` and so on.
std::string TidyRustLegacy(std::string_view readable);

/// The readable form of a symbol of Rust's second mangling (RFC 2603, "v0"), without disambiguators; empty where it is none.
std::string DemangleRustV0(std::string_view symbol);

}  // namespace austin
