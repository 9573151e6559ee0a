#pragma once

#include <string>
#include <string_view>

namespace austin {

/// The readable form of a symbol: C++ and Rust names are taken apart, symbol versions ("@@GLIBC_2.14") and Rust's hashes are left
/// out. What cannot be taken apart is returned as it is.
std::string Demangle(std::string_view symbol);

}  // namespace austin
