#include "cpython/code_object.h"

#include <string>
#include <vector>

#include "check.h"
#include "child_process.h"
#include "cpython/layouts.h"
#include "memory/process_memory_reader.h"
#include "memory/recorded_memory_reader.h"
#include "noise_reader.h"
#include "python_child.h"

using namespace austin;
using austin::check::PythonChild;

namespace {

#include "debug_offsets_samples.inc"

/// Changes a code object's file name right before it is read for the second time.
class ChangingReader final : public MemoryReader {
 public:
  ChangingReader(MemoryReader& memory, Address field) : memory_(memory), field_(field) {}

  ReadOutcome ReadRanges(std::span<const RemoteRange> ranges, std::byte* out) override {
    const ReadOutcome outcome = memory_.ReadRanges(ranges, out);
    const RemoteRange& range = ranges[0];
    if (range.address <= field_ && field_ < range.address + range.length && ++seen_ == 2) {
      out[field_ - range.address] ^= std::byte{0x40};
    }
    return outcome;
  }

 private:
  MemoryReader& memory_;
  Address field_;
  int seen_ = 0;
};

}  // namespace

TEST(CodeObject, AgreesWithLiveInterpreters) {
  const std::vector<std::string> pythons = check::TestPythons();
  if (pythons.empty()) SKIP("no interpreter in AUSTIN_TEST_PYTHONS or on PATH");
  for (const std::string& python : pythons) {
    PythonChild child(python, R"(
import dis, types, argparse, inspect, typing, dataclasses, asyncio
seen = []
def collect(c):
    seen.append(c)
    for k in c.co_consts:
        if isinstance(k, types.CodeType):
            collect(k)
for module in (argparse, inspect, typing, dataclasses, asyncio.tasks, asyncio.base_events):
    for value in list(vars(module).values()):
        for f in [value] + list(vars(value).values() if isinstance(value, type) else []):
            if isinstance(f, types.FunctionType):
                collect(f.__code__)
exec(compile('def caf\xe9():\n  def inner(a, *b, c=1, **d):\n    return lambda: a\n  return inner', '/tmp/\udcff\u03c0.py', 'exec'))
collect(globals()['caf\xe9'].__code__)
for c in seen:
    table = c.co_linetable if hasattr(c, 'co_linetable') else c.co_lnotab
    cells = [name for name in c.co_cellvars if name not in c.co_varnames]
    plus = len(c.co_varnames) + len(cells) + len(c.co_freevars)
    # Tracing begins at the RESUME of the start; in 3.15 a generator expression has one before, with another argument.
    resume = 0
    if sys.version_info >= (3, 11):
        resume = next((i.offset for i in dis.get_instructions(c) if i.opname == 'RESUME' and i.arg == 0),
                      0)
    line(id(c), text(getattr(c, 'co_qualname', c.co_name)), text(c.co_filename), c.co_firstlineno, table.hex() or '-', len(c.co_code),
         c.co_flags, plus + c.co_stacksize, resume)
)");
    REQUIRE(child.started());
    ProcessMemoryReader memory(child.pid());
    const Result<Layout> layout = LayoutFor(child.version(), false, memory, child.runtime());
    REQUIRE(layout.has_value());
    const bool has_frame_size = layout->code.code_adaptive != kAbsent;
    size_t compared = 0;
    std::vector<CodeSignature> signatures;
    for (const auto& words : child.Lines()) {
      const Address address = std::stoull(words.at(0));
      const std::optional<CodeInfo> info = ReadCode(memory, *layout, address);
      REQUIRE(info.has_value());
      CHECK_EQ(info->name, check::FromHex(words.at(1)));
      CHECK_EQ(info->filename, check::FromHex(words.at(2)));
      CHECK_EQ(info->first_line, std::stoi(words.at(3)));
      CHECK_EQ(std::string(reinterpret_cast<const char*>(info->line_table.data()), info->line_table.size()),
               check::FromHex(words.at(4)));
      CHECK_EQ(info->code_bytes, std::stoul(words.at(5)));
      CHECK_EQ(info->flags, std::stoul(words.at(6)));
      const uint32_t specials = uint32_t(layout->frame.size) / 8;
      CHECK_EQ(info->frame_size_words, has_frame_size ? specials + std::stoul(words.at(7)) : 0);
      CHECK_EQ(info->first_traceable_bytes, std::stoul(words.at(8)));
      CHECK_EQ(info->version != 0, layout->code.version != kAbsent);

      const RemoteRange range = SignatureRange(*layout, address);
      CHECK(range.length <= 128);
      std::vector<std::byte> copy(range.length);
      REQUIRE(memory.Read(range.address, copy.data(), copy.size()));
      CHECK(SignatureFrom(*layout, copy.data()) == info->signature);
      for (const CodeSignature& other : signatures) CHECK(!(other == info->signature));
      if (signatures.size() < 50) signatures.push_back(info->signature);

      ChangingReader changing(memory, address + uint64_t(layout->code.filename));
      CHECK(!ReadCode(changing, *layout, address));
      ++compared;
    }
    CHECK(compared > 300);
    CHECK(!ReadCode(memory, *layout, 0));
    CHECK(!ReadCode(memory, *layout, 16));
  }
}

TEST(CodeObject, SurvivesNoise) {
  RecordedMemoryReader nothing;
  std::vector<Layout> layouts = {kExpected313, kExpected313t, kExpected314, kExpected314t, kExpected315, kExpected315t};
  for (uint8_t minor = 8; minor <= 12; ++minor) layouts.push_back(*LayoutFor({3, minor}, false, nothing, 0));
  check::NoiseReader memory(11);
  for (const Layout& layout : layouts) {
    for (int i = 0; i < 2000; ++i) (void)ReadCode(memory, layout, 0x1000);
  }
}
