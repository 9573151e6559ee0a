#pragma once

#include <cstdint>
#include <cstring>
#include <deque>
#include <random>
#include <vector>

#include "cpython/layout.h"
#include "sampler/stack_copy.h"

namespace austin::check {

/// A thread of 3.11 or later that does nothing but call and return, one memory write at a time, in the order in which
/// the interpreter writes. Every function has one caller and is called at one of its instructions, as in e2e's churn
/// program, so that a mix of two stacks is never a third one.
class ThreadSimulator {
 public:
  static constexpr Address kChunk = 0x7f0000000000;
  static constexpr size_t kFrameBytes = 128;
  static constexpr int kReturn = 90;
  static constexpr int kDepth = 7;

  ThreadSimulator(const Layout& layout, uint32_t seed) : layout_(layout), random_(seed), memory_(2048) {
    data_stack_top_ = kChunk + 32;
    Call({.number = 1, .depth = 0});
    while (!writes_.empty()) Step();
  }

  /// One write to memory.
  void Step() {
    if (writes_.empty()) Plan();
    const Write write = writes_.front();
    writes_.pop_front();
    switch (write.to) {
      case Write::kMemory:
        std::memcpy(memory_.data() + (write.address - kChunk), &write.value, write.size);
        break;
      case Write::kDataStackTop:
        data_stack_top_ = write.value;
        break;
      case Write::kTop:
        top_ = write.value;
        Note();
        break;
    }
  }

  Address top() const { return top_; }
  Address data_stack_top() const { return data_stack_top_; }
  const std::vector<std::byte>& memory() const { return memory_; }

  /// Forgets the stacks of the past but for the present one.
  void BeginHistory() {
    history_.clear();
    Note();
  }

  /// Whether the thread has had this stack since BeginHistory; innermost frame first.
  bool HasHad(const std::vector<WalkedFrame>& stack) const {
    for (const std::vector<WalkedFrame>& past : history_) {
      if (past.size() != stack.size()) continue;
      bool same = true;
      for (size_t i = 0; i < past.size() && same; ++i) {
        same = i == 0 ? past[i].SameActivation(stack[i]) : past[i] == stack[i];
      }
      if (same) return true;
    }
    return false;
  }

  /// Whether the thread has had a stack that begins with these frames since BeginHistory; innermost frame first.
  bool HasHadOuter(const std::vector<WalkedFrame>& frames) const {
    for (const std::vector<WalkedFrame>& past : history_) {
      if (past.size() < frames.size()) continue;
      const size_t inner = past.size() - frames.size();
      bool same = true;
      for (size_t i = 0; i < frames.size() && same; ++i) same = past[inner + i].SameActivation(frames[i]);
      if (same) return true;
    }
    return false;
  }

  /// The address of an instruction of the function of that number.
  uint64_t Instruction(uint64_t function, int offset) const {
    return CodeAt(function) + static_cast<uint64_t>(layout_.code.code_adaptive + offset);
  }
  bool IsAtReturn(const WalkedFrame& frame) const {
    return frame.instruction - frame.code - layout_.code.code_adaptive == kReturn;
  }

 private:
  struct Write {
    enum To { kMemory, kDataStackTop, kTop } to;
    Address address;
    uint64_t value;
    size_t size;
  };
  struct Activation {
    uint64_t number;
    int depth;
    Address frame = 0;
    int next_child = 0;
  };

  static uint64_t CodeAt(uint64_t function) { return 0x100000 + 0x1000 * function; }

  void Put(Address address, uint64_t value, size_t size = 8) {
    writes_.push_back({Write::kMemory, address, value, size});
  }

  void Call(Activation callee) {
    const auto& at = layout_.frame;
    const Address frame = stack_.empty() ? kChunk + 32 : stack_.back().frame + kFrameBytes;
    callee.frame = frame;
    writes_.push_back({Write::kDataStackTop, 0, frame + kFrameBytes, 0});
    Put(frame + at.code, CodeAt(callee.number) | (layout_.tagged_references ? 1 : 0));
    Put(frame + at.instruction, Instruction(callee.number, 0));
    Put(frame + at.owner, 0, 1);
    Put(frame + at.previous, stack_.empty() ? 0 : stack_.back().frame);
    writes_.push_back({Write::kTop, 0, frame, 0});
    stack_.push_back(callee);
  }

  void Plan() {
    Activation& running = stack_.back();
    const Address instruction = running.frame + layout_.frame.instruction;
    const int instructions = static_cast<int>(random_() % 3);
    const bool has_children = running.depth < kDepth && running.next_child < 2;
    const int base = 10 + 30 * running.next_child;
    for (int i = 0; i < instructions; ++i) Put(instruction, Instruction(running.number, base + 2 * i));
    if (has_children) {
      const uint64_t child = 2 * running.number + running.next_child++;
      Put(instruction, Instruction(running.number, base + 20));
      Call({.number = child, .depth = running.depth + 1});
    } else if (stack_.size() > 1) {
      Put(instruction, Instruction(running.number, kReturn));
      const Address frame = running.frame;
      stack_.pop_back();
      writes_.push_back({Write::kTop, 0, stack_.back().frame, 0});
      if (layout_.tagged_references) Put(frame + layout_.frame.code, 0);
      writes_.push_back({Write::kDataStackTop, 0, frame, 0});
    } else {
      running.next_child = 0;
    }
    if (writes_.empty()) Put(instruction, Instruction(running.number, base));
  }

  /// What a reader of this very moment would see, by following the links.
  void Note() {
    std::vector<WalkedFrame> seen;
    for (Address frame = top_; frame != 0;) {
      const std::byte* data = memory_.data() + (frame - kChunk);
      WalkedFrame walked;
      walked.frame = frame;
      walked.code = FieldAt<Address>(data, layout_.frame.code) & ~Address{3};
      walked.instruction = FieldAt<uint64_t>(data, layout_.frame.instruction);
      seen.push_back(walked);
      frame = FieldAt<Address>(data, layout_.frame.previous);
    }
    history_.push_back(std::move(seen));
  }

  const Layout& layout_;
  std::mt19937 random_;
  std::vector<std::byte> memory_;
  Address top_ = 0;
  Address data_stack_top_ = 0;
  std::deque<Write> writes_;
  std::vector<Activation> stack_;
  std::vector<std::vector<WalkedFrame>> history_;
};

}  // namespace austin::check
