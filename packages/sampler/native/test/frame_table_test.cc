#include "sampler/frame_table.h"

#include <set>
#include <string>

#include "check.h"

using namespace austin;

TEST(FrameTable, GivesIdsByContent) {
  FrameTable table;
  const StringId file = table.InternString("app.py");
  const StringId name = table.InternString("main");
  CHECK(file != name);
  CHECK_EQ(table.InternString(std::string("app") + ".py"), file);
  CHECK_EQ(table.string(file), "app.py");
  CHECK_EQ(table.string_count(), 2u);
  const FrameId frame = table.InternFrame({file, name, {1, 2, 3, 4}});
  CHECK_EQ(table.InternFrame({file, name, {1, 2, 3, 4}}), frame);
  CHECK_EQ(table.frame_count(), 1u);
  CHECK_EQ(table.frame(frame).position.column_end, 4);
}

TEST(FrameTable, TellsApartWhatDiffersInOneField) {
  FrameTable table;
  const StringId a = table.InternString("a");
  const StringId b = table.InternString("b");
  std::set<FrameId> ids;
  const FrameTable::Frame frames[] = {{a, b, {1, 1, 1, 1}}, {b, a, {1, 1, 1, 1}}, {a, a, {1, 1, 1, 1}},
                                      {a, b, {2, 1, 1, 1}}, {a, b, {1, 2, 1, 1}}, {a, b, {1, 1, 2, 1}},
                                      {a, b, {1, 1, 1, 2}}, {a, b, {-1, 1, 1, 1}}};
  for (const FrameTable::Frame& frame : frames) {
    ids.insert(table.InternFrame(frame));
  }
  CHECK_EQ(ids.size(), 8u);
  CHECK_EQ(table.frame_count(), 8u);
}

TEST(FrameTable, KeepsTextsOfAnyBytes) {
  FrameTable table;
  const std::string text("a\0\xff", 3);
  CHECK_EQ(table.string(table.InternString(text)).size(), 3u);
  CHECK(table.InternString("a") != table.InternString(text));
  CHECK_EQ(table.string(table.InternString("")), "");
}

TEST(FrameTable, KeepsIdsWhileItGrows) {
  FrameTable table;
  const std::string* first = &table.string(table.InternString("s0"));
  for (uint32_t i = 0; i < 50'000; ++i) {
    const StringId id = table.InternString("s" + std::to_string(i));
    CHECK_EQ(id, i);
    CHECK_EQ(table.InternFrame({id, 0, {static_cast<int32_t>(i % 7), 0, 0, 0}}), i);
  }
  CHECK_EQ(first, &table.string(0));
  CHECK_EQ(table.string(49'999), "s49999");
  CHECK_EQ(table.frame(49'999).file, 49'999u);
}
