#include "unwind/demangle.h"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>
#include <utility>

#include "unwind/rust_names.h"

namespace austin {
namespace {

// Longer ones exist (templates), and their readable form may be exponentially longer still.
constexpr size_t kMaxMangled = 4096;
constexpr size_t kMaxReadable = 4096;

std::string DemangleCpp(const std::string& symbol) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> text(abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status),
                                                    std::free);
  return status == 0 && text != nullptr ? std::string(text.get()) : std::string();
}

}  // namespace

std::string Demangle(std::string_view symbol) {
  // A version follows the name of a symbol that is defined here.
  std::string name(symbol.substr(0, symbol.find('@')));
  if (name.size() > kMaxMangled) return name;
  std::string readable;
  if (name.starts_with("_R")) {
    readable = DemangleRustV0(name);
  } else if (name.starts_with("_Z")) {
    const std::string rust(RustLegacySymbol(name));
    readable = rust.empty() ? DemangleCpp(name) : TidyRustLegacy(DemangleCpp(rust));
  }
  return readable.empty() || readable.size() > kMaxReadable ? name : readable;
}

}  // namespace austin
