#include "sampler/code_cache.h"

#include <string>
#include <vector>

#include "check.h"
#include "support/fake_python.h"
#include "support/layouts_under_test.h"

using namespace austin;
using austin::check::FakePython;
using austin::check::LayoutsUnderTest;

namespace {

struct Fixture {
  explicit Fixture(const Layout& layout) : python(layout), cache(python.layout, &frames) {
    for (const char* name : {"f", "g", "h"}) codes.push_back(python.Code(name, "app.py", 10));
  }

  void FillAll() {
    for (const Address code : codes) CHECK(cache.Fill(python.memory, code) != nullptr);
  }

  /// Which of the codes are found unchanged in this pass.
  std::string Check(uint64_t pass) {
    cache.Check(python.memory, codes, pass);
    std::string found;
    for (const Address code : codes) {
      const CachedCode* entry = cache.Find(code);
      const bool is_checked = entry != nullptr && entry->checked_pass == pass;
      found += is_checked ? 'y' : 'n';
    }
    return found;
  }

  FakePython python;
  FrameTable frames;
  CodeCache cache;
  std::vector<Address> codes;
};

}  // namespace

TEST(CodeCache, ReadsNamesAndPositions) {
  for (const Layout& layout : LayoutsUnderTest()) {
    Fixture f(layout);
    CHECK(f.cache.Find(f.codes[0]) == nullptr);
    CachedCode* code = f.cache.Fill(f.python.memory, f.codes[1]);
    REQUIRE(code != nullptr);
    CHECK_EQ(code, f.cache.Find(f.codes[1]));
    CHECK_EQ(f.frames.string(code->name), "g");
    CHECK_EQ(f.frames.string(code->file), "app.py");
    CHECK_EQ(code->checked_pass, 0u);
    for (const int64_t offset : {-2, 0, 6, 38}) {
      const FrameId frame = f.cache.FrameAt(code, offset);
      CHECK_EQ(f.frames.frame(frame).position.line, offset < 0 ? 10 : 10 + offset / 2);
      CHECK_EQ(f.cache.FrameAt(code, offset), frame);
    }
    CHECK_EQ(code->instructions.size(), layout.code.code_adaptive != kAbsent ? 2u * FakePython::kInstructions : 0u);
  }
}

TEST(CodeCache, NoticesAReplacedCodeObject) {
  for (const Layout& layout : LayoutsUnderTest()) {
    Fixture f(layout);
    f.FillAll();
    CHECK_EQ(f.Check(1), "yyy");
    const FrameId before = f.cache.FrameAt(f.cache.Find(f.codes[1]), 0);
    f.python.FillCode(f.codes[1], "other", "b.py", 10);
    CHECK_EQ(f.Check(2), "yny");
    CHECK(f.cache.Fill(f.python.memory, f.codes[1]) != nullptr);
    CHECK_EQ(f.Check(3), "yyy");
    const FrameId after = f.cache.FrameAt(f.cache.Find(f.codes[1]), 0);
    CHECK(before != after);
    CHECK_EQ(f.frames.string(f.frames.frame(after).name), "other");
    CHECK_EQ(f.frames.string(f.frames.frame(before).name), "g");
  }
}

TEST(CodeCache, ChecksTheOthersWhenOneIsUnreadable) {
  for (const Layout& layout : LayoutsUnderTest()) {
    for (const size_t missing : {0, 1, 2}) {
      Fixture f(layout);
      f.FillAll();
      // Known, but in memory that is gone.
      const Address gone = 0x40000000 + 64;
      f.python.memory.Map(0x40000000, 4096);
      f.python.FillCode(gone, "gone", "app.py", 1);
      CHECK(f.cache.Fill(f.python.memory, gone) != nullptr);
      f.codes[missing] = gone;
      CHECK_EQ(f.Check(1), "yyy");
      f.python.memory.Unmap(0x40000000);
      CHECK_EQ(f.Check(2), missing == 0 ? "nyy" : missing == 1 ? "yny" : "yyn");
      CHECK(f.cache.Fill(f.python.memory, gone) == nullptr);
    }
    Fixture f(layout);
    f.codes = {1 << 20, 1 << 21, 1 << 22};
    CHECK_EQ(f.Check(1), "nnn");
    f.codes.clear();
    CHECK_EQ(f.Check(1), "");
  }
}

TEST(CodeCache, FillsNothingFromMemoryThatChanges) {
  for (const Layout& layout : LayoutsUnderTest()) {
    Fixture f(layout);
    // Replaced after the first look at it: before the strings are read.
    int reads = 0;
    f.python.memory.before_range = [&](const RemoteRange&) {
      if (++reads == 2) f.python.FillCode(f.codes[0], "other", "b.py", 77);
    };
    CHECK(f.cache.Fill(f.python.memory, f.codes[0]) == nullptr);
    CHECK(f.cache.Find(f.codes[0]) == nullptr);
    f.python.memory.before_range = nullptr;
    CHECK(f.cache.Fill(f.python.memory, f.codes[0]) != nullptr);
  }
}

TEST(CodeCache, ChecksManyInOneRead) {
  for (const Layout& layout : LayoutsUnderTest()) {
    Fixture f(layout);
    f.FillAll();
    f.python.memory.reads = 0;
    CHECK_EQ(f.Check(1), "yyy");
    CHECK_EQ(f.python.memory.reads, 1u);
    f.cache.Trim();
    CHECK(f.cache.Find(f.codes[0]) != nullptr);
  }
}

TEST(CodeCache, ForgetsIdsThatLostTheirMeaning) {
  for (const Layout& layout : LayoutsUnderTest()) {
    FakePython python(layout);
    FrameTable frames(/*max_frames=*/1);
    CodeCache cache(python.layout, &frames);
    const Address code = python.Code("f", "app.py", 10);
    CHECK(cache.Fill(python.memory, code) != nullptr);
    CHECK(!cache.Trim());
    CHECK(cache.Find(code) != nullptr);
    frames.ClearIfFull();
    CHECK(cache.Trim());
    CHECK(cache.Find(code) == nullptr);
    CHECK(!cache.Trim());
  }
}

TEST(CodeCache, IsBounded) {
  const Layout layout = LayoutsUnderTest().back();
  FakePython python(layout);
  FrameTable frames;
  CodeCache cache(python.layout, &frames);
  const Address code = python.Code("f", "app.py", 10);
  CachedCode* first = cache.Fill(python.memory, code);
  REQUIRE(first != nullptr);
  const size_t entry_bytes = first->instructions.size() + first->info.line_table.size();
  // Filling an entry again and again holds no more than once.
  for (size_t bytes = 0; bytes < size_t{70} << 20; bytes += entry_bytes) cache.Fill(python.memory, code);
  CHECK(!cache.Trim());
  CHECK(cache.Find(code) != nullptr);
  // Many entries are too many.
  std::vector<std::byte> object(layout.code.size + entry_bytes);
  REQUIRE(python.memory.Read(code, object.data(), layout.code.size));
  const Address elsewhere = 0x50000000;
  const size_t space = (object.size() / 16 + 1) * 16;
  constexpr size_t kMany = (1 << 16) + 1;
  python.memory.Map(elsewhere, kMany * space);
  for (size_t i = 0; i < kMany; ++i) {
    const Address copy = elsewhere + i * space;
    python.memory.PutBytes(copy, object);
    if (cache.Fill(python.memory, copy) == nullptr) return FAIL_TEST("cannot be read");
  }
  CHECK(!cache.Trim());  // the ids are what they were
  CHECK(cache.Find(code) == nullptr);
}
