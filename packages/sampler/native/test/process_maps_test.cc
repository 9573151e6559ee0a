#include "binary/process_maps.h"

#include <unistd.h>

#include "check.h"

namespace austin {
namespace {

TEST(ProcessMaps, ParsesRows) {
  const auto rows = ParseProcessMaps(
      "00400000-00401000 r--p 00000000 fe:01 1234                               /usr/bin/python3.11\n"
      "7f1a2c000000-7f1a2c021000 rw-s 0001f000 103:0a 18446744073709551615      /tmp/a b (deleted)\n"
      "7f1a2c030000-7f1a2c031000 rw-p 00000000 00:00 0 \n"
      "7ffd00000000-7ffd00001000 r-xp 00000000 00:00 0                          [vdso]\n"
      "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]\n");
  REQUIRE(rows.size() == 5);
  CHECK_EQ(rows[0].start, 0x400000u);
  CHECK_EQ(rows[0].end, 0x401000u);
  CHECK(rows[0].readable && !rows[0].writable && !rows[0].executable && !rows[0].shared);
  CHECK(rows[0].file == FileId{0xfe, 1, 1234});
  CHECK_EQ(rows[0].path, "/usr/bin/python3.11");
  CHECK(!rows[0].deleted);
  CHECK_EQ(rows[1].offset, 0x1f000u);
  CHECK(rows[1].file == FileId{0x103, 0xa, ~uint64_t(0)});
  CHECK(rows[1].shared && rows[1].writable && rows[1].deleted);
  CHECK_EQ(rows[1].path, "/tmp/a b");
  CHECK_EQ(rows[2].path, "");
  CHECK_EQ(rows[3].path, "[vdso]");
  CHECK_EQ(rows[4].end, 0xffffffffff601000u);
}

TEST(ProcessMaps, KeepsOddPaths) {
  const auto rows = ParseProcessMaps(
      "1000-2000 r--p 00000000 fe:01 5 /tmp/new\\012line\n"
      "2000-3000 r--p 00000000 fe:01 6 /tmp/back\\slash\\0123\n"
      "3000-4000 r--p 00000000 fe:01 7 /tmp/\xff\xfe\n"
      "4000-5000 r--p 00000000 fe:01 8  (deleted)\n");
  REQUIRE(rows.size() == 4);
  CHECK_EQ(rows[0].path, "/tmp/new\nline");
  CHECK_EQ(rows[1].path, "/tmp/back\\slash\n3");
  CHECK_EQ(rows[2].path, "/tmp/\xff\xfe");
  CHECK_EQ(rows[3].path, "(deleted)");
}

TEST(ProcessMaps, SkipsWhatIsNoRow) {
  const auto rows = ParseProcessMaps(
      "\n\n-\nzz-yy r--p 0 0:0 0\n"
      "1000-2000\n1000-2000 r-\n1000-2000 r--p\n1000-2000 r--p 0\n1000-2000 r--p 0 fe:01\n"
      "2000-1000 r--p 00000000 fe:01 5 /backwards\n"
      "10000000000000000-20000000000000000 r--p 00000000 fe:01 5 /too-large\n"
      "1000-2000 r--p 00000000 fe:01 99999999999999999999 /inode\n"
      "1000-2000 r--p 00000000 fe:01 5 /good");
  REQUIRE(rows.size() == 1);
  CHECK_EQ(rows[0].path, "/good");
  CHECK(ParseProcessMaps("").empty());
}

TEST(ProcessMaps, ReadsItsOwn) {
  std::vector<MapRow> rows;
  REQUIRE(ReadProcessMaps(getpid(), rows) == 0);
  static int here = 0;
  const MapRow* const row = FindRow(rows, reinterpret_cast<Address>(&here));
  REQUIRE(row != nullptr);
  CHECK(row->writable);
  CHECK(FindRow(rows, 0) == nullptr);
  CHECK(FindRow({}, 0x1000) == nullptr);
}

}  // namespace
}  // namespace austin
