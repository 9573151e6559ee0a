#include "unwind/symbols.h"

#include <utility>

#include "unwind/debug_files.h"
#include "unwind/demangle.h"

namespace austin {
namespace {

constexpr std::string_view kStub = "@plt";

SymbolTable ReadSymbols(const ModuleFile& file) {
  SymbolTable table;
  const ElfImage* const image = file.image();
  if (image == nullptr) return table;
  ElfSymbols symbols = image->StaticCodeSymbols();
  if (!symbols.symbols.empty()) {
    table.Add(*image, symbols);
  } else {
    table.Add(*image, image->DynamicCodeSymbols());
    auto debug = FindDebugFile(file);
    if (!debug) debug = OpenEmbeddedDebugData(*image);
    if (debug) table.Add(*image, debug->StaticCodeSymbols());
  }
  table.AddStubs(*image);
  table.Finish();
  return table;
}

std::string Readable(std::string_view symbol) {
  const bool is_stub = symbol.ends_with(kStub);
  if (is_stub) symbol.remove_suffix(kStub.size());
  std::string name = Demangle(symbol);
  if (is_stub) name += kStub;
  return name;
}

}  // namespace

const SymbolTable& Symbols::TableOf(const Module& module) {
  const auto known = files_.find(module.file.get());
  if (known != files_.end()) return known->second.table;
  return files_.emplace(module.file.get(), Known{module.file, ReadSymbols(*module.file)}).first->second.table;
}

NativeName Symbols::Find(const Module& module, uint64_t address) {
  if (module.file == nullptr) return {};
  const auto symbol = TableOf(module).Find(address);
  if (!symbol) return {};
  return {Readable(symbol->name), address - symbol->start};
}

}  // namespace austin
