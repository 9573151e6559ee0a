#pragma once

#include <vector>

#include "cpython/layouts.h"
#include "memory/recorded_memory_reader.h"

namespace austin::check {

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-variable"
#include "debug_offsets_samples.inc"
#pragma GCC diagnostic pop

inline Layout TableLayout(uint8_t minor) {
  RecordedMemoryReader nothing;
  return *LayoutFor({3, minor}, false, nothing, 0);
}

/// One layout of each version, then those of the free-threaded builds.
inline const std::vector<Layout>& LayoutsUnderTest() {
  static const std::vector<Layout> layouts = {TableLayout(8),  TableLayout(9),  TableLayout(10), TableLayout(11),
                                              TableLayout(12), kExpected313,    kExpected314,    kExpected315,
                                              kExpected313t,   kExpected314t,   kExpected315t};
  return layouts;
}

inline const Layout& LayoutOf(uint8_t minor) { return LayoutsUnderTest().at(minor - 8); }

/// The free-threaded build of a version from 3.13 on.
inline const Layout& FreeThreadedLayoutOf(uint8_t minor) { return LayoutsUnderTest().at(minor - 13 + 8); }

}  // namespace austin::check
