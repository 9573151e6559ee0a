#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace austin::check {

/// The events of a stream as our writer makes it, one line of text each. Stops at what it does not know, with a line
/// that says so.
inline std::vector<std::string> MojoEvents(std::string_view bytes) {
  size_t at = 0;
  const auto number = [&] {
    uint8_t byte = at < bytes.size() ? static_cast<uint8_t>(bytes[at++]) : 0;
    const bool negative = (byte & 0x40) != 0;
    uint64_t value = byte & 0x3F;
    for (int shift = 6; (byte & 0x80) != 0 && at < bytes.size(); shift += 7) {
      byte = static_cast<uint8_t>(bytes[at++]);
      value |= uint64_t{byte & 0x7Fu} << shift;
    }
    return (negative ? "-" : "") + std::to_string(value);
  };
  const auto text = [&] {
    const size_t end = bytes.find('\0', at);
    std::string found(bytes.substr(at, end - at));
    at = end == std::string_view::npos ? bytes.size() : end + 1;
    return found;
  };

  std::vector<std::string> events;
  if (bytes.starts_with("MOJ")) {
    at = 3;
    events.push_back("header " + number());
  }
  while (at < bytes.size()) {
    const int id = bytes[at++];
    // The order of evaluation within an expression is not fixed: one field after the other.
    std::string line;
    const auto add = [&line](const std::string& field) { line += ' ' + field; };
    switch (id) {
      case 1:
        line = "metadata", add(text()), add(text());
        break;
      case 2:
        line = "stack", add(number()), add(number()), add(text());
        break;
      case 3:
        line = "frame";
        for (int i = 0; i < 7; ++i) add(number());
        break;
      case 4:
        line = "invalid";
        break;
      case 5:
        line = "ref", add(number());
        break;
      case 6:
        line = "kernel", add(text());
        break;
      case 7:
        line = "gc";
        break;
      case 8:
        line = "idle";
        break;
      case 9:
        line = "time", add(number());
        break;
      case 10:
        line = "memory", add(number());
        break;
      case 11:
        line = "string", add(number()), add(text());
        break;
      case 13:
        line = "repeat";
        break;
      default:
        events.push_back("unknown event " + std::to_string(id));
        return events;
    }
    events.push_back(line);
  }
  return events;
}

}  // namespace austin::check
