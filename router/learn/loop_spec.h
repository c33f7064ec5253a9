// What `troupe learn loop` is to do, as its YAML file (kind: LearnLoop) says it. Pure.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "router/learn/loop.h"
#include "router/rollout/rollout.h"
#include "runtime/base/error.h"

namespace troupe::learn {

struct LoopSpec {
  std::string name;
  // The graph at the router, and the step whose student learns, by its path without rounds.
  std::string graph;
  std::string step;
  // The LearnRecipe of every round; its student and lessons are put in place of what it names.
  std::filesystem::path recipe;
  // Where rounds, models and what happened are kept.
  std::filesystem::path folder;
  LoopRule rule;
  rollout::CanaryRule canary{.percent = 10};
};

// Paths are relative to `folder`, the file's. Errors: INVALID_ARGUMENT with every finding as file:line:column.
Result<LoopSpec> ParseLoopSpec(std::string_view yaml, const std::string& file_name,
                               const std::filesystem::path& folder);

}  // namespace troupe::learn
