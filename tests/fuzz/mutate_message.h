// Changes a protobuf message somewhere inside, by what its fields are: so a mutation comes through the parser, and
// reaches what reads the fields. What it cannot parse it changes as bytes.
#pragma once

#include <google/protobuf/message.h>

#include <span>
#include <string>

#include "tests/fuzz/mutate.h"

namespace troupe::fuzz {

// Strings become words, or are mutated.
void MutateMessage(google::protobuf::Message& message, std::span<const std::string> words, Random& random);

}  // namespace troupe::fuzz
