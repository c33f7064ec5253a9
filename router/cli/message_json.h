// Contract messages as JSON for `--output json`: snake_case names, 64-bit integers as numbers, enums as their
// lower-case names ("running"), JSON payloads in place instead of base64, unset sub-messages left out. Pure.
#pragma once

#include <google/protobuf/message.h>

#include "runtime/base/value.h"

namespace troupe::cli {

Value ToJson(const google::protobuf::Message& message);

}  // namespace troupe::cli
