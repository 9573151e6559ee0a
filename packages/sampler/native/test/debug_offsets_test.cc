#include "cpython/debug_offsets.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "check.h"
#include "memory/memory_reader.h"

using namespace austin;

namespace {

#include "debug_offsets_samples.inc"

struct Sample {
  const char* name;
  std::span<const uint64_t> words;
  const Layout& expected;
};

const Sample kSamples[] = {
    {"3.13", kWords313, kExpected313},    {"3.13t", kWords313t, kExpected313t}, {"3.14", kWords314, kExpected314},
    {"3.14t", kWords314t, kExpected314t}, {"3.15", kWords315, kExpected315},    {"3.15t", kWords315t, kExpected315t},
};

/// Everything in a layout by value, so that a difference names its place in the structure.
std::vector<int32_t> Numbers(const Layout& l) {
  std::vector<int32_t> all = {l.version.major, l.version.minor, l.version.micro, l.version.level, l.version.serial,
                              l.free_threaded, int32_t(l.frame_model), int32_t(l.line_table_format), l.tagged_references};
  const auto add = [&all](const auto& group) {
    const auto* bytes = reinterpret_cast<const std::byte*>(&group);
    for (size_t at = 0; at + 4 <= sizeof group; at += 4) all.push_back(FieldAt<int32_t>(bytes, at));
  };
  add(l.runtime);
  add(l.interpreter);
  add(l.gil);
  add(l.thread);
  add(l.cframe);
  add(l.frame);
  add(l.code);
  add(l.object);
  add(l.unicode);
  add(l.bytes);
  add(l.dict);
  add(l.module);
  add(l.tuple);
  add(l.list);
  add(l.real);
  add(l.set);
  add(l.cell);
  add(l.function);
  add(l.method);
  add(l.builtin);
  add(l.generator);
  all.insert(all.end(), {l.type.name, l.type.flags, l.type.attributes, l.type.qualname, l.type.basic_size, l.type.dict_offset, l.type.cached_keys,
                         int32_t(l.type.attribute_model), l.type.dict_before, l.type.values_before, l.integer.tag,
                         l.integer.digits, l.integer.sign_in_tag});
  return all;
}

std::string MessageFor(std::span<const uint64_t> words, size_t at, uint64_t value, PythonVersion version = {3, 14}) {
  std::vector<uint64_t> copy(words.begin(), words.end());
  copy[at] = value;
  const Result<Layout> layout = LayoutFromDebugOffsets(version, copy);
  if (layout) return "accepted";
  CHECK_EQ(layout.error().code, ErrorCode::kPythonLayout);
  return layout.error().message;
}

bool Names(const std::string& message, const char* field) { return message.find(field) != std::string::npos; }

}  // namespace

TEST(DebugOffsets, GiveWhatTheHeadersSay) {
  for (const Sample& sample : kSamples) {
    CHECK_EQ(sample.words.size(), DebugOffsetsWordCount(sample.expected.version.minor));
    const Result<Layout> layout = LayoutFromDebugOffsets(sample.expected.version, sample.words);
    if (!layout) FAIL_TEST(std::string(sample.name) + ": " + layout.error().message);
    REQUIRE(layout.has_value());
    const std::vector<int32_t> got = Numbers(*layout);
    const std::vector<int32_t> expected = Numbers(sample.expected);
    for (size_t i = 0; i < got.size(); ++i) {
      if (got[i] != expected[i]) {
        FAIL_TEST(std::string(sample.name) + ": number " + std::to_string(i) + " is " + std::to_string(got[i]) +
                  ", expected " + std::to_string(expected[i]));
      }
    }
  }
}

TEST(DebugOffsets, NameTheWordThatIsWrong) {
  CHECK(Names(MessageFor(kWords314, 0, 1), "cookie"));
  CHECK(Names(MessageFor(kWords314, 1, 0x030d00f0), "version"));
  CHECK(Names(MessageFor(kWords314, 1, 0x1'030e00f0), "version"));
  CHECK(Names(MessageFor(kWords314, 2, 2), "free_threaded"));
  CHECK(Names(MessageFor(kWords314, 3, 1 << 20), "runtime_state.size"));
  CHECK(Names(MessageFor(kWords314, 22, 0), "thread_state.size"));
  CHECK(Names(MessageFor(kWords314, 24, 832), "thread_state.next"));
  CHECK(Names(MessageFor(kWords314, 24, 12), "thread_state.next"));
  CHECK(Names(MessageFor(kWords314, 24, ~uint64_t{0}), "thread_state.next"));
  CHECK(Names(MessageFor(kWords314, 29, 816), "thread_state.datastack_chunk"));
  CHECK(Names(MessageFor(kWords314, 36, 80), "interpreter_frame.owner"));
  CHECK(Names(MessageFor(kWords314, 46, 120), "code_object.localsplusnames"));
  CHECK(Names(MessageFor(kWords314, 50, 32), "pyobject.size"));
  CHECK(Names(MessageFor(kWords314, 81, 240000), "interpreter_state.gc"));
}

TEST(DebugOffsets, RefuseShortAndUnknown) {
  for (size_t length = 0; length < std::size(kWords315); ++length) {
    CHECK(!LayoutFromDebugOffsets({3, 15}, std::span(kWords315).first(length)));
  }
  CHECK_EQ(DebugOffsetsWordCount(12), 0u);
  CHECK_EQ(DebugOffsetsWordCount(16), 0u);
  std::vector<uint64_t> next(200);
  next[0] = DebugOffsetsCookie();
  next[1] = 0x031000f0;
  const Result<Layout> layout = LayoutFromDebugOffsets({3, 16}, next);
  CHECK(!layout && layout.error().code == ErrorCode::kPythonUnsupported);
}

TEST(DebugOffsets, KeepHostileWordsWithinBounds) {
  std::mt19937 random(1);
  const uint64_t values[] = {0, 1, 4, 8, 12, 16, 24, 64, 1024, 1 << 19, (1 << 20) - 8, 1 << 20, 1u << 31, ~uint64_t{0}};
  int accepted = 0;
  for (int round = 0; round < 200000; ++round) {
    const Sample& sample = kSamples[random() % std::size(kSamples)];
    std::vector<uint64_t> words(sample.words.begin(), sample.words.end());
    for (unsigned i = random() % 3 + 1; i > 0; --i) {
      words[2 + random() % (words.size() - 2)] =
          random() % 2 == 0 ? values[random() % std::size(values)] : words[2 + random() % (words.size() - 2)];
    }
    const Result<Layout> layout = LayoutFromDebugOffsets(sample.expected.version, words);
    if (!layout) continue;
    ++accepted;
    const Layout& l = *layout;
    const std::vector<int32_t> numbers = Numbers(l);
    CHECK(std::all_of(numbers.begin() + 9, numbers.end(), [](int32_t n) { return n >= kAbsent && n < (1 << 21); }));
    CHECK(l.frame.owner < l.frame.size && l.frame.previous + 8 <= l.frame.size && l.frame.code + 8 <= l.frame.size);
    CHECK(l.frame.instruction + 8 <= l.frame.size && l.frame.stack_pointer + 8 <= std::max(l.frame.size, 8));
    CHECK(l.code.filename + 8 <= l.code.size && l.code.name + 8 <= l.code.size && l.code.qualname + 8 <= l.code.size);
    CHECK(l.code.line_table + 8 <= l.code.size && l.code.version + 4 <= l.code.size && l.code.flags >= 0);
    CHECK(l.code.first_traceable + 4 <= l.code.size && l.code.frame_size + 4 <= l.code.size);
    CHECK(l.thread.datastack_chunk + 24 <= l.thread.size && l.thread.state + 4 <= l.thread.size);
    CHECK(l.interpreter.gc_collecting + 4 <= l.interpreter.size && l.interpreter.runtime >= 0);
  }
  CHECK(accepted > 1000);
}
