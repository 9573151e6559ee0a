#pragma once

#include <string>
#include <string_view>

namespace austin {

/// A symbol of Rust's first mangling, which has C++'s form and ends with a hash (`17h` and 16 hexadecimal digits), without what the
/// compiler may have put behind it (".llvm.123"). Empty where it is none.
std::string_view RustLegacySymbol(std::string_view symbol);

/// Takes the hash off the readable form of such a symbol and puts back the characters that its mangling writes as `$LT$` and so on.
std::string TidyRustLegacy(std::string_view readable);

/// The readable form of a symbol of Rust's second mangling (RFC 2603, "v0"), without disambiguators; empty where it is none.
std::string DemangleRustV0(std::string_view symbol);

}  // namespace austin
