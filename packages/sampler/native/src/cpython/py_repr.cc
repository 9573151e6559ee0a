#include "cpython/py_repr.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "cpython/py_object.h"
#include "cpython/py_string.h"

namespace austin {
namespace {

constexpr int kMaxDepth = 2;
constexpr size_t kMaxItems = 6;
constexpr size_t kMaxCharacters = 60;
/// A container ends with `…` when its text is longer than this.
constexpr size_t kMaxContainerText = 240;
constexpr size_t kMaxNameText = 120;
constexpr size_t kMaxDigits = 16;
constexpr int kDigitBits = 30;

constexpr std::string_view kLeftOut = "…";

std::string Hex(uint64_t value, size_t width) {
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16).ptr;
  std::string text(digits.data(), end);
  return text.size() < width ? std::string(width - text.size(), '0') + text : text;
}

/// Characters that would not be seen, or would change what is seen around them.
bool IsUnprintable(char32_t c) {
  constexpr std::pair<char32_t, char32_t> kRanges[] = {
      {0x00, 0x1F},     {0x7F, 0xA0},     {0xAD, 0xAD},     {0x61C, 0x61C},     {0x1680, 0x1680},     {0x180E, 0x180E},
      {0x2000, 0x200F}, {0x2028, 0x202F}, {0x205F, 0x206F}, {0x3000, 0x3000},   {0xD800, 0xF8FF},     {0xFEFF, 0xFEFF},
      {0xFFF0, 0xFFFB}, {0xFFFE, 0xFFFF}, {0xE0000, 0xE0FFF}, {0xF0000, 0xFFFFFFFF}};
  return std::any_of(std::begin(kRanges), std::end(kRanges),
                     [c](const auto& range) { return c >= range.first && c <= range.second; });
}

/// For names, which stand without quotes.
constexpr char32_t kNoQuote = 0xFFFFFFFF;

void AppendQuoted(char32_t c, char32_t quote, bool is_byte, std::string& out) {
  switch (c) {
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\\':
      out += "\\\\";
      return;
    default:
      break;
  }
  if (c == quote) {
    out += '\\';
    out += char(quote);
  } else if (is_byte ? c < 0x20 || c > 0x7E : IsUnprintable(c)) {
    out += c < 0x100 ? "\\x" + Hex(c, 2) : c < 0x10000 ? "\\u" + Hex(c, 4) : "\\U" + Hex(c, 8);
  } else {
    AppendUtf8(c, out);
  }
}

/// A literal with as many of the characters as are there; `length` is how many there should be.
void AppendLiteral(std::u32string_view characters, uint64_t length, bool is_byte, std::string& out) {
  const bool has_single = characters.find(U'\'') != characters.npos;
  const char quote = has_single && characters.find(U'"') == characters.npos ? '"' : '\'';
  out += quote;
  for (const char32_t c : characters) AppendQuoted(c, char32_t(quote), is_byte, out);
  out += quote;
  if (length > characters.size()) out += kLeftOut;
}

/// Names from the target are text like any other. They are UTF-8 already.
void AppendName(std::string_view name, std::string& out) {
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      out += "\\x" + Hex(byte, 2);
    } else {
      out += c;
    }
  }
}

void AppendMore(uint64_t more, std::string& out) {
  out += kLeftOut;
  out += " " + std::to_string(more) + " more";
}

}  // namespace

std::string DecimalText(bool negative, std::vector<uint32_t> digits) {
  constexpr uint64_t kChunk = 1'000'000'000;
  std::string text;
  while (!digits.empty() && digits.back() == 0) digits.pop_back();
  while (!digits.empty()) {
    uint64_t rest = 0;
    for (size_t i = digits.size(); i-- > 0;) {
      rest = rest << kDigitBits | digits[i];
      digits[i] = uint32_t(rest / kChunk);
      rest %= kChunk;
    }
    while (!digits.empty() && digits.back() == 0) digits.pop_back();
    std::string part = std::to_string(rest);
    if (!digits.empty()) part.insert(0, 9 - part.size(), '0');
    text.insert(0, part);
  }
  if (text.empty()) return "0";
  return negative ? "-" + text : text;
}

std::string FloatText(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  std::array<char, 64> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific).ptr;
  const std::string_view scientific(buffer.data(), size_t(end - buffer.data()));
  const size_t e = scientific.find('e');
  int exponent = 0;
  const char* sign_end = scientific.data() + e + (scientific[e + 1] == '+' ? 2 : 1);
  std::from_chars(sign_end, end, exponent);

  std::string digits;
  for (const char c : scientific.substr(0, e)) {
    if (c >= '0' && c <= '9') digits += c;
  }
  std::string text = std::signbit(value) ? "-" : "";
  // Python changes to exponents where fixed notation would have more than 16 digits before, or 4 zeros after, the point.
  if (exponent < -4 || exponent >= 16) {
    text += digits[0];
    if (digits.size() > 1) text += "." + digits.substr(1);
    const std::string power = std::to_string(std::abs(exponent));
    return text + (exponent < 0 ? "e-" : "e+") + (power.size() < 2 ? "0" : "") + power;
  }
  if (exponent < 0) return text + "0." + std::string(size_t(-exponent - 1), '0') + digits;
  const size_t whole = size_t(exponent) + 1;
  if (digits.size() <= whole) return text + digits + std::string(whole - digits.size(), '0') + ".0";
  return text + digits.substr(0, whole) + "." + digits.substr(whole);
}

std::string PyRepr::Of(Address object) {
  std::string text;
  Append(object, 0, text);
  return text;
}

void PyRepr::Append(Address object, int depth, std::string& out) {
  const TypeInfo* type = types_.TypeOf(object);
  if (type == nullptr) {
    out += kUnreadableText;
    return;
  }
  const bool shown = [&] {
    switch (type->kind) {
      case TypeKind::kNone:
        out += "None";
        return true;
      case TypeKind::kEllipsis:
        out += "Ellipsis";
        return true;
      case TypeKind::kNotImplemented:
        out += "NotImplemented";
        return true;
      case TypeKind::kBool:
        return AppendBool(object, out);
      case TypeKind::kInt:
        return AppendInt(object, out);
      case TypeKind::kFloat:
        return AppendFloat(object, out);
      case TypeKind::kStr:
        return AppendStr(object, out);
      case TypeKind::kBytes:
        return AppendBytes(object, out);
      case TypeKind::kList:
      case TypeKind::kTuple:
      case TypeKind::kSet:
      case TypeKind::kFrozenSet:
        return AppendItems(type->kind, object, depth, out);
      case TypeKind::kDict:
        return AppendDict(object, depth, out);
      case TypeKind::kFunction:
        return AppendFunction("function", object, out);
      case TypeKind::kBuiltin:
        return AppendBuiltin(object, out);
      case TypeKind::kMethod:
        return AppendMethod(object, out);
      case TypeKind::kModule:
        return AppendModule(object, out);
      case TypeKind::kType:
        return AppendClass(object, out);
      case TypeKind::kInstance:
      case TypeKind::kCell:
      case TypeKind::kCoroutine:
      case TypeKind::kGenerator:
      case TypeKind::kAsyncGenerator:
        AppendInstance(type->name, object, out);
        return true;
    }
    return false;
  }();
  if (!shown) out += kUnreadableText;
}

void PyRepr::AppendInstance(const std::string& type, Address object, std::string& out) const {
  out += '<';
  AppendName(type, out);
  out += " at 0x" + Hex(object, 0) + ">";
}

bool PyRepr::AppendBool(Address object, std::string& out) {
  const std::optional<int64_t> value = ReadInt(memory_, layout_, object);
  if (!value || *value < 0 || *value > 1) return false;
  out += *value == 1 ? "True" : "False";
  return true;
}

bool PyRepr::AppendInt(Address object, std::string& out) {
  const std::optional<IntHeader> header = ReadIntHeader(memory_, layout_, object);
  if (!header) return false;
  const size_t count = size_t(std::min<uint64_t>(header->digits, kMaxDigits));
  std::vector<uint32_t> digits(count);
  if (header->digits > kMaxDigits) {
    const auto top = memory_.ReadValue<uint32_t>(object + uint64_t(layout_.integer.digits) + 4 * (header->digits - 1));
    if (!top || *top >> kDigitBits != 0) return false;
    const uint64_t bits = (header->digits - 1) * kDigitBits + uint64_t(std::bit_width(*top));
    out += "<int of " + std::to_string(bits) + " bits>";
    return true;
  }
  if (!memory_.Read(object + uint64_t(layout_.integer.digits), digits.data(), count * sizeof(uint32_t))) return false;
  if (std::any_of(digits.begin(), digits.end(), [](uint32_t digit) { return digit >> kDigitBits != 0; })) return false;
  out += DecimalText(header->negative, std::move(digits));
  return true;
}

bool PyRepr::AppendFloat(Address object, std::string& out) {
  const std::optional<double> value = memory_.ReadValue<double>(object + uint64_t(layout_.real.value));
  if (!value) return false;
  out += FloatText(*value);
  return true;
}

bool PyRepr::AppendStr(Address object, std::string& out) {
  const std::optional<Characters> characters = ReadCharacters(memory_, layout_, object, kMaxCharacters);
  if (!characters) return false;
  AppendLiteral(characters->first, characters->length, false, out);
  return true;
}

bool PyRepr::AppendBytes(Address object, std::string& out) {
  const std::optional<uint64_t> length = ReadBytesLength(memory_, layout_, object);
  if (!length) return false;
  std::vector<uint8_t> bytes(size_t(std::min<uint64_t>(*length, kMaxCharacters)));
  if (!memory_.Read(object + uint64_t(layout_.bytes.data), bytes.data(), bytes.size())) return false;
  out += 'b';
  AppendLiteral(std::u32string(bytes.begin(), bytes.end()), *length, true, out);
  return true;
}

bool PyRepr::AppendItems(TypeKind kind, Address object, int depth, std::string& out) {
  const std::optional<Items> items = kind == TypeKind::kList    ? ReadList(memory_, layout_, object, kMaxItems)
                                     : kind == TypeKind::kTuple ? ReadTuple(memory_, layout_, object, kMaxItems)
                                                                : ReadSet(memory_, layout_, object, kMaxItems);
  if (!items) return false;
  const bool is_set = kind == TypeKind::kSet || kind == TypeKind::kFrozenSet;
  if (is_set && items->count == 0) {
    out += kind == TypeKind::kSet ? "set()" : "frozenset()";
    return true;
  }
  if (kind == TypeKind::kFrozenSet) out += "frozenset(";
  const char* brackets = is_set ? "{}" : kind == TypeKind::kList ? "[]" : "()";
  out += brackets[0];
  if (depth == kMaxDepth && items->count != 0) {
    out += kLeftOut;
  } else {
    const size_t start = out.size();
    uint64_t shown = 0;
    for (const Address item : items->items) {
      if (out.size() - start > kMaxContainerText) break;
      if (shown++ != 0) out += ", ";
      Append(item, depth + 1, out);
    }
    if (shown < items->count) {
      if (shown != 0) out += ", ";
      AppendMore(items->count - shown, out);
    } else if (kind == TypeKind::kTuple && shown == 1) {
      out += ',';
    }
  }
  out += brackets[1];
  if (kind == TypeKind::kFrozenSet) out += ')';
  return true;
}

bool PyRepr::AppendDict(Address object, int depth, std::string& out) {
  const std::optional<DictStart> dict = ReadDictStart(memory_, layout_, object, kMaxItems);
  if (!dict) return false;
  out += '{';
  if (depth == kMaxDepth && dict->count != 0) {
    out += kLeftOut;
  } else {
    const size_t start = out.size();
    uint64_t shown = 0;
    for (const DictEntry& entry : dict->entries) {
      if (out.size() - start > kMaxContainerText) break;
      if (shown++ != 0) out += ", ";
      Append(entry.key, depth + 1, out);
      out += ": ";
      Append(entry.value, depth + 1, out);
    }
    if (shown < dict->count) {
      if (shown != 0) out += ", ";
      AppendMore(dict->count - shown, out);
    }
  }
  out += '}';
  return true;
}

/// The short text of the str that a field points to, without quotes.
std::optional<std::string> PyRepr::TextAt(Address field) {
  const std::optional<Address> text = memory_.ReadValue<Address>(field);
  const std::optional<Characters> characters =
      text ? ReadCharacters(memory_, layout_, *text, kMaxNameText) : std::nullopt;
  if (!characters) return std::nullopt;
  std::string shown;
  for (const char32_t c : characters->first) AppendQuoted(c, kNoQuote, false, shown);
  if (characters->length > characters->first.size()) shown += kLeftOut;
  return shown;
}

bool PyRepr::AppendFunction(const char* what, Address function, std::string& out) {
  const std::optional<std::string> name = TextAt(function + uint64_t(layout_.function.qualname));
  if (!name) return false;
  out += std::string("<") + what + " " + *name + " at 0x" + Hex(function, 0) + ">";
  return true;
}

bool PyRepr::AppendBuiltin(Address object, std::string& out) {
  const auto definition = memory_.ReadValue<Address>(object + uint64_t(layout_.builtin.definition));
  // `ml_name` comes first.
  const auto name = definition && *definition != 0 ? memory_.ReadValue<Address>(*definition) : std::nullopt;
  const std::optional<std::string> text = name ? ReadCString(memory_, *name) : std::nullopt;
  if (!text) return false;
  out += "<built-in function ";
  AppendName(*text, out);
  out += '>';
  return true;
}

bool PyRepr::AppendMethod(Address object, std::string& out) {
  const auto function = memory_.ReadValue<Address>(object + uint64_t(layout_.method.function));
  if (!function) return false;
  const TypeInfo* type = types_.TypeOf(*function);
  if (type == nullptr) return false;
  if (type->kind != TypeKind::kFunction) {
    AppendInstance("method", object, out);
    return true;
  }
  return AppendFunction("bound method", *function, out);
}

bool PyRepr::AppendModule(Address object, std::string& out) {
  const std::optional<std::string> name = TextAt(object + uint64_t(layout_.module.name));
  if (!name) return false;
  out += "<module '" + *name + "'>";
  return true;
}

bool PyRepr::AppendClass(Address object, std::string& out) {
  const std::optional<std::string> name = types_.ClassName(object);
  if (!name) return false;
  out += "<class '";
  AppendName(*name, out);
  out += "'>";
  return true;
}

}  // namespace austin
