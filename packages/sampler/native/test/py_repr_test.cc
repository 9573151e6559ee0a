#include "cpython/py_repr.h"

#include <limits>
#include <string>
#include <vector>

#include "check.h"
#include "child_process.h"
#include "cpython/layouts.h"
#include "memory/bounded_reader.h"
#include "memory/process_memory_reader.h"
#include "memory/recorded_memory_reader.h"
#include "noise_reader.h"
#include "python_child.h"
#include "support/layouts_under_test.h"

using namespace austin;
using austin::check::PythonChild;

TEST(PyRepr, WritesWhatPythonWrites) {
  const std::vector<std::string> pythons = check::TestPythons();
  if (pythons.empty()) SKIP("no interpreter in AUSTIN_TEST_PYTHONS or on PATH");
  for (const std::string& python : pythons) {
    PythonChild child(python, R"(
import os, math, enum, collections, types
keep = []
def show(value, expected=None):
    keep.append(value)
    line(id(value), text(repr(value) if expected is None else expected))

for value in (None, True, False, Ellipsis, NotImplemented):
    show(value)
for value in (0, 1, -1, 9, 2**30 - 1, 2**30, -2**30, 10**9, 10**18, -10**18, 2**60, 2**63, -2**64, 10**100, -10**100, 2**479, 2**480 - 1):
    show(value)
show(2**480, '<int of 481 bits>')
show(-2**4095, '<int of 4096 bits>')
for value in (0.0, -0.0, 1.0, -1.5, 0.1, 1/3, 1e16, 1e15, 123456789012345680.0, 9999999999999998.0, 1e-4, 1e-5, 1.5e-5, 5e-324,
              1.7976931348623157e308, 1e22, 1e23, 100.0, 1234.5, float('inf'), float('-inf'), float('nan'), math.pi):
    show(value)
for value in ('', 'a', "it's", 'say "x"', '''both ' and "''', 'line\nend\r\t\\', '\x00\x1b[31m\x7f\x80\xa0\xad', '\u00e9t\u00e9', '\u20ac', '\u2028\u202e\u200b\ufeff\ud800\udc80',
              '\U0001f600', '\u4e2d\u6587', 'x' * 60):
    show(value)
show('y' * 61, repr('y' * 60) + '\u2026')
show('z' * 100000, repr('z' * 60) + '\u2026')
for value in (b'', b'ab', b'it\'s', b'\x00\xff\n"', bytes(range(60))):
    show(value)
show(b'q' * 1000, repr(b'q' * 60) + '\u2026')
for value in ([], (), {}, set(), frozenset(), [1, 'a', None], (1,), (1, 2), [[1, [], {}], (3,)], {'a': 1, 2: (3, 4)}, {1}, {'x'}, frozenset([7]), [{}, [], ()],
              {'k': [1, 2]}, [1, 2, 3, 4, 5, 6]):
    show(value)
show(list(range(1000)), '[0, 1, 2, 3, 4, 5, \u2026 994 more]')
show(tuple(range(7)), '(0, 1, 2, 3, 4, 5, \u2026 1 more)')
show({i: i for i in range(500)}, '{0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, \u2026 494 more}')
show([[[1]]], '[[[\u2026]]]')
show([[[]]])
show({1: {2: {3: 4}}}, '{1: {2: {\u2026}}}')
show([['w' * 60] * 6] * 2, '[[' + ', '.join([repr('w' * 60)] * 4) + ', \u2026 2 more], \u2026 1 more]')
cycle = []
cycle.append(cycle)
show(cycle, '[[[\u2026]]]')
d = {i: 0 for i in range(300)}
for i in range(300):
    del d[i]
d['left'] = 1
show(d)
many = set(range(1000))
for i in range(1000):
    if i != 500: many.discard(i)
show(many)

def function(): pass
class Class:
    def method(self): pass
    class Inner: pass
    __slots__ = ()
class Plain: pass
class Int(int): pass
class Names(dict): pass
class Meta(type): pass
class WithMeta(metaclass=Meta): pass
class Color(enum.Enum):
    RED = 1
Point = collections.namedtuple('Point', 'x y')
def instance(value, name):
    show(value, '<%s at 0x%x>' % (name, id(value)))
show(function)
show(lambda: 0)
show(len)
show(os.getpid)
show(os, "<module 'os'>")
show(sys, "<module 'sys'>")
show(types.ModuleType('made\nup'), "<module 'made\\nup'>")
show(int)
show(Class)
show(Class.Inner)
show(WithMeta)
show(Meta)
show(collections.OrderedDict)
method = Class().method
show(method, '<bound method Class.method at 0x%x>' % id(function if False else Class.method))
instance(object(), 'object')
instance(Class(), '__main__.Class')
instance(Plain(), '__main__.Plain')
instance(Class.Inner(), '__main__.Class.Inner')
instance(Int(5), '__main__.Int')
instance(Names(), '__main__.Names')
instance(Color.RED, '__main__.Color')
instance(Point(1, 2), '__main__.Point')
instance(collections.OrderedDict(), 'collections.OrderedDict')
instance(collections.deque(), 'collections.deque')
instance(ValueError('x'), 'ValueError')
instance(WithMeta(), '__main__.WithMeta')
instance(1j, 'complex')
instance(range(3), 'range')
instance(iter([]), 'list_iterator')
instance((i for i in ()), 'generator')
)");
    REQUIRE(child.started());
    ProcessMemoryReader memory(child.pid());
    const Result<Layout> layout = LayoutFor(child.version(), false, memory, child.runtime());
    REQUIRE(layout.has_value());
    PyRepr repr(memory, *layout);
    size_t seen = 0;
    for (const auto& words : child.Lines()) {
      ++seen;
      const std::string expected = check::FromHex(words.at(1));
      const std::string got = repr.Of(std::stoull(words.at(0)));
      if (got != expected) FAIL_TEST(python + ": got " + got + ", expected " + expected);
    }
    CHECK(seen > 110);
  }
}

TEST(PyRepr, FloatsAndInts) {
  CHECK_EQ(FloatText(1e300), "1e+300");
  CHECK_EQ(FloatText(-2.5e-10), "-2.5e-10");
  CHECK_EQ(FloatText(std::numeric_limits<double>::denorm_min()), "5e-324");
  CHECK_EQ(DecimalText(true, {}), "0");
  CHECK_EQ(DecimalText(false, {0, 0, 0}), "0");
  CHECK_EQ(DecimalText(true, {1}), "-1");
  CHECK_EQ(DecimalText(false, {0, 0, 1}), "1152921504606846976");
}

TEST(PyRepr, SaysUnreadableForWhatIsNotThere) {
  for (const Layout& layout : check::LayoutsUnderTest()) {
    RecordedMemoryReader memory;
    PyRepr repr(memory, layout);
    CHECK_EQ(repr.Of(0), kUnreadableText);
    CHECK_EQ(repr.Of(0x1234), kUnreadableText);
    CHECK_EQ(repr.Of(~uint64_t{0}), kUnreadableText);
  }
}

TEST(PyRepr, SurvivesNoise) {
  for (uint32_t seed = 0; seed < 400; ++seed) {
    for (const Layout& layout : check::LayoutsUnderTest()) {
      check::NoiseReader noise(seed);
      BoundedReader memory(noise, {.reads = 2000, .bytes = 1 << 22, .time = std::chrono::seconds(10)});
      PyRepr repr(memory, layout);
      const std::string text = repr.Of(0x7f0000001000 + seed);
      CHECK(text.size() < 20'000);
      CHECK(noise.bytes_read <= 1 << 22);
    }
  }
}

TEST(BoundedReader, EndsAtEachLimit) {
  RecordedMemoryReader memory;
  memory.AddValue<uint64_t>(0x1000, 7);
  BoundedReader reads(memory, {.reads = 2, .bytes = 100, .time = std::chrono::hours(1)});
  CHECK_EQ(reads.ReadValue<uint64_t>(0x1000).value_or(0), 7u);
  CHECK(!reads.ReadValue<uint64_t>(0x2000));
  CHECK(!reads.exhausted());
  CHECK(!reads.ReadValue<uint64_t>(0x1000));
  CHECK(reads.exhausted());
  BoundedReader bytes(memory, {.reads = 100, .bytes = 15, .time = std::chrono::hours(1)});
  CHECK(bytes.ReadValue<uint64_t>(0x1000).has_value());
  CHECK(!bytes.ReadValue<uint64_t>(0x1000));
  CHECK(bytes.exhausted());
  BoundedReader time(memory, {.reads = 100, .bytes = 100, .time = std::chrono::milliseconds(-1)});
  CHECK(!time.ReadValue<uint64_t>(0x1000));
  CHECK(time.exhausted());
}
