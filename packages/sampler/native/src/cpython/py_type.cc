#include "cpython/py_type.h"

#include <array>
#include <string_view>

#include "cpython/py_string.h"

namespace austin {
namespace {

// `tp_flags` (cpython/object.h).
constexpr uint64_t kHeapType = uint64_t{1} << 9;
constexpr uint64_t kIntSubclass = uint64_t{1} << 24;
constexpr uint64_t kListSubclass = uint64_t{1} << 25;
constexpr uint64_t kTupleSubclass = uint64_t{1} << 26;
constexpr uint64_t kBytesSubclass = uint64_t{1} << 27;
constexpr uint64_t kStrSubclass = uint64_t{1} << 28;
constexpr uint64_t kDictSubclass = uint64_t{1} << 29;
constexpr uint64_t kTypeSubclass = uint64_t{1} << 31;

constexpr size_t kMaxNameLength = 120;
constexpr size_t kMaxTypes = 1 << 14;

struct Known {
  std::string_view name;
  TypeKind kind;
  /// Flags that the type has to have as well.
  uint64_t flags = 0;
};

constexpr Known kKnown[] = {
    {"NoneType", TypeKind::kNone},
    {"ellipsis", TypeKind::kEllipsis},
    {"NotImplementedType", TypeKind::kNotImplemented},
    {"bool", TypeKind::kBool, kIntSubclass},
    {"int", TypeKind::kInt, kIntSubclass},
    {"float", TypeKind::kFloat},
    {"str", TypeKind::kStr, kStrSubclass},
    {"bytes", TypeKind::kBytes, kBytesSubclass},
    {"list", TypeKind::kList, kListSubclass},
    {"tuple", TypeKind::kTuple, kTupleSubclass},
    {"dict", TypeKind::kDict, kDictSubclass},
    {"set", TypeKind::kSet},
    {"frozenset", TypeKind::kFrozenSet},
    {"function", TypeKind::kFunction},
    {"builtin_function_or_method", TypeKind::kBuiltin},
    {"method", TypeKind::kMethod},
    {"module", TypeKind::kModule},
    {"cell", TypeKind::kCell},
    {"coroutine", TypeKind::kCoroutine},
    {"generator", TypeKind::kGenerator},
    {"async_generator", TypeKind::kAsyncGenerator},
};

TypeKind KindOf(std::string_view name, uint64_t flags) {
  if ((flags & kTypeSubclass) != 0) return TypeKind::kType;
  if ((flags & kHeapType) != 0) return TypeKind::kInstance;
  for (const Known& known : kKnown) {
    if (known.name == name && (flags & known.flags) == known.flags) return known.kind;
  }
  return TypeKind::kInstance;
}

}  // namespace

const TypeInfo* TypeReader::TypeOf(Address object) {
  if (object == 0) return nullptr;
  const std::optional<Address> type = memory_.ReadValue<Address>(object + uint64_t(layout_.object.type));
  if (!type || *type == 0) return nullptr;
  if (const auto known = types_.find(*type); known != types_.end()) return &known->second;
  std::optional<TypeInfo> info = Read(*type);
  if (!info) return nullptr;
  if (types_.size() >= kMaxTypes) types_.clear();
  return &types_.emplace(*type, std::move(*info)).first->second;
}

std::optional<std::string> TypeReader::ClassName(Address type) {
  const std::optional<TypeInfo> info = Read(type);
  return info ? std::optional(info->name) : std::nullopt;
}

std::optional<TypeInfo> TypeReader::Read(Address type) {
  const auto& at = layout_.type;
  const auto field = [type](Offset offset) { return RemoteRange{type + uint64_t(offset), 8}; };
  const RemoteRange ranges[] = {field(at.name), field(at.flags), field(at.attributes), field(at.qualname)};
  std::array<uint64_t, 4> fields{};
  // Only types made by class statements have the last one.
  if (memory_.ReadRanges(ranges, reinterpret_cast<std::byte*>(fields.data())).bytes < 24) return std::nullopt;
  const auto [name, flags, attributes, qualname] = fields;
  std::optional<std::string> text = ReadCString(memory_, name);
  if (!text) return std::nullopt;
  TypeInfo info{.kind = KindOf(*text, flags), .name = std::move(*text)};
  if ((flags & kHeapType) == 0) return info;

  const std::optional<std::string> qualified = ReadString(memory_, layout_, qualname);
  if (qualified && qualified->size() <= kMaxNameLength) info.name = *qualified;
  const auto entries = ReadDict(memory_, layout_, attributes, kMaxAttributes);
  const std::optional<Address> module = entries ? module_.FindIn(memory_, layout_, *entries) : std::nullopt;
  const std::optional<std::string> prefix = module ? ReadString(memory_, layout_, *module) : std::nullopt;
  if (prefix && *prefix != "builtins" && prefix->size() <= kMaxNameLength) info.name = *prefix + "." + info.name;
  return info;
}

}  // namespace austin
