#include "router/cli/status_table.h"

#include "router/cli/format.h"
#include "router/cli/table.h"

namespace troupe::cli {

namespace {

std::string StateOf(const v1::ReplicaStatus& replica) {
  if (replica.circuit() == v1::CIRCUIT_OPEN) return "circuit open";
  if (!replica.ready()) return "not ready";
  return replica.circuit() == v1::CIRCUIT_HALF_OPEN ? "half open" : "ready";
}

}  // namespace

std::vector<std::string> RenderStatus(const v1::ListGraphsResponse& graphs, int width) {
  if (graphs.graphs().empty()) return {"no graphs; hand one over with 'troupe apply GRAPH.yaml'"};
  Table table({"GRAPH", "AGENT", "REPLICA", "KIND", "DEVICE", "STATE", "WORKING", "WAITING", "DONE", "NOTE"});
  for (const v1::GraphSummary& graph : graphs.graphs()) {
    if (graph.replicas().empty()) table.Add({graph.name(), "-", "-", "-", "-", "no agents"});
    for (const v1::ReplicaStatus& replica : graph.replicas()) {
      std::string note = replica.problem();
      if (replica.spill() > 0) note = "takes what spills" + (note.empty() ? "" : "; " + note);
      if (!replica.relaxed_from().empty()) {
        note = "pin relaxed, the graph asks for " + replica.relaxed_from() + (note.empty() ? "" : "; " + note);
      }
      table.Add({graph.name(), replica.agent(), replica.replica(), replica.kind(), replica.device(), StateOf(replica),
                 FormatCount(replica.active()), FormatCount(replica.queued()), FormatCount(replica.done()), note});
    }
  }
  return table.Render(width);
}

bool AllReady(const v1::ListGraphsResponse& graphs) {
  for (const v1::GraphSummary& graph : graphs.graphs()) {
    for (const v1::ReplicaStatus& replica : graph.replicas()) {
      if (!replica.ready()) return false;
    }
  }
  return !graphs.graphs().empty();
}

}  // namespace troupe::cli
