// What runs and flights work with; outlives them. Owner: Answers.
#pragma once

#include <functional>

#include "router/answers/counts.h"
#include "router/answers/given.h"
#include "router/answers/meanings.h"
#include "router/answers/tiers.h"
#include "router/dispatch/text_run.h"
#include "router/dispatch/timers.h"
#include "runtime/base/clock.h"

namespace troupe::answers {

class Flights;

// The digest of the weights of a graph's agent. Errors: UNAVAILABLE while none of its replicas has said it; others
// where there is not one.
using ModelOf = std::function<Result<std::string>(const std::string& graph, const std::string& agent)>;

struct World {
  Tiers& tiers;
  Meanings& meanings;
  GivenByMeaning& given;
  Counts& counts;
  Flights& flights;
  dispatch::Timers& timers;
  const Clock& clock;
  // Has a step really done.
  dispatch::Starter start;
  ModelOf model_of;
  // Runs work soon, on another thread.
  std::function<void(std::function<void()>)> post;
};

}  // namespace troupe::answers
