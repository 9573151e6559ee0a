#include "sampler/pauses.h"

#include <algorithm>
#include <bit>

namespace austin {

namespace {

// A value of 5 bits or more is known by its width and the four bits behind its first one.
constexpr unsigned kSlotBits = 4;
constexpr uint64_t kSlotsPerWidth = uint64_t{1} << kSlotBits;
constexpr size_t kSlots = (64 - kSlotBits) * kSlotsPerWidth;

size_t SlotOf(uint64_t value) {
  if (value < kSlotsPerWidth) return value;
  const unsigned shift = static_cast<unsigned>(std::bit_width(value)) - 1 - kSlotBits;
  return (shift + 1) * kSlotsPerWidth + ((value >> shift) & (kSlotsPerWidth - 1));
}

/// The value in the middle of a slot.
uint64_t ValueOf(size_t slot) {
  if (slot < kSlotsPerWidth) return slot;
  const size_t shift = slot / kSlotsPerWidth - 1;
  const uint64_t least = (kSlotsPerWidth + slot % kSlotsPerWidth) << shift;
  return least + (uint64_t{1} << shift) / 2;
}

}  // namespace

void Pauses::Add(uint64_t ns) {
  if (slots_.empty()) slots_.resize(kSlots);
  ++slots_[SlotOf(ns)];
  ++count_;
  total_ns_ += ns;
  min_ns_ = std::min(min_ns_, ns);
  max_ns_ = std::max(max_ns_, ns);
}

void Pauses::Add(const Pauses& others) {
  if (others.count_ == 0) return;
  if (slots_.empty()) slots_.resize(kSlots);
  for (size_t i = 0; i < kSlots; ++i) slots_[i] += others.slots_[i];
  count_ += others.count_;
  total_ns_ += others.total_ns_;
  min_ns_ = std::min(min_ns_, others.min_ns_);
  max_ns_ = std::max(max_ns_, others.max_ns_);
}

uint64_t Pauses::MedianNs() const {
  uint64_t before = 0;
  for (size_t slot = 0; slot < slots_.size(); ++slot) {
    before += slots_[slot];
    if (2 * before >= count_ && count_ != 0) return std::clamp(ValueOf(slot), min_ns_, max_ns_);
  }
  return 0;
}

}  // namespace austin
