#include "cpython/line_table.h"

#include <climits>
#include <random>
#include <string>
#include <vector>

#include "check.h"
#include "child_process.h"
#include "python_child.h"

using namespace austin;
using austin::check::PythonChild;

namespace {

std::vector<std::byte> Table(const std::string& hex) {
  const std::string text = check::FromHex(hex);
  const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
  return {bytes, bytes + text.size()};
}

int32_t LineAt(LineTableFormat format, const std::string& hex, int32_t first_line, int32_t offset) {
  return FindPosition(format, Table(hex), first_line, offset).line;
}

std::string Show(const Position& p) {
  return std::to_string(p.line) + ":" + std::to_string(p.column) + "-" + std::to_string(p.line_end) + ":" +
         std::to_string(p.column_end);
}

}  // namespace

TEST(LineTable, Lnotab) {
  const std::string table = "0001020102ff0403040208010a01";
  const int expected[][2] = {{0, 2}, {2, 3}, {4, 2}, {6, 2}, {8, 5}, {12, 7}, {18, 7}, {20, 8}, {30, 9}, {32, 9}, {-1, 1}};
  for (const auto& [offset, line] : expected) CHECK_EQ(LineAt(LineTableFormat::kLnotab, table, 1, offset), line);
}

TEST(LineTable, Pep626) {
  const std::string table = "0201020104ff04030201080" "10a010401";
  const int expected[][2] = {{0, 2}, {2, 3}, {4, 2}, {8, 5}, {12, 6}, {14, 7}, {22, 8}, {32, 9}, {-2, 1}};
  for (const auto& [offset, line] : expected) CHECK_EQ(LineAt(LineTableFormat::kPep626, table, 1, offset), line);
  // A range without a line, first in the table and later.
  CHECK_EQ(LineAt(LineTableFormat::kPep626, "02800205", 10, 0), 10);
  CHECK_EQ(LineAt(LineTableFormat::kPep626, "020502800201", 10, 2), 15);
  CHECK_EQ(LineAt(LineTableFormat::kPep626, "020502800201", 10, 4), 16);
}

TEST(LineTable, Locations) {
  const std::vector<std::byte> table = Table("8000d8090ad8090af103010a0b8041f60600" "0809");
  const auto at = [&table](int32_t offset) { return Show(FindPosition(LineTableFormat::kLocations, table, 1, offset)); };
  CHECK_EQ(at(-2), "1:0-0:0");
  CHECK_EQ(at(0), "1:1-1:1");
  CHECK_EQ(at(2), "2:10-2:11");
  CHECK_EQ(at(4), "3:10-3:11");
  CHECK_EQ(at(8), "2:10-3:11");
  CHECK_EQ(at(10), "2:5-2:6");
  CHECK_EQ(at(24), "5:8-5:9");
  CHECK_EQ(at(26), "5:0-0:0");
  // No columns; then no line.
  const std::vector<std::byte> bare = Table("e806f8");
  CHECK_EQ(Show(FindPosition(LineTableFormat::kLocations, bare, 7, 0)), "10:0-10:0");
  CHECK_EQ(Show(FindPosition(LineTableFormat::kLocations, bare, 7, 2)), "10:0-0:0");
}

TEST(LineTable, AnyBytesAreSafe) {
  std::mt19937 random(3);
  for (int round = 0; round < 300000; ++round) {
    std::vector<std::byte> table(random() % 40);
    for (std::byte& byte : table) byte = std::byte(random() % 3 == 0 ? 0xFF : random());
    const int32_t offsets[] = {int32_t(random() % 64), int32_t(random()), INT_MAX, INT_MIN};
    const int32_t first_lines[] = {1, int32_t(random()), INT_MAX, INT_MIN};
    const Position position = FindPosition(LineTableFormat(random() % 3), table, first_lines[random() % 4], offsets[random() % 4]);
    CHECK(position.line >= 0 && position.line_end >= 0 && position.column >= 0 && position.column_end >= 0);
  }
}

TEST(LineTable, AgreesWithLiveInterpreters) {
  const std::vector<std::string> pythons = check::TestPythons();
  if (pythons.empty()) SKIP("no interpreter in AUSTIN_TEST_PYTHONS or on PATH");
  for (const std::string& python : pythons) {
    // One line a code object: first line, table, then runs of equal positions: end offset and four numbers, -1 for none.
    PythonChild child(python, R"(
import glob, os, dis, types
folder = os.path.dirname(os.__file__)
files = sorted(glob.glob(folder + '/[a-t]*.py') + glob.glob(folder + '/asyncio/*.py'))
extra = '''
def f(a,
      b):
    with a as x, \\
         b as y:
        try:
            return [i for i in (x,
              y) if i]
        except (ValueError, TypeError) as e:
            raise RuntimeError(
                "x") from e
        finally:
            for z in a:
                if z: continue
                break
            else:
                pass
''' + '\n' * 400 + 'def g():\n    return  ' + ' ' * 300 + '1 + f(2, 3)\n'

def positions(c):
    if hasattr(c, 'co_positions'):
        return [tuple(-1 if v is None else v for v in p) for p in c.co_positions()]
    size = len(c.co_code)
    lines = [-1] * size
    if hasattr(c, 'co_lines'):
        for start, end, number in c.co_lines():
            lines[start:end] = [-1 if number is None else number] * (end - start)
    else:
        starts = list(dis.findlinestarts(c)) + [(size, 0)]
        for (start, number), (end, _) in zip(starts, starts[1:]):
            lines[start:end] = [number] * (end - start)
    return [(number, -1, -1, -1) for number in lines[::2]]

def show(c):
    table = c.co_linetable if hasattr(c, 'co_linetable') else c.co_lnotab
    out = [str(c.co_firstlineno), table.hex() or '-']
    last, at = None, 0
    for p in positions(c):
        if p != last and last is not None:
            out.append('%d %d %d %d %d' % ((at,) + last))
        last = p
        at += 2
    out.append('%d %d %d %d %d' % ((at,) + last))
    line(*out)
    for k in c.co_consts:
        if isinstance(k, types.CodeType):
            show(k)

show(compile(extra, 'extra', 'exec'))
for name in filter(os.path.exists, files):
    with open(name, 'rb') as file:
        show(compile(file.read(), name, 'exec'))
)");
    REQUIRE(child.started());
    const int minor = child.version().minor;
    const LineTableFormat format = minor < 10    ? LineTableFormat::kLnotab
                                   : minor == 10 ? LineTableFormat::kPep626
                                                 : LineTableFormat::kLocations;
    size_t codes = 0;
    size_t offsets = 0;
    int wrong = 0;
    for (const auto& words : child.Lines()) {
      ++codes;
      const int32_t first_line = std::stoi(words.at(0));
      const std::vector<std::byte> table = Table(words.at(1));
      int32_t shown = first_line;
      int32_t offset = 0;
      for (size_t at = 2; at + 5 <= words.size(); at += 5) {
        int32_t run[5];
        for (size_t i = 0; i < 5; ++i) run[i] = std::stoi(words[at + i]);
        const auto [end, line, line_end, column, column_end] = run;
        Position expected;
        if (line >= 0) {
          shown = line;
          expected = {line, std::max(line_end, 0), column + 1, column_end + 1};
        } else {
          expected = {.line = shown};
        }
        for (; offset < end; offset += 2) {
          ++offsets;
          const Position got = FindPosition(format, table, first_line, offset);
          if (!(got == expected) && ++wrong < 5) {
            FAIL_TEST(python + ": offset " + std::to_string(offset) + " of " + words[1] + ": got " + Show(got) +
                      ", expected " + Show(expected));
          }
        }
      }
    }
    CHECK_EQ(wrong, 0);
    CHECK(codes > 2000);
    std::printf("    %d.%d: %zu code objects, %zu offsets\n", child.version().major, minor, codes, offsets);
  }
}
