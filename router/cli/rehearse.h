// Runs the cases of a suite: one router and the agents that are real in some case as child processes on unix sockets,
// stand-ins in this process, everything in a folder that is gone afterwards. Cases without real agents run side by
// side; of the others one at a time, so that models do not starve each other. Main thread only.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "router/cli/graph_source.h"
#include "router/cli/up_session.h"
#include "router/rehearsal/report.h"
#include "router/rehearsal/suite.h"

namespace troupe::cli {

enum class RealAgents { kStart, kSkipTheirCases };

struct RehearsalOptions {
  RealAgents real_agents = RealAgents::kStart;
  // For the real agents.
  UpOptions up;
  // Cases side by side.
  int parallel = 8;
  // Called with each result, in the order of the file.
  std::function<void(const rehearsal::CaseResult&)> on_result;
  // Told what is being started.
  UpSession::Say say;
};

// `suite` has no errors and belongs to `loaded`, which parses. Errors: INVALID_ARGUMENT for models of real agents that
// are not there, INTERNAL where a process does not start, CANCELLED after ctrl-C.
Result<rehearsal::SuiteResult> Rehearse(const LoadedGraph& loaded, const rehearsal::Suite& suite,
                                        const RehearsalOptions& options);

}  // namespace troupe::cli
