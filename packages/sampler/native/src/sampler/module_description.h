#pragma once

#include <string>

#include "unwind/modules.h"

namespace austin {

/// A mapping for the metadata `map`, as Austin has it: `<start>-<end> <path>` in hexadecimal digits.
std::string MapLine(const FileMapping& mapping);

/// An executable mapping as JSON, with what makes addresses meaningful on another machine, for `x-module:<pid>`; docs/formats/mojo.md has the
/// fields.
std::string DescribeModule(const Module& module);

}  // namespace austin
