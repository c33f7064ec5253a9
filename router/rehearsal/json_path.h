// Where in a JSON value to look: "$.parts[0].skill", "parts[*].source". Names, list places and [*] for every element;
// the leading "$" may be left out. Plain values; pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/base/value.h"

namespace troupe::rehearsal {

class JsonPath {
 public:
  // The value itself.
  JsonPath() = default;

  // Errors: INVALID_ARGUMENT saying what stands where a name or place was expected.
  static Result<JsonPath> Parse(std::string_view text);

  // Every value that it leads to, in order; empty where the value has no such place.
  std::vector<const Value*> Find(const Value& value) const;

  // As written: "$" for the value itself.
  const std::string& text() const { return text_; }

 private:
  struct Segment {
    std::string name;
    std::optional<size_t> place;
    bool every = false;
  };
  std::vector<Segment> segments_;
  std::string text_ = "$";
};

}  // namespace troupe::rehearsal
