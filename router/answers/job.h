// What a step with a cache needs beside its order.
#pragma once

#include <memory>
#include <string>

#include "router/graph/graph.h"

namespace troupe::answers {

struct StepJob {
  // Keeps `rule` alive.
  std::shared_ptr<const graph::Graph> graph;
  const graph::CacheRule* rule = nullptr;
  // Names the step within its graph version, without round numbers.
  std::string step;
  // Whose the answer is, as canonical JSON; empty where it is everybody's.
  std::string user;
  // The question, where answers are also given by meaning; empty where there is none.
  std::string text;
};

// How a kept answer came to be given.
enum class Hit {
  kExact,
  // It is no longer fresh; a new one is being made.
  kStale,
  // To an earlier question that means the same.
  kMeaning,
  // The same was being asked already.
  kWaited,
};

}  // namespace troupe::answers
