#include "binary/runtime_check.h"

#include <algorithm>
#include <vector>

namespace austin {
namespace {

constexpr int kMaxInterpreters = 4096;
constexpr int64_t kMaxInterpreterId = int64_t(1) << 32;
constexpr Address kLowestAddress = 0x10000;
constexpr Address kMaxScanBytes = uint64_t(256) << 20;
constexpr size_t kBlock = 64 << 10;

bool LooksLikePointer(Address address) {
  // Both halves of the address space have 47 to 56 usable bits; user memory is the lower one.
  return address >= kLowestAddress && address % 8 == 0 && address >> 56 == 0;
}

std::optional<Address> ReadPointer(MemoryReader& memory, Address base, Offset offset) {
  if (offset == kAbsent) return std::nullopt;
  return memory.ReadValue<Address>(base + Address(offset));
}

bool InterpreterIsAlive(MemoryReader& memory, const Layout& layout, Address interpreter, Address runtime) {
  if (layout.interpreter.runtime != kAbsent &&
      ReadPointer(memory, interpreter, layout.interpreter.runtime) != runtime) {
    return false;
  }
  const auto id = memory.ReadValue<int64_t>(interpreter + Address(layout.interpreter.id));
  if (!id || *id < 0 || *id > kMaxInterpreterId) return false;
  const auto thread = ReadPointer(memory, interpreter, layout.interpreter.threads_head);
  return thread && LooksLikePointer(*thread) && ReadPointer(memory, *thread, layout.thread.interp) == interpreter;
}

// `interpreters` of the runtime is { mutex, head, main, next_id } in 3.8 to 3.12: the main interpreter has id 0 and
// is the last of the list.
bool IsInterpreterList(MemoryReader& memory, const Layout& layout, Address head, Address main) {
  if (memory.ReadValue<int64_t>(main + Address(layout.interpreter.id)) != 0) return false;
  Address at = head;
  for (int i = 0; i < kMaxInterpreters && LooksLikePointer(at); ++i) {
    if (at == main) return ReadPointer(memory, at, layout.interpreter.next) == Address(0);
    at = ReadPointer(memory, at, layout.interpreter.next).value_or(0);
  }
  return false;
}

}  // namespace

RuntimeState CheckRuntime(MemoryReader& memory, const Layout& layout, Address runtime) {
  Address interpreter = ReadPointer(memory, runtime, layout.runtime.interpreters_head).value_or(0);
  for (int i = 0; i < kMaxInterpreters && LooksLikePointer(interpreter); ++i) {
    if (InterpreterIsAlive(memory, layout, interpreter, runtime)) return RuntimeState::kReady;
    interpreter = ReadPointer(memory, interpreter, layout.interpreter.next).value_or(0);
  }
  return RuntimeState::kNotReady;
}

std::optional<Address> ScanForRuntime(MemoryReader& memory, const Layout& layout, Address begin, Address end) {
  if (layout.runtime.interpreters_head == kAbsent || end < begin) return std::nullopt;
  begin = (begin + 7) & ~Address(7);
  end = std::min(end, begin + kMaxScanBytes);
  std::vector<std::byte> block(kBlock + 16);
  for (Address at = begin; at < end; at += kBlock) {
    const RemoteRange range{at, size_t(std::min<Address>(block.size(), end - at))};
    const size_t got = memory.ReadRanges({&range, 1}, block.data()).bytes;
    if (got == 0) return std::nullopt;
    for (size_t offset = 0; offset + 24 <= got && offset < kBlock; offset += 8) {
      const auto head = FieldAt<Address>(block.data(), offset);
      const auto main = FieldAt<Address>(block.data(), offset + 8);
      const auto next_id = FieldAt<int64_t>(block.data(), offset + 16);
      if (!LooksLikePointer(head) || !LooksLikePointer(main)) continue;
      if (next_id < 1 || next_id > kMaxInterpreterId) continue;
      const Address runtime = at + offset - Address(layout.runtime.interpreters_head);
      if (IsInterpreterList(memory, layout, head, main) &&
          CheckRuntime(memory, layout, runtime) == RuntimeState::kReady) {
        return runtime;
      }
    }
  }
  return std::nullopt;
}

}  // namespace austin
