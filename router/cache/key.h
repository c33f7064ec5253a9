// The name of an answer in the exact cache: everything that it depends on, in one digest. What is left out of it would
// be shared by requests that must not share.
#pragma once

#include <string>

#include "runtime/base/value.h"

namespace troupe::cache {

// One thing that a model call depends on. Fields of different tuples never run together: each goes in with its length.
struct KeyParts {
  // Of the graph: its content's digest.
  std::string graph_version;
  // As the graph names it, without rounds: a step of an `each` is one step.
  std::string step;
  // Of the agent's weights; empty for a kind without a model.
  std::string model_digest;
  // All that shapes the output besides the input: kind and its version, sampling, schema, maximum of tokens.
  Value settings;
  Value input;
  // Empty where the router has no tenants.
  std::string tenant;
};

// SHA-256, 64 hex digits.
std::string KeyOf(const KeyParts& parts);

// Names the questions that may answer each other: same tenant, graph version, step, model and settings, any input.
std::string PartitionOf(const KeyParts& parts);

}  // namespace troupe::cache
