#include "sampler/module_description.h"

#include <cstdint>
#include <cstdio>

#include "base/json.h"

namespace austin {

namespace {

std::string Hex(uint64_t value) {
  char digits[17];
  std::snprintf(digits, sizeof(digits), "%llx", static_cast<unsigned long long>(value));
  return digits;
}

}  // namespace

std::string MapLine(const FileMapping& mapping) {
  return Hex(mapping.start) + '-' + Hex(mapping.end) + ' ' + mapping.path;
}

std::string DescribeModule(const Module& module) {
  std::string json = "{\"start\":\"" + Hex(module.start) + "\",\"end\":\"" + Hex(module.end) + "\",\"offset\":\"" +
                     Hex(module.file_offset) + "\",\"bias\":\"" + Hex(module.bias) + '"';
  if (!module.build_id.empty()) json += ",\"buildId\":" + JsonString(module.build_id);
  return json + ",\"path\":" + JsonString(module.path) + '}';
}

}  // namespace austin
