#include "router/rehearsal/json_path.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <utility>

namespace troupe::rehearsal {
namespace {

constexpr size_t kMaxSegments = 32;

bool IsNameByte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isalnum(byte) != 0 || c == '_' || c == '-' || byte >= 0x80;
}

}  // namespace

Result<JsonPath> JsonPath::Parse(std::string_view text) {
  JsonPath path;
  const auto wrong = [text](const std::string& why) {
    return Invalid("'" + std::string(text) + "' is no JSON path such as $.parts[0].skill: " + why);
  };
  std::string_view rest = text;
  if (rest.starts_with('$')) rest.remove_prefix(1);
  while (!rest.empty()) {
    if (path.segments_.size() == kMaxSegments) return wrong("it has more than 32 parts");
    Segment segment;
    if (rest.front() == '[') {
      const size_t end = rest.find(']');
      if (end == std::string_view::npos) return wrong("a ']' is missing");
      const std::string_view inside = rest.substr(1, end - 1);
      size_t place = 0;
      const auto [stop, fault] = std::from_chars(inside.data(), inside.data() + inside.size(), place);
      segment.every = inside == "*";
      if (!segment.every && (fault != std::errc() || stop != inside.data() + inside.size())) {
        return wrong("'[" + std::string(inside) + "]' is neither a place from 0 nor [*]");
      }
      if (!segment.every) segment.place = place;
      rest.remove_prefix(end + 1);
    } else {
      if (rest.front() == '.') {
        rest.remove_prefix(1);
      } else if (!path.segments_.empty()) {
        return wrong("a '.' or '[' is missing");
      }
      const size_t size = std::find_if_not(rest.begin(), rest.end(), IsNameByte) - rest.begin();
      if (size == 0) return wrong("a name is missing");
      segment.name = rest.substr(0, size);
      rest.remove_prefix(size);
    }
    path.segments_.push_back(std::move(segment));
  }
  path.text_ = text.empty() ? "$" : std::string(text);
  return path;
}

std::vector<const Value*> JsonPath::Find(const Value& value) const {
  std::vector<const Value*> found = {&value};
  for (const Segment& segment : segments_) {
    std::vector<const Value*> next;
    for (const Value* at : found) {
      if (segment.every && at->is_array()) {
        for (const Value& item : *at) next.push_back(&item);
      } else if (segment.place && at->is_array() && *segment.place < at->size()) {
        next.push_back(&(*at)[*segment.place]);
      } else if (!segment.name.empty() && at->is_object()) {
        if (const auto field = at->find(segment.name); field != at->end()) next.push_back(&*field);
      }
    }
    found = std::move(next);
  }
  return found;
}

}  // namespace troupe::rehearsal
