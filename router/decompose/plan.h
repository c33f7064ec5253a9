// Has a model that writes take a message apart: what it is asked, which answers it may give, and the parts that an
// answer stands for. Pure: the call between the two halves is the caller's.
//
// The answer is a list of {skill, text}, the text copied from the message, so a plan cannot invent a request. Words of
// the message that the plan leaves out go to the default skill; nothing is lost and nothing comes twice.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "router/decompose/decompose.h"
#include "runtime/base/value.h"

namespace troupe::decompose {

struct PlanSkill {
  std::string name;
  std::vector<std::string> examples;
};

struct PlanOptions {
  // Parts at most; the rest is joined to the last one.
  int max_parts = 8;
  std::string default_skill = "other";
};

// The conversation, a list of {role, content}: the skills with an example each, a worked example, the message.
Value PlanPrompt(std::string_view message, const std::vector<PlanSkill>& skills);

// The JSON Schema of an answer; "x-copy" marks what is copied from the message.
Value PlanSchema(const std::vector<PlanSkill>& skills, const PlanOptions& options);

// The parts of `message` by a plan, in order; they tile it, as those of Choose do, and have no score. What of the plan
// is not in the message, or covered already, is left out. A blank message has no parts.
std::vector<Part> ReadPlan(std::string_view message, const Value& plan, const PlanOptions& options);

}  // namespace troupe::decompose
