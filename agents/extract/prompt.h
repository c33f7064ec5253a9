// The conversation that makes a small model fill a JSON schema from a text: what to look for, worked examples as turns,
// then the text. Pure.
#pragma once

#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/base/value.h"
#include "runtime/text/chat_template.h"

namespace troupe::extract {

struct Example {
  std::string text;
  // As the answer must look: compact JSON with the schema's fields in its order.
  std::string output;
};

// Worked examples from the configuration: a list of {text, output}, or such a list as JSON or YAML text.
// Errors: INVALID_ARGUMENT naming the example.
Result<std::vector<Example>> ReadExamples(const Value& given, const Value& schema);

// "Fill in: order (the order number), date (...)." from the descriptions of the schema's fields.
std::string InstructionsFrom(const Value& schema);

std::vector<text::ChatMessage> Conversation(const std::string& instructions, const std::vector<Example>& examples,
                                            const std::string& text);

}  // namespace troupe::extract
