#include "cpython/return_opcodes.h"

namespace austin {

std::span<const uint8_t> ReturnOpcodes(PythonVersion version) {
  // RETURN_GENERATOR, RETURN_VALUE, RETURN_CONST, then INSTRUMENTED_RETURN_VALUE and _CONST.
  static constexpr uint8_t k311[] = {75, 83};
  static constexpr uint8_t k312[] = {75, 83, 121, 242, 247};
  static constexpr uint8_t k313[] = {35, 36, 103, 239, 240};
  switch (version.minor) {
    case 11:
      return k311;
    case 12:
      return k312;
    case 13:
      return k313;
    default:
      return {};
  }
}

}  // namespace austin
