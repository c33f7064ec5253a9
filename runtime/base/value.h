// The data that flows between steps: a JSON value. Object keys are sorted, so that Dump is canonical and its digest can
// name the value.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "runtime/base/error.h"

namespace troupe {

using Value = nlohmann::json;

struct ValueLimits {
  size_t max_bytes = 16u << 20;
  int max_depth = 64;
};

// Parses JSON from an untrusted source. Errors: INVALID_ARGUMENT with the byte offset, for bad syntax, broken UTF-8,
// duplicate keys, or a value beyond the limits.
Result<Value> ParseValue(std::string_view json, const ValueLimits& limits = {});

// Compact and canonical: sorted keys, no blanks, UTF-8 as it is. Broken UTF-8 is replaced by U+FFFD.
std::string Dump(const Value& value);

}  // namespace troupe
