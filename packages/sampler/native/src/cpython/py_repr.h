#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cpython/layout.h"
#include "cpython/py_type.h"
#include "memory/memory_reader.h"

namespace austin {

/// What cannot be read, or makes no sense, is shown as this.
inline constexpr const char* kUnreadableText = "<unreadable>";

/// Writes short texts for objects as Python's `repr` would, without running any code of theirs:
/// - None, bool, int, float, str, bytes, list, tuple, dict, set and frozenset by their value, containers two levels deep;
/// - functions, modules and classes by their names;
/// - everything else, subclasses of those included, as `<module.Class at 0x…>`.
///
/// What is left out shows as `…`: after the closing quote of a str or bytes, as `… 994 more` in a container. Ints of more than
/// 480 bits are `<int of 4096 bits>`. A text is UTF-8, has no control characters, and is a few hundred characters long at most.
class PyRepr {
 public:
  PyRepr(MemoryReader& memory, const Layout& layout) : memory_(memory), layout_(layout), types_(memory, layout) {}

  std::string Of(Address object);

  TypeReader& types() { return types_; }

 private:
  void Append(Address object, int depth, std::string& out);
  void AppendInstance(const std::string& type, Address object, std::string& out) const;
  bool AppendBool(Address object, std::string& out);
  bool AppendInt(Address object, std::string& out);
  bool AppendFloat(Address object, std::string& out);
  bool AppendStr(Address object, std::string& out);
  bool AppendBytes(Address object, std::string& out);
  bool AppendItems(TypeKind kind, Address object, int depth, std::string& out);
  bool AppendDict(Address object, int depth, std::string& out);
  bool AppendFunction(const char* what, Address function, std::string& out);
  bool AppendBuiltin(Address object, std::string& out);
  bool AppendMethod(Address object, std::string& out);
  bool AppendModule(Address object, std::string& out);
  bool AppendClass(Address object, std::string& out);
  std::optional<std::string> TextAt(Address field);

  MemoryReader& memory_;
  const Layout& layout_;
  TypeReader types_;
};

/// A decimal number as Python writes it. `digits` are 30-bit digits, least significant first.
std::string DecimalText(bool negative, std::vector<uint32_t> digits);

/// A float as Python writes it: the shortest text that gives the same number again.
std::string FloatText(double value);

}  // namespace austin
