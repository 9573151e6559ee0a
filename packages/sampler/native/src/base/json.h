#pragma once

#include <string>
#include <string_view>

namespace austin {

/// Text as a JSON string, quotes included. What is not UTF-8 becomes U+FFFD.
std::string JsonString(std::string_view text);

}  // namespace austin
