#include "sampler/process_description.h"

#include <optional>

#include "base/json.h"
#include "binary/process_info.h"

namespace austin {

std::string DescribeTarget(const Target& target, int64_t start_ns, int64_t attached_us) {
  std::string json = "{\"python\":" + JsonString(target.version_text);
  json += ",\"build\":" + JsonString(target.layout.free_threaded ? "free-threaded" : "default");
  json += ",\"executable\":" + JsonString(target.executable);
  json += ",\"command\":[";
  const char* separator = "";
  for (const std::string& word : CommandOf(target.pid)) {
    json += separator + JsonString(word);
    separator = ",";
  }
  json += ']';
  if (const std::optional<ProcessStat> stat = ReadProcessStat(target.pid)) {
    json += ",\"parent\":" + std::to_string(stat->parent);
    json += ",\"startUs\":" + std::to_string((StartTime(*stat) - start_ns) / 1000);
  }
  json += ",\"attachedUs\":" + std::to_string(attached_us) + '}';
  return json;
}

}  // namespace austin
