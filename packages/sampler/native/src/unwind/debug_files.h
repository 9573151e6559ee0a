#pragma once

#include <optional>

#include "binary/elf_image.h"
#include "unwind/module_file.h"

namespace austin {

/// Finds the separate file with the symbols of a stripped one: by build id below /usr/lib/debug/.build-id, then by the name in its
/// .gnu_debuglink beside it, in .debug, and below /usr/lib/debug; first as the process sees the folders, then as we do. It
/// is taken only if its build id or its checksum fits.
std::optional<ElfImage> FindDebugFile(const ModuleFile& file);

/// The small image with the symbols of a stripped file that some distributions put into it (.gnu_debugdata, compressed as
/// .xz). Needs liblzma, which is loaded where it is installed; nothing without it.
std::optional<ElfImage> OpenEmbeddedDebugData(const ElfImage& image);

}  // namespace austin
