#include "cpython/thread_names.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "cpython/py_string.h"

namespace austin {
namespace {

constexpr size_t kMaxThreads = 1 << 14;
constexpr size_t kMaxInterpreters = 256;

}  // namespace

bool ThreadNames::IsCurrent(MemoryReader& memory, const Active& active) const {
  const std::optional<Address> type = memory.ReadValue<Address>(active.dict + uint64_t(layout_.object.type));
  return type && *type == active.type;
}

bool ThreadNames::FindActive(MemoryReader& memory, Address interpreter, Active& active) {
  const std::optional<Address> modules = memory.ReadValue<Address>(interpreter + uint64_t(layout_.interpreter.modules));
  if (!modules) return false;
  const std::optional<std::vector<DictEntry>> by_name = ReadDict(memory, layout_, *modules);
  if (!by_name) return false;
  const std::optional<Address> module = threading_.FindIn(memory, layout_, *by_name);
  if (!module) return false;
  const std::optional<Address> globals = memory.ReadValue<Address>(*module + uint64_t(layout_.module.dict));
  if (!globals) return false;
  const std::optional<std::vector<DictEntry>> variables = ReadDict(memory, layout_, *globals);
  if (!variables) return false;
  const std::optional<Address> dict = active_.FindIn(memory, layout_, *variables);
  if (!dict) return false;
  const std::optional<Address> type = memory.ReadValue<Address>(*dict + uint64_t(layout_.object.type));
  if (!type) return false;
  active = {*dict, *type};
  return true;
}

std::vector<ThreadName> ThreadNames::Read(MemoryReader& memory, Address interpreter) {
  std::vector<ThreadName> threads;
  if (active_by_interpreter_.size() > kMaxInterpreters) active_by_interpreter_.clear();
  Active& active = active_by_interpreter_[interpreter];
  if (active.dict == 0 || !IsCurrent(memory, active)) {
    active = {};
    if (!FindActive(memory, interpreter, active)) return threads;
  }
  const std::optional<std::vector<DictEntry>> by_id = ReadDict(memory, layout_, active.dict);
  if (!by_id) {
    active = {};
    return threads;
  }
  for (const DictEntry& entry : *by_id) {
    if (threads.size() == kMaxThreads) break;
    const std::optional<int64_t> id = ReadInt(memory, layout_, entry.key);
    const std::optional<std::vector<DictEntry>> attributes = ReadAttributes(memory, layout_, entry.value);
    if (!id || !attributes) continue;
    const std::optional<Address> name = name_.FindIn(memory, layout_, *attributes);
    std::optional<std::string> text = name ? ReadString(memory, layout_, *name) : std::nullopt;
    if (!text) continue;
    const std::optional<Address> native = native_id_.FindIn(memory, layout_, *attributes);
    // None until the thread runs; the dict's key is an int for sure.
    const bool is_int = native && HaveSameType(memory, layout_, *native, entry.key);
    const int64_t native_id = is_int ? ReadInt(memory, layout_, *native).value_or(0) : 0;
    threads.push_back({.thread_id = uint64_t(*id),
                       .name = std::move(*text),
                       .native_id = native_id > 0 && native_id <= INT32_MAX ? uint64_t(native_id) : 0});
  }
  return threads;
}

}  // namespace austin
