#include "unwind/rust_names.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace austin {
namespace {

constexpr size_t kHashDigits = 16;
// "::h" and the digits.
constexpr size_t kReadableHash = 3 + kHashDigits;

bool IsHexDigit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool AllHexDigits(std::string_view text) {
  for (const char c : text) {
    if (!IsHexDigit(c)) return false;
  }
  return true;
}

constexpr std::array<std::pair<std::string_view, char>, 9> kEscapes{{{"$SP$", '@'},
                                                                     {"$BP$", '*'},
                                                                     {"$RF$", '&'},
                                                                     {"$LT$", '<'},
                                                                     {"$GT$", '>'},
                                                                     {"$LP$", '('},
                                                                     {"$RP$", ')'},
                                                                     {"$C$", ','},
                                                                     {"$u20$", ' '}}};

// Nested as deeply as names are allowed to be; they may refer back to parts of themselves, which multiplies.
constexpr int kMaxDepth = 100;
constexpr size_t kMaxReadable = 4096;

/// A recursive descent over the grammar of RFC 2603. What it writes stops growing, and nothing is read any more, after a failure.
class V0 {
 public:
  explicit V0(std::string_view text) : text_(text) {}

  std::string Run() {
    Path(true);
    // Behind it may be the crate that made the instance, and a suffix of the compiler (".llvm.123").
    return failed_ ? std::string() : std::move(out_);
  }

 private:
  struct Identifier {
    std::string_view name;
    uint64_t disambiguator = 0;
    bool is_punycode = false;
  };

  char Peek() const { return !failed_ && at_ < text_.size() ? text_[at_] : '\0'; }

  char Take() {
    const char c = Peek();
    if (c == '\0') failed_ = true;
    ++at_;
    return c;
  }

  bool Skip(char c) {
    if (Peek() != c) return false;
    ++at_;
    return true;
  }

  void Write(std::string_view text) {
    if (out_.size() + text.size() > kMaxReadable) failed_ = true;
    if (!failed_ && !is_silent_) out_ += text;
  }

  // "_" is 0; digits and "_" are their value + 1.
  uint64_t Base62() {
    if (Skip('_')) return 0;
    uint64_t value = 0;
    while (!failed_) {
      const char c = Take();
      if (c == '_') return value + 1;
      uint64_t digit = 0;
      if (IsDigit(c)) {
        digit = uint64_t(c - '0');
      } else if (c >= 'a' && c <= 'z') {
        digit = uint64_t(c - 'a') + 10;
      } else if (c >= 'A' && c <= 'Z') {
        digit = uint64_t(c - 'A') + 36;
      } else {
        failed_ = true;
      }
      value = value * 62 + digit;
    }
    return 0;
  }

  uint64_t Disambiguator() { return Skip('s') ? Base62() + 1 : 0; }

  Identifier PlainName() {
    Identifier identifier;
    identifier.is_punycode = Skip('u');
    if (!IsDigit(Peek())) {
      failed_ = true;
      return identifier;
    }
    size_t length = 0;
    if (!Skip('0')) {
      while (IsDigit(Peek())) {
        length = length * 10 + size_t(Take() - '0');
        if (length > text_.size()) failed_ = true;
      }
    }
    Skip('_');
    if (failed_ || length > text_.size() - at_) {
      failed_ = true;
      return identifier;
    }
    identifier.name = text_.substr(at_, length);
    at_ += length;
    return identifier;
  }

  Identifier Name() {
    const uint64_t disambiguator = Disambiguator();
    Identifier identifier = PlainName();
    identifier.disambiguator = disambiguator;
    return identifier;
  }

  void Write(const Identifier& identifier) {
    if (!identifier.is_punycode) return Write(identifier.name);
    Write("punycode{");
    Write(identifier.name);
    Write("}");
  }

  /// Goes on at an earlier place for as long as `read` takes.
  template <typename Read>
  void FollowBack(Read read) {
    const size_t here = at_ - 1;
    const uint64_t to = Base62();
    if (to >= here) failed_ = true;
    if (failed_) return;
    const size_t after = at_;
    at_ = size_t(to);
    read();
    at_ = after;
  }

  class Deeper {
   public:
    explicit Deeper(V0* self) : self_(self) {
      if (++self_->depth_ > kMaxDepth) self_->failed_ = true;
    }
    ~Deeper() { --self_->depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;

   private:
    V0* self_;
  };

  void Path(bool is_value);
  bool OpenPath();
  void ImplementationPath();
  void GenericArguments();
  void Type();
  void FunctionSignature();
  void DynamicBounds();
  void Constant();
  void Lifetime();
  void Binder();

  std::string_view text_;
  size_t at_ = 0;
  std::string out_;
  bool failed_ = false;
  bool is_silent_ = false;
  int depth_ = 0;
};

void V0::ImplementationPath() {
  // Where the implementation stands is of no interest.
  const bool was_silent = std::exchange(is_silent_, true);
  Disambiguator();
  Path(false);
  is_silent_ = was_silent;
}

void V0::Path(bool is_value) {
  const Deeper deeper(this);
  if (failed_) return;
  switch (Take()) {
    case 'C':
      return Write(Name());
    case 'M':
      ImplementationPath();
      Write("<");
      Type();
      return Write(">");
    case 'X':
      ImplementationPath();
      [[fallthrough]];
    case 'Y':
      Write("<");
      Type();
      Write(" as ");
      Path(false);
      return Write(">");
    case 'N': {
      const char space = Take();
      Path(is_value);
      const Identifier identifier = Name();
      if (space >= 'A' && space <= 'Z') {
        Write(space == 'C' ? "::{closure" : space == 'S' ? "::{shim" : "::{" + std::string(1, space));
        if (!identifier.name.empty()) {
          Write(":");
          Write(identifier);
        }
        return Write("#" + std::to_string(identifier.disambiguator) + "}");
      }
      if (identifier.name.empty()) return;
      Write("::");
      return Write(identifier);
    }
    case 'I':
      Path(is_value);
      Write(is_value ? "::<" : "<");
      GenericArguments();
      return Write(">");
    case 'B':
      return FollowBack([&] { Path(is_value); });
    default:
      failed_ = true;
  }
}

/// A path of a type whose generic arguments, if any, are not closed yet; whether there are any.
bool V0::OpenPath() {
  const Deeper deeper(this);
  bool is_open = false;
  if (failed_) return is_open;
  if (Skip('B')) {
    FollowBack([&] { is_open = OpenPath(); });
  } else if (Skip('I')) {
    Path(false);
    Write("<");
    GenericArguments();
    is_open = true;
  } else {
    Path(false);
  }
  return is_open;
}

void V0::GenericArguments() {
  for (bool is_first = true; !failed_ && !Skip('E'); is_first = false) {
    if (!is_first) Write(", ");
    if (Peek() == 'L') {
      Lifetime();
    } else if (Skip('K')) {
      Constant();
    } else {
      Type();
    }
  }
}

void V0::Lifetime() {
  // Those that are bound are numbers, and have no names of their own.
  Take();
  Base62();
  Write("'_");
}

void V0::Binder() {
  if (Skip('G')) Base62();
}

std::string_view BasicType(char tag) {
  static constexpr std::array<std::pair<char, std::string_view>, 20> kNames{
      {{'a', "i8"},    {'b', "bool"},  {'c', "char"}, {'d', "f64"}, {'e', "str"},  {'f', "f32"},  {'h', "u8"},
       {'i', "isize"}, {'j', "usize"}, {'l', "i32"},  {'m', "u32"}, {'n', "i128"}, {'o', "u128"}, {'p', "_"},
       {'s', "i16"},   {'t', "u16"},   {'u', "()"},   {'v', "..."}, {'x', "i64"},  {'y', "u64"}}};
  if (tag == 'z') return "!";
  for (const auto& [letter, name] : kNames) {
    if (letter == tag) return name;
  }
  return {};
}

void V0::Type() {
  const Deeper deeper(this);
  if (failed_) return;
  const char tag = Peek();
  if (const std::string_view basic = BasicType(tag); !basic.empty()) {
    ++at_;
    return Write(basic);
  }
  switch (tag) {
    case 'A':
    case 'S':
      ++at_;
      Write("[");
      Type();
      if (tag == 'A') {
        Write("; ");
        Constant();
      }
      return Write("]");
    case 'T': {
      ++at_;
      Write("(");
      size_t count = 0;
      for (; !failed_ && !Skip('E'); ++count) {
        if (count > 0) Write(", ");
        Type();
      }
      return Write(count == 1 ? ",)" : ")");
    }
    case 'R':
    case 'Q':
      ++at_;
      Write("&");
      if (Peek() == 'L') {
        const bool was_silent = std::exchange(is_silent_, true);
        Lifetime();
        is_silent_ = was_silent;
      }
      if (tag == 'Q') Write("mut ");
      return Type();
    case 'P':
    case 'O':
      ++at_;
      Write(tag == 'P' ? "*const " : "*mut ");
      return Type();
    case 'F':
      ++at_;
      return FunctionSignature();
    case 'D':
      ++at_;
      DynamicBounds();
      if (Peek() != 'L') failed_ = true;
      ++at_;
      Base62();
      return;
    case 'B':
      ++at_;
      return FollowBack([this] { Type(); });
    default:
      return Path(false);
  }
}

void V0::FunctionSignature() {
  Binder();
  if (Skip('U')) Write("unsafe ");
  if (Skip('K')) {
    Write("extern \"");
    if (Skip('C')) {
      Write("C");
    } else {
      // A hyphen is written as an underscore.
      for (const char c : PlainName().name) Write(c == '_' ? "-" : std::string_view(&c, 1));
    }
    Write("\" ");
  }
  Write("fn(");
  for (bool is_first = true; !failed_ && !Skip('E'); is_first = false) {
    if (!is_first) Write(", ");
    Type();
  }
  Write(")");
  if (Skip('u')) return;
  Write(" -> ");
  Type();
}

void V0::DynamicBounds() {
  Binder();
  Write("dyn ");
  for (bool is_first = true; !failed_ && !Skip('E'); is_first = false) {
    if (!is_first) Write(" + ");
    bool is_open = OpenPath();
    while (Skip('p')) {
      Write(is_open ? ", " : "<");
      is_open = true;
      Write(PlainName());
      Write(" = ");
      Type();
    }
    if (is_open) Write(">");
  }
}

void V0::Constant() {
  const Deeper deeper(this);
  if (failed_) return;
  if (Skip('B')) return FollowBack([this] { Constant(); });
  const char type = Take();
  if (type == 'p') return Write("_");
  if (BasicType(type).empty()) {
    failed_ = true;
    return;
  }
  if (Skip('n')) Write("-");
  const size_t start = at_;
  while (IsHexDigit(Peek())) ++at_;
  const std::string_view digits = failed_ ? std::string_view() : text_.substr(start, at_ - start);
  if (!Skip('_') || digits.size() > 16) {
    failed_ = true;
    return;
  }
  uint64_t value = 0;
  for (const char c : digits) value = value * 16 + uint64_t(IsDigit(c) ? c - '0' : c - 'a' + 10);
  if (type == 'b') return Write(value != 0 ? "true" : "false");
  if (type == 'c' && value >= 0x20 && value < 0x7f) return Write("'" + std::string(1, char(value)) + "'");
  Write(std::to_string(value));
}

}  // namespace

std::string_view RustLegacySymbol(std::string_view symbol) {
  constexpr std::string_view kMarker = "17h";
  const size_t marker = symbol.rfind(kMarker);
  if (!symbol.starts_with("_ZN") || marker == std::string_view::npos) return {};
  const size_t end = marker + kMarker.size() + kHashDigits;
  if (end >= symbol.size() || symbol[end] != 'E') return {};
  return AllHexDigits(symbol.substr(marker + kMarker.size(), kHashDigits)) ? symbol.substr(0, end + 1) : std::string_view();
}

std::string TidyRustLegacy(std::string_view readable) {
  const size_t hash = readable.rfind("::h");
  if (hash != std::string_view::npos && readable.size() - hash >= kReadableHash &&
      AllHexDigits(readable.substr(hash + 3, kHashDigits))) {
    readable = readable.substr(0, hash);
  }
  std::string out;
  while (!readable.empty()) {
    size_t taken = 1;
    char c = readable.front();
    // A part of a path that starts with an escape has an underscore before it, as C++ asks for.
    if (c == '_' && readable.substr(1, 1) == "$" && (out.empty() || out.ends_with("::"))) {
      readable.remove_prefix(1);
      continue;
    }
    for (const auto& [escape, character] : kEscapes) {
      if (!readable.starts_with(escape)) continue;
      c = character;
      taken = escape.size();
    }
    if (readable.starts_with("$u") && taken == 1) {
      const size_t end = readable.find('$', 2);
      const std::string_view digits = end == std::string_view::npos ? std::string_view() : readable.substr(2, end - 2);
      if (!digits.empty() && digits.size() <= 2 && AllHexDigits(digits)) {
        c = char(std::stoi(std::string(digits), nullptr, 16));
        taken = end + 1;
      }
    }
    if (readable.starts_with("..")) {
      out += "::";
      readable.remove_prefix(2);
      continue;
    }
    out.push_back(c);
    readable.remove_prefix(taken);
  }
  return out;
}

std::string DemangleRustV0(std::string_view symbol) {
  if (!symbol.starts_with("_R")) return {};
  symbol.remove_prefix(2);
  // An encoding version, which there is none of yet.
  if (!symbol.empty() && IsDigit(symbol.front())) return {};
  return V0(symbol.substr(0, symbol.find('.'))).Run();
}

}  // namespace austin
