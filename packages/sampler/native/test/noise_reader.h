#pragma once

#include <random>

#include "memory/memory_reader.h"

namespace austin::check {

/// The most hostile target: every address is readable and holds something else each time, mostly plausible small
/// numbers and pointers, so that checks are passed often and deep code is reached. Some reads fail.
class NoiseReader final : public MemoryReader {
 public:
  explicit NoiseReader(uint32_t seed) : random_(seed) {}

  ReadOutcome ReadRanges(std::span<const RemoteRange> ranges, std::byte* out) override {
    size_t total = 0;
    for (const RemoteRange& range : ranges) total += range.length;
    bytes_read += total;
    const size_t got = random_() % 16 == 0 ? random_() % (total + 1) : total;
    size_t at = 0;
    while (at < got) {
      const uint64_t word = Word();
      const size_t count = got - at < sizeof word ? got - at : sizeof word;
      std::memcpy(out + at, &word, count);
      at += count;
    }
    return {got, got == total ? 0 : 14};
  }

  size_t bytes_read = 0;

 private:
  uint64_t Word() {
    switch (random_() % 6) {
      case 0:
        return 0;
      case 1:
        return random_() % 8;
      case 2:
        return random_() % 4096;
      case 3:
        return random_();
      case 4:
        return 0x7f0000000000u + (random_() & 0xFFFFFFF8u);
      default:
        return uint64_t{random_()} << 32 | random_();
    }
  }

  std::mt19937 random_;
};

}  // namespace austin::check
