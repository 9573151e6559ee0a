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

TEST(FrameTable, BeginsAnewWhenItIsFull) {
  FrameTable table(/*max_frames=*/3, /*max_text_bytes=*/100);
  const StringId name = table.InternString("a");
  table.InternFrame({name, name, {1, 1, 1, 1}});
  table.InternFrame({name, name, {2, 1, 1, 1}});
  table.ClearIfFull();
  CHECK_EQ(table.epoch(), 0u);
  CHECK_EQ(table.frame_count(), 2u);
  table.InternFrame({name, name, {3, 1, 1, 1}});
  table.ClearIfFull();
  CHECK_EQ(table.epoch(), 1u);
  CHECK_EQ(table.frame_count() + table.string_count(), 0u);
  // Ids begin anew and mean what they are given for now.
  CHECK_EQ(table.InternString("b"), name);
  CHECK_EQ(table.string(name), "b");
  const FrameId frame = table.InternFrame({name, name, {9, 1, 1, 1}});
  CHECK_EQ(frame, 0u);
  CHECK_EQ(table.frame(frame).position.line, 9);
  // Few texts can be large, and texts can be many without frames.
  table.InternString(std::string(100, 'x'));
  table.ClearIfFull();
  CHECK_EQ(table.epoch(), 2u);
  for (const char* text : {"p", "q", "r"}) table.InternString(text);
  table.ClearIfFull();
  CHECK_EQ(table.epoch(), 3u);
}
