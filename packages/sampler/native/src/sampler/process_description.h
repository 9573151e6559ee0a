#pragma once

#include <cstdint>
#include <string>

#include "binary/target.h"

namespace austin {

/// A sampled process as JSON, for the metadata `x-process:<pid>`; docs/formats/mojo.md has the fields.
///
/// @param start_ns the start of the recording, in nanoseconds of the monotonic clock
/// @param attached_us when the process was found, in microseconds since then
std::string DescribeTarget(const Target& target, int64_t start_ns, int64_t attached_us);

}  // namespace austin
