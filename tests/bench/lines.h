// The other end of lines.py: a program that is asked for one thing after the other.
#pragma once

#include <functional>

#include "runtime/base/error.h"
#include "runtime/base/value.h"

namespace troupe::bench {

// Says {"ready": true} and what `about` has, then answers line for line until stdin ends; what `answer` refuses is
// answered with {"err": ...}.
void AnswerLines(const Value& about, const std::function<Result<Value>(const Value&)>& answer);

}  // namespace troupe::bench
