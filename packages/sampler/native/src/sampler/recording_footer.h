#pragma once

#include <cstdint>

#include "mojo/mojo_writer.h"
#include "sampler/statistics.h"

namespace austin {

/// Writes the metadata that a file of a recording ends with.
///
/// @param s           the counts of this file
/// @param duration_us what the file stands for
/// @param gc          whether garbage collection was asked for
void WriteFooter(MojoWriter* writer, const Statistics& s, uint64_t duration_us, bool gc);

}  // namespace austin
