#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "cpython/layout.h"
#include "cpython/py_object.h"
#include "memory/memory_reader.h"

namespace austin {

/// The built-in types whose values can be shown; their subclasses are instances.
enum class TypeKind : uint8_t {
  kInstance,
  kNone,
  kEllipsis,
  kNotImplemented,
  kBool,
  kInt,
  kFloat,
  kStr,
  kBytes,
  kList,
  kTuple,
  kDict,
  kSet,
  kFrozenSet,
  kFunction,
  kBuiltin,
  kMethod,
  kModule,
  /// A class.
  kType,
  kCell,
  kCoroutine,
  kGenerator,
  kAsyncGenerator,
};

struct TypeInfo {
  TypeKind kind = TypeKind::kInstance;
  /// With the module in front, which is left out for built-in types.
  std::string name;
};

/// Tells what objects are by their types, and remembers the types. Meant to be used for one look at a process: a type
/// that is freed while it is known leaves its name behind.
class TypeReader {
 public:
  TypeReader(MemoryReader& memory, const Layout& layout) : memory_(memory), layout_(layout) {}

  /// The type of an object. Null when the object or its type is unreadable or makes no sense; else valid until the
  /// next call.
  const TypeInfo* TypeOf(Address object);

  /// The name of a class, as in TypeInfo.
  std::optional<std::string> ClassName(Address type);

 private:
  std::optional<TypeInfo> Read(Address type);

  MemoryReader& memory_;
  const Layout& layout_;
  std::unordered_map<Address, TypeInfo> types_;
  Name module_{"__module__"};
};

}  // namespace austin
