#include "base/json.h"

#include "check.h"

using namespace austin;

TEST(Json, EscapesWhatJsonCannotHold) {
  CHECK_EQ(JsonString(""), "\"\"");
  CHECK_EQ(JsonString("a b/c"), "\"a b/c\"");
  CHECK_EQ(JsonString("\"\\"), "\"\\\"\\\\\"");
  CHECK_EQ(JsonString("\n\x01\x7f"), "\"\\u000a\\u0001\x7f\"");
}

TEST(Json, ReplacesWhatIsNotUtf8) {
  CHECK_EQ(JsonString("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x8d"), "\"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x8d\"");
  const std::string unknown = "\xEF\xBF\xBD";
  CHECK_EQ(JsonString("\xff"), '"' + unknown + '"');
  CHECK_EQ(JsonString("\xc3"), '"' + unknown + '"');
  CHECK_EQ(JsonString("\xc0\xaf"), '"' + unknown + unknown + '"');
  CHECK_EQ(JsonString("\xed\xa0\x80"), '"' + unknown + unknown + unknown + '"');
  CHECK_EQ(JsonString("\xf4\x90\x80\x80x"), '"' + unknown + unknown + unknown + unknown + "x\"");
}
