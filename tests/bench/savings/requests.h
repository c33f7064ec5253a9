// Requests of a service's users, sent by callers that each take the next one as soon as they have an answer.
#pragma once

#include <string>
#include <vector>

#include "runtime/base/error.h"

namespace troupe::bench {

struct Request {
  // Of a router: a graph and its input.
  std::string graph;
  std::string input_json;
  // Or, where there is no graph, a fill of a content server (POST /v1/fill).
  std::string fill_json;
};

struct Servers {
  std::string router;
  // On this machine; 0 for none.
  int content_port = 0;
};

struct Served {
  std::vector<double> latency_us;
  double seconds = 0.0;
  // What agents' devices worked, as the tasks say.
  double device_s = 0.0;
  int64_t kept = 0;
  int64_t failed = 0;
  std::string first_failure;
};

// In order, at most `callers` at once, each with connections of its own. Errors: UNAVAILABLE where a server is away.
Result<Served> Serve(const Servers& servers, const std::vector<Request>& requests, int callers);

}  // namespace troupe::bench
