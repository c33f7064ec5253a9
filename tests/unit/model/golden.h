#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "runtime/base/value.h"
#include "tests/support/places.h"

namespace troupe::model {

// What logits in float32 may differ by from those of transformers.
constexpr double kMaxLogitError = 1e-3;

inline Value Golden(const std::string& name) {
  std::ifstream file(SourcePath("tests/unit/model/golden/") + name);
  EXPECT_TRUE(file) << name;
  return Value::parse(std::string(std::istreambuf_iterator<char>(file), {}));
}

}  // namespace troupe::model
