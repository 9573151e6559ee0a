#include "cpython/py_object.h"

#include <map>
#include <string>
#include <vector>

#include "check.h"
#include "child_process.h"
#include "cpython/layouts.h"
#include "cpython/py_string.h"
#include "memory/process_memory_reader.h"
#include "memory/recorded_memory_reader.h"
#include "noise_reader.h"
#include "python_child.h"

using namespace austin;
using austin::check::PythonChild;

namespace {

#include "debug_offsets_samples.inc"

std::map<Address, Address> AsMap(const std::vector<DictEntry>& entries) {
  std::map<Address, Address> map;
  for (const DictEntry& entry : entries) map[entry.key] = entry.value;
  return map;
}

}  // namespace

TEST(PyObject, AgreesWithLiveInterpreters) {
  const std::vector<std::string> pythons = check::TestPythons();
  if (pythons.empty()) SKIP("no interpreter in AUSTIN_TEST_PYTHONS or on PATH");
  for (const std::string& python : pythons) {
    PythonChild child(python, R"(
keep = []
def show(kind, subject, items):
    keep.append((subject, items))
    line(kind, id(subject), *[n for key, value in items for n in (id(key), id(value))])

def dicts():
    yield {}
    yield {'a': 1, 'b': 2}
    yield {1: 'x', (2, 3): 'y', None: 4}
    yield {'s': 1, 7: 2}
    for count in (5, 6, 10, 11, 170, 171, 1000, 50000):
        yield {'k%d' % i: i for i in range(count)}
        yield {i: str(i) for i in range(count)}
    d = {str(i): i for i in range(40)}
    for i in range(0, 40, 3):
        del d[str(i)]
    yield d
    yield dict.fromkeys('abc')
for d in dicts():
    show('dict', d, list(d.items()))
show('name', sys.modules, [('sys', sys)])

class Plain:
    def __init__(self):
        self.a, self.b, self._name = 1, 'two', 'me'
class Derived(Plain):
    def __init__(self):
        super().__init__()
        self.c = 3.0
class Unset:
    def __init__(self):
        self.x, self.y, self.z = 1, 2, 3
        del self.y
class WithBase(Exception):
    def __init__(self):
        self.q = 'q'
class Wide:
    def __init__(self):
        for i in range(100):
            setattr(self, 'w%d' % i, i)
class Slots:
    __slots__ = ('s', '__dict__')
    def __init__(self):
        self.s, self.d = 1, 2
def instances():
    yield Plain()
    yield Derived()
    yield Unset()
    yield WithBase()
    yield Wide()
    yield Slots()
    p = Plain(); p.late = 5; yield p
    p = Plain(); p.__dict__['more'] = 6; yield p
    p = Plain(); p.__dict__ = {'z': 1, 'other': 2}; yield p
    p = Plain(); del p.a; yield p
    class Local: pass
    for i in range(3):
        p = Local(); setattr(p, 'v%d' % i, i); p.common = i; yield p
for o in instances():
    # Reading __dict__ moves the attributes into a dict, so the expected items come from a twin where that matters.
    if type(o) in (Plain, Derived, Unset, Wide) and len(keep) % 2:
        vars(o)
    names = [n for n in dir(o) if not n.startswith('__') and n not in ('s', 'args', 'with_traceback', 'add_note') and not hasattr(type(o), n)]
    pairs = []
    for n in names:
        try:
            pairs.append((sys.intern(n), getattr(o, n)))
        except AttributeError:
            pass
    show('object', o, pairs)

for n in (0, 1, -1, 255, 2**30 - 1, 2**30, -2**31, 2**40 + 7, 0x7fffdeadbeef, 2**62, -2**62, 2**63 - 1, -(2**63 - 1)):
    keep.append(n)
    line('int', id(n), n)
for n in (2**63, 2**64, -2**70, 2**200):
    keep.append(n)
    line('big', id(n))
line('type', id(keep[-1]), id(keep[-2]), id(keep))
)");
    REQUIRE(child.started());
    ProcessMemoryReader memory(child.pid());
    const Result<Layout> layout = LayoutFor(child.version(), false, memory, child.runtime());
    REQUIRE(layout.has_value());
    std::map<std::string, int> seen;
    for (const auto& words : child.Lines()) {
      const std::string& kind = words.at(0);
      const Address address = std::stoull(words.at(1));
      ++seen[kind];
      if (kind == "int") {
        CHECK_EQ(ReadInt(memory, *layout, address).value_or(-12345), std::stoll(words.at(2)));
      } else if (kind == "big") {
        CHECK(!ReadInt(memory, *layout, address));
      } else if (kind == "type") {
        CHECK(HaveSameType(memory, *layout, address, std::stoull(words.at(2))));
        CHECK(!HaveSameType(memory, *layout, address, std::stoull(words.at(3))));
      } else if (kind == "name") {
        const auto entries = ReadDict(memory, *layout, address);
        REQUIRE(entries.has_value());
        Name sys("sys");
        Name absent("no such module");
        for (int i = 0; i < 2; ++i) {
          CHECK_EQ(sys.FindIn(memory, *layout, *entries).value_or(0), std::stoull(words.at(3)));
          CHECK(!absent.FindIn(memory, *layout, *entries));
        }
      } else {
        const auto entries = kind == "dict" ? ReadDict(memory, *layout, address) : ReadAttributes(memory, *layout, address);
        if (!entries) FAIL_TEST(python + ": nothing for " + kind + " " + std::to_string(seen[kind]));
        if (!entries) continue;
        std::map<Address, Address> expected;
        for (size_t at = 2; at + 2 <= words.size(); at += 2) expected[std::stoull(words[at])] = std::stoull(words[at + 1]);
        if (AsMap(*entries) != expected) {
          FAIL_TEST(python + ": " + kind + " " + std::to_string(seen[kind]) + " differs: " + std::to_string(entries->size()) +
                    " entries, expected " + std::to_string(expected.size()));
        }
      }
    }
    CHECK_EQ(seen["dict"], 22);
    CHECK_EQ(seen["object"], 13);
    CHECK_EQ(seen["int"], 13);
  }
}

TEST(PyObject, SurvivesNoise) {
  RecordedMemoryReader nothing;
  std::vector<Layout> layouts = {kExpected313, kExpected313t, kExpected314, kExpected314t, kExpected315, kExpected315t};
  for (uint8_t minor = 8; minor <= 12; ++minor) layouts.push_back(*LayoutFor({3, minor}, false, nothing, 0));
  check::NoiseReader memory(5);
  Name name("threading");
  for (const Layout& layout : layouts) {
    for (int i = 0; i < 3000; ++i) {
      if (const auto entries = ReadDict(memory, layout, 0x1000, 5000)) (void)name.FindIn(memory, layout, *entries);
      if (const auto entries = ReadAttributes(memory, layout, 0x1000)) (void)name.FindIn(memory, layout, *entries);
      (void)ReadInt(memory, layout, 0x1000);
    }
  }
}
