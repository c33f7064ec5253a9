// A whole graph's answer in the cache: its name, and how it is written down together with the task that made it. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "router/core/task.h"
#include "router/graph/graph.h"

namespace troupe::answers {

// What is asked of a graph.
struct GraphQuestion {
  const graph::Graph* graph = nullptr;
  // Canonical JSON.
  std::string input_json;
  // What the task may cost, which may cut its answer short.
  core::Amounts limits;
  // Whose it is, as canonical JSON; empty where it is everybody's.
  std::string user;
};

// `models` are digests of weights by agent.
std::string KeyOf(const GraphQuestion& question, const std::map<std::string, std::string>& models,
                  const std::string& purged);

// What is kept: ["TASK", OUTPUT] as JSON.
std::string Wrap(std::string_view task_id, std::string_view output_json);
struct Wrapped {
  std::string_view task_id;
  std::string_view output_json;
};
// Both are parts of `answer`; nothing where that is not what Wrap gives.
std::optional<Wrapped> Unwrap(std::string_view answer);

}  // namespace troupe::answers
