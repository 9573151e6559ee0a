#pragma once

#include <unistd.h>

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "binary/target.h"
#include "cpython/layout.h"
#include "cpython/return_opcodes.h"
#include "sampler/stack_copy.h"
#include "support/fake_memory.h"

namespace austin::check {

/// Values of `owner` in frames of 3.11 and later.
enum Owner : uint8_t { kThreadOwned = 0, kGeneratorOwned = 1, kFrameObjectOwned = 2, kShim = 3, kCStackShim = 4 };

/// The memory of an interpreter as far as a sampler looks at it, in any version's layout.
class FakePython {
 public:
  struct Thread {
    Address state = 0;
    Address cframe = 0;
    Address base_frame = 0;
    /// Of the data stack, current one first.
    std::vector<Address> chunks;
    Address data_stack_top = 0;
    /// Innermost last.
    std::vector<Address> frames;
  };

  static constexpr Address kRuntime = 0x10000000;
  static constexpr Address kInterpreter = 0x20000000;
  static constexpr Address kGil = 0x28000000;
  static constexpr Address kHeap = 0x30000000;
  static constexpr Address kFirstChunk = 0x7f0000000000;
  static constexpr size_t kChunkSize = 16384;
  /// Within a thread state of 3.11 and 3.12.
  static constexpr size_t kRootCFrame = 512;
  static constexpr uint32_t kFrameWords = 20;
  /// Code units of a function; the last instruction is a return.
  static constexpr int kInstructions = 20;

  explicit FakePython(const Layout& layout) : layout(layout) {
    memory.Map(kRuntime, 4096);
    memory.Map(kInterpreter, 16384);
    memory.Map(kGil, 4096);
    memory.Map(kHeap, 1 << 19);
    memory.Put<Address>(kRuntime + layout.runtime.interpreters_head, kInterpreter);
    if (layout.interpreter.gil_pointer != kAbsent) {
      memory.Put<Address>(kInterpreter + layout.interpreter.gil_pointer, kGil);
      gil = kGil;
    } else {
      gil = kRuntime + layout.runtime.gil_last_holder;
    }
    target.pid = getpid();
    target.runtime = kRuntime;
    target.layout = layout;
  }

  Address Allocate(size_t size) {
    const Address address = next_;
    next_ += (size + 15) / 16 * 16;
    return address;
  }

  Address Text(std::string_view text) {
    const Address address = Allocate(layout.unicode.compact_data + text.size() + 1);
    memory.Put<uint64_t>(address + layout.unicode.length, text.size());
    constexpr uint32_t kCompactAscii = 1 << 2 | 1 << 5 | 1 << 6;
    memory.Put<uint32_t>(address + layout.unicode.state, kCompactAscii << layout.unicode.state_shift);
    memory.PutBytes(address + layout.unicode.ascii_data, std::as_bytes(std::span(text)));
    return address;
  }

  Address Bytes(std::span<const std::byte> bytes) {
    const Address address = Allocate(layout.bytes.data + bytes.size() + 1);
    memory.Put<uint64_t>(address + layout.bytes.size, bytes.size());
    memory.PutBytes(address + layout.bytes.data, bytes);
    return address;
  }

  /// A function in which each instruction has a line of its own, the first one being `first_line`.
  Address Code(std::string_view name, std::string_view file, int32_t first_line) {
    const Address address = Allocate(layout.code.size + 2 * kInstructions + 16);
    FillCode(address, name, file, first_line);
    return address;
  }

  /// Puts a function where another one was.
  void FillCode(Address address, std::string_view name, std::string_view file, int32_t first_line) {
    const auto& at = layout.code;
    memory.Put(address + at.filename, Text(file));
    memory.Put(address + at.name, Text(name));
    if (at.qualname != kAbsent) memory.Put(address + at.qualname, Text(name));
    memory.Put(address + at.line_table, Bytes(LineTable()));
    memory.Put(address + at.first_line, first_line);
    if (at.version != kAbsent) memory.Put(address + at.version, ++code_version_);
    if (at.frame_size != kAbsent) memory.Put<uint32_t>(address + at.frame_size, kFrameWords);
    if (at.locals_plus_count != kAbsent) {
      memory.Put<uint32_t>(address + at.locals_plus_count, 5);
      memory.Put<uint32_t>(address + at.stack_size, kFrameWords - 9 - 5);
    }
    if (at.first_traceable != kAbsent) memory.Put<int32_t>(address + at.first_traceable, 0);
    if (at.tlbc != kAbsent) SetCopies(address, {address + at.code_adaptive});
    std::vector<std::byte> code(2 * kInstructions, std::byte{9});
    const auto returns = ReturnOpcodes(layout.version);
    if (returns.size() > 1) code[2 * kInstructions - 2] = std::byte{returns[1]};
    if (at.code_adaptive != kAbsent) {
      memory.Put<uint64_t>(address + layout.object.size, kInstructions);
      memory.PutBytes(address + at.code_adaptive, code);
    } else {
      memory.Put(address + at.code_bytes, Bytes(code));
      memory.Put(address + at.constants, Allocate(16));
    }
  }

  /// Free-threaded 3.14 and later: says where the copies of a function's instructions begin, in a new array, as CPython does when it
  /// outgrows the old one. The first is the original.
  void SetCopies(Address code, const std::vector<Address>& starts) {
    const Address array = Allocate(8 + 8 * starts.size());
    memory.Put<int64_t>(array, static_cast<int64_t>(starts.size()));
    for (size_t i = 0; i < starts.size(); ++i) memory.Put(array + 8 + 8 * i, starts[i]);
    memory.Put(code + layout.code.tlbc, array);
  }

  /// Lets a frame stand in the copy with that index, which begins at `start`. Copy 0, the original, is there in every version.
  void RunCopy(Address frame, int32_t index, Address start, int instruction) {
    if (layout.frame.tlbc_index != kAbsent) memory.Put(frame + layout.frame.tlbc_index, index);
    memory.Put<uint64_t>(frame + layout.frame.instruction, start + 2 * instruction);
  }

  Thread& AddThread() {
    Thread& thread = threads.emplace_back();
    const size_t index = threads.size() - 1;
    thread.state = Allocate(1024);
    const auto& at = layout.thread;
    const Address head = kInterpreter + layout.interpreter.threads_head;
    const auto next = memory.Get<Address>(head);
    memory.Put(thread.state + at.next, next);
    if (next != 0) memory.Put(next + at.previous, thread.state);
    memory.Put(head, thread.state);
    memory.Put(thread.state + at.interp, kInterpreter);
    const Address descriptor = Allocate(2048);
    memory.Put<uint32_t>(descriptor + 720, getpid());
    memory.Put(thread.state + at.thread_id, descriptor);
    if (at.native_thread_id != kAbsent) memory.Put<uint64_t>(thread.state + at.native_thread_id, getpid());
    if (layout.frame_model == FrameModel::kCFrame) {
      thread.cframe = thread.state + kRootCFrame;
      memory.Put(thread.state + at.top, thread.cframe);
    }
    if (at.base_frame != kAbsent) {
      thread.base_frame = Allocate(layout.frame.size);
      memory.Put<uint8_t>(thread.base_frame + layout.frame.owner, kShim);
      memory.Put(thread.state + at.base_frame, thread.base_frame);
      SetTop(thread, thread.base_frame);
    }
    if (layout.frame_model != FrameModel::kHeapFrames) {
      next_chunk_ = kFirstChunk + (index + 1) * 0x10000000;
      PushChunk(thread);
    }
    return thread;
  }

  void PushChunk(Thread& thread) {
    // As the system maps them: each one below the one before.
    next_chunk_ -= 2 * kChunkSize;
    const Address chunk = next_chunk_;
    memory.Map(chunk, kChunkSize);
    const bool is_root = thread.chunks.empty();
    if (!is_root) {
      memory.Put<uint64_t>(thread.chunks.front() + 16, (thread.data_stack_top - thread.chunks.front() - 24) / 8);
      memory.Put(chunk, thread.chunks.front());
    }
    memory.Put<uint64_t>(chunk + 8, kChunkSize);
    thread.chunks.insert(thread.chunks.begin(), chunk);
    SetDataStackTop(thread, chunk + (is_root ? 32 : 24));
  }

  void PopChunk(Thread& thread) {
    memory.Unmap(thread.chunks.front());
    thread.chunks.erase(thread.chunks.begin());
    SetDataStackTop(thread, thread.chunks.front() + 24 + 8 * memory.Get<uint64_t>(thread.chunks.front() + 16));
  }

  /// Gives the thread's eval loop another place on the C stack (3.11 and 3.12).
  void MoveCFrame(Thread& thread) {
    const Address top = Top(thread);
    thread.cframe = Allocate(32);
    memory.Put(thread.state + layout.thread.top, thread.cframe);
    SetTop(thread, top);
  }

  /// Calls a function, whose frame stands at the instruction of that index.
  Address Push(Thread& thread, Address code, int instruction = 0, uint8_t owner = kThreadOwned) {
    const bool on_heap = layout.frame_model == FrameModel::kHeapFrames || owner != kThreadOwned;
    Address frame = thread.data_stack_top;
    if (on_heap) {
      frame = Allocate(512);
    } else {
      if (frame + 8 * kFrameWords > thread.chunks.front() + kChunkSize) PushChunk(thread);
      frame = thread.data_stack_top;
      SetDataStackTop(thread, frame + 8 * kFrameWords);
    }
    PutFrame(frame, Top(thread), code, instruction, owner);
    thread.frames.push_back(frame);
    SetTop(thread, frame);
    return frame;
  }

  Address PushShim(Thread& thread) { return Push(thread, 0, 0, kShim); }

  void Pop(Thread& thread) {
    const Address frame = thread.frames.back();
    thread.frames.pop_back();
    SetTop(thread, memory.Get<Address>(frame + layout.frame.previous));
    if (layout.frame_model == FrameModel::kHeapFrames) {
      memory.Put(frame + layout.frame.running, static_cast<int8_t>(layout.frame.running_value ^ 1));
    }
    if (thread.chunks.empty() || memory.Get<uint8_t>(frame + layout.frame.owner) != kThreadOwned) return;
    if (layout.tagged_references) memory.Put<Address>(frame, 0);
    if (frame == thread.chunks.front() + 24) {
      PopChunk(thread);
    } else {
      SetDataStackTop(thread, frame);
    }
  }

  void PutFrame(Address frame, Address previous, Address code, int instruction, uint8_t owner) {
    const auto& at = layout.frame;
    memory.Put(frame + at.previous, previous);
    memory.Put(frame + at.code, layout.tagged_references && code != 0 ? code | 1 : code);
    if (layout.frame_model == FrameModel::kHeapFrames) {
      const int unit = layout.line_table_format == LineTableFormat::kPep626 ? 1 : 2;
      memory.Put<int32_t>(frame + at.last_instruction, unit * instruction);
      memory.Put(frame + at.running, static_cast<int8_t>(at.running_value));
    } else {
      memory.Put<uint64_t>(frame + at.instruction, code + layout.code.code_adaptive + 2 * instruction);
      memory.Put(frame + at.owner, owner);
    }
  }

  Address Top(Thread& thread) {
    if (layout.frame_model != FrameModel::kCFrame) return memory.Get<Address>(thread.state + layout.thread.top);
    return thread.cframe == 0 ? 0 : memory.Get<Address>(thread.cframe + layout.cframe.current_frame);
  }

  void SetTop(Thread& thread, Address frame) {
    const bool in_cframe = layout.frame_model == FrameModel::kCFrame;
    memory.Put(in_cframe ? thread.cframe + layout.cframe.current_frame : thread.state + layout.thread.top, frame);
  }

  void SetGil(Address holder, uint64_t switches) {
    memory.Put(gil + layout.gil.last_holder, holder);
    memory.Put<int32_t>(gil + layout.gil.locked, 1);
    memory.Put(gil + layout.gil.switch_number, switches);
  }

  /// A copy of the thread's stack as it is; it points into the memory.
  StackCopy Copy(Thread& thread) {
    StackCopy copy;
    copy.top = Top(thread);
    copy.data_stack_top = thread.data_stack_top;
    copy.base_frame = thread.base_frame;
    for (Address chunk : thread.chunks) {
      copy.ranges.push_back({chunk, kChunkSize, memory.Find(chunk, kChunkSize), true});
    }
    for (size_t i = thread.frames.size(); i-- > 0;) {
      const Address frame = thread.frames[i];
      const size_t size = layout.frame.size;
      if (frame < kFirstChunk) copy.ranges.push_back({frame, size, memory.Find(frame, size), false});
    }
    return copy;
  }

  const Layout layout;
  FakeMemory memory;
  Target target;
  Address gil = 0;
  std::deque<Thread> threads;

 private:
  void SetDataStackTop(Thread& thread, Address top) {
    thread.data_stack_top = top;
    memory.Put(thread.state + layout.thread.datastack_chunk, thread.chunks.front());
    memory.Put(thread.state + layout.thread.datastack_chunk + 8, top);
  }

  std::vector<std::byte> LineTable() const {
    const bool has_locations = layout.line_table_format == LineTableFormat::kLocations;
    std::vector<std::byte> table;
    for (int i = 0; i < kInstructions; ++i) {
      const uint8_t lines = i == 0 ? 0 : 1;
      if (has_locations) {
        // One code unit, "no columns", and the distance in lines as a signed varint.
        table.push_back(std::byte{0x80 | 13 << 3});
        table.push_back(std::byte{uint8_t(lines << 1)});
      } else {
        table.push_back(std::byte{uint8_t(i == 0 && layout.line_table_format == LineTableFormat::kLnotab ? 0 : 2)});
        table.push_back(std::byte{lines});
      }
    }
    return table;
  }

  Address next_ = kHeap + 0x100;
  Address next_chunk_ = kFirstChunk;
  uint32_t code_version_ = 100;
};

}  // namespace austin::check
