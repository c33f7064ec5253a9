#include "router/gateway/graph_service.h"

#include <boost/asio/post.hpp>
#include <utility>

#include "router/gateway/field_error.h"
#include "router/graph/lint.h"
#include "router/graph/resolve.h"
#include "router/graph/worst_case.h"
#include "runtime/rpc/server_call.h"

namespace troupe::gateway {
namespace {

Result<graph::GraphSource> FromProto(const v1::GraphSource& source) {
  if (source.yaml().empty()) return FieldError("source.yaml", "is empty: send the graph file's text");
  return graph::GraphSource{.yaml = source.yaml(),
                            .file_name = source.file_name().empty() ? "graph.yaml" : source.file_name(),
                            .files = {source.files().begin(), source.files().end()}};
}

void Fill(const graph::Finding& finding, v1::Finding& out) {
  out.set_severity(finding.severity == graph::Severity::kError     ? v1::SEVERITY_ERROR
                   : finding.severity == graph::Severity::kWarning ? v1::SEVERITY_WARNING
                                                                   : v1::SEVERITY_NOTE);
  out.set_file(finding.file);
  out.set_line(finding.line);
  out.set_column(finding.column);
  out.set_message(finding.message);
}

void Fill(const graph::AgentSpec& spec, v1::AgentSpec& out) {
  out.set_agent(spec.agent);
  out.set_graph(spec.graph);
  out.set_kind(spec.kind);
  out.set_config_json(Dump(spec.config));
  out.set_model_path(spec.model_path);
  out.set_model_sha256(spec.model_sha256);
  for (const std::string& gpu : spec.gpus) out.mutable_pin()->add_gpus(gpu);
  out.mutable_pin()->set_relaxed(spec.pins == graph::Pins::kRelaxed);
  out.mutable_pin()->set_memory_bytes(spec.memory.bytes);
  out.mutable_pin()->set_memory_percent(spec.memory.percent);
  out.set_slots(spec.slots);
  out.set_queue_limit(spec.queue_limit);
  out.set_base_path(spec.base_path);
  out.set_max_tokens(spec.max_tokens);
  out.set_pool(spec.pool);
  out.set_spill(spec.spill);
}

v1::Circuit ToProto(dispatch::Circuit circuit) {
  switch (circuit) {
    case dispatch::Circuit::kClosed:
      return v1::CIRCUIT_CLOSED;
    case dispatch::Circuit::kOpen:
      return v1::CIRCUIT_OPEN;
    case dispatch::Circuit::kHalfOpen:
      return v1::CIRCUIT_HALF_OPEN;
  }
  return v1::CIRCUIT_UNSPECIFIED;
}

void Fill(const dispatch::Dispatcher::ReplicaView& view, v1::ReplicaStatus& out) {
  out.set_agent(view.entry.agent);
  out.set_replica(view.entry.replica);
  out.set_address(view.entry.address);
  out.set_ready(view.snapshot.ready);
  out.set_problem(view.snapshot.problem);
  out.set_active(view.snapshot.active);
  out.set_queued(view.snapshot.queued);
  out.set_device(view.snapshot.description.device());
  out.set_relaxed_from(view.snapshot.description.relaxed_from());
  out.set_kind(view.snapshot.description.kind());
  out.set_done(view.snapshot.done);
  out.set_spill(view.entry.spill);
  out.set_circuit(ToProto(view.snapshot.circuit));
}

grpc::Status Refused(const std::vector<graph::Finding>& findings) {
  rpc::ErrorDetails details{.reason = "GRAPH_REFUSED"};
  for (const graph::Finding& finding : findings) {
    if (finding.severity != graph::Severity::kError) continue;
    details.violations.push_back(
        {finding.file + ":" + std::to_string(finding.line) + ":" + std::to_string(finding.column), finding.message});
  }
  return rpc::ToGrpc(Invalid(graph::ToString(findings)), details);
}

}  // namespace

grpc::ServerUnaryReactor* GraphService::Apply(grpc::CallbackServerContext*, const v1::ApplyRequest* request,
                                              v1::ApplyResponse* response) {
  auto [reply, reactor] = rpc::Reply::Open();
  boost::asio::post(workers_, [this, reply = std::move(reply), request, response]() mutable {
    Result<graph::GraphSource> source = FromProto(request->source());
    if (!source) return reply.End(ToGrpcNamingField(source.error()));
    std::optional<rollout::CanaryRule> canary;
    if (request->has_canary()) canary = FromProto(request->canary());
    Result<Graphs::Applied> applied = graphs_.Apply(std::move(*source), canary);
    if (!applied) return reply.End(ToGrpcNamingField(applied.error()));
    if (!applied->graph) return reply.End(Refused(applied->findings));
    response->set_name(applied->graph->name);
    response->set_version(applied->graph->version.value);
    response->set_changed(applied->changed);
    response->set_percent(applied->percent);
    for (const graph::Finding& finding : applied->findings) Fill(finding, *response->add_warnings());
    reply.End(grpc::Status::OK);
  });
  return reactor;
}

grpc::ServerUnaryReactor* GraphService::Promote(grpc::CallbackServerContext*, const v1::PromoteRequest* request,
                                                v1::PromoteResponse* response) {
  auto [reply, reactor] = rpc::Reply::Open();
  boost::asio::post(workers_, [this, reply = std::move(reply), request, response]() mutable {
    const Result<Graphs::Moved> moved = graphs_.Promote(request->name(), request->version());
    if (!moved) return reply.End(ToGrpcNamingField(moved.error()));
    response->set_name(request->name());
    response->set_version(moved->current);
    response->set_previous_version(moved->other);
    reply.End(grpc::Status::OK);
  });
  return reactor;
}

grpc::ServerUnaryReactor* GraphService::Rollback(grpc::CallbackServerContext*, const v1::RollbackRequest* request,
                                                 v1::RollbackResponse* response) {
  auto [reply, reactor] = rpc::Reply::Open();
  constexpr size_t kMaxReason = 500;
  if (request->reason().size() > kMaxReason) {
    reply.End(ToGrpcNamingField(FieldError("reason", "may have at most 500 characters")));
    return reactor;
  }
  boost::asio::post(workers_, [this, reply = std::move(reply), request, response]() mutable {
    const Result<Graphs::Moved> moved = graphs_.RollBack(request->name(), request->version(), request->reason());
    if (!moved) return reply.End(ToGrpcNamingField(moved.error()));
    response->set_name(request->name());
    response->set_version(moved->current);
    response->set_rolled_back_version(moved->other);
    reply.End(grpc::Status::OK);
  });
  return reactor;
}

grpc::ServerUnaryReactor* GraphService::ListVersions(grpc::CallbackServerContext*,
                                                     const v1::ListVersionsRequest* request,
                                                     v1::ListVersionsResponse* response) {
  auto [reply, reactor] = rpc::Reply::Open();
  boost::asio::post(workers_, [this, reply = std::move(reply), request, response]() mutable {
    const Result<Graphs::Versions> versions = graphs_.ListVersions(request->name());
    if (!versions) return reply.End(Status(versions.error()));
    const rollout::Rollout& rollout = versions->rollout;
    std::map<std::string, int64_t> running = tasks_.RunningOn(request->name());
    response->set_name(request->name());
    for (const journal::GraphRow& row : versions->rows) {
      v1::GraphVersion& version = *response->add_versions();
      version.set_version(row.version);
      const bool is_canary = rollout.canary && rollout.canary->version == row.version;
      version.set_role(row.version == rollout.current ? v1::VERSION_ROLE_CURRENT
                       : is_canary                    ? v1::VERSION_ROLE_CANARY
                                                      : v1::VERSION_ROLE_RETIRED);
      version.set_applied_ms(row.applied_ms);
      version.set_running(running[row.version]);
    }
    for (const rollout::Event& event : rollout.history) Encode(request->name(), event, *response->add_events());
    if (versions->canary) Fill(*versions->canary, *response->mutable_canary());
    response->set_previous_version(rollout.previous());
    reply.End(grpc::Status::OK);
  });
  return reactor;
}

grpc::ServerUnaryReactor* GraphService::GetGraph(grpc::CallbackServerContext*, const v1::GetGraphRequest* request,
                                                 v1::GetGraphResponse* response) {
  auto [reply, reactor] = rpc::Reply::Open();
  boost::asio::post(workers_, [this, reply = std::move(reply), request, response]() mutable {
    if (request->name().empty()) return reply.End(ToGrpcNamingField(FieldError("name", "must be a graph's name")));
    Result<Graphs::Entry> entry = graphs_.Get(request->name(), request->version());
    if (!entry) return reply.End(ToGrpcNamingField(entry.error()));
    response->set_name(entry->graph->name);
    response->set_version(entry->graph->version.value);
    *response->mutable_source() = std::move(entry->source);
    for (const graph::AgentSpec& spec : graph::Resolve(*entry->graph)) Fill(spec, *response->add_agents());
    reply.End(grpc::Status::OK);
  });
  return reactor;
}

grpc::ServerUnaryReactor* GraphService::ListGraphs(grpc::CallbackServerContext* context, const v1::ListGraphsRequest*,
                                                   v1::ListGraphsResponse* response) {
  for (const Graphs::Listed& listed : graphs_.List()) {
    v1::GraphSummary& graph = *response->add_graphs();
    graph.set_name(listed.graph->name);
    graph.set_version(listed.graph->version.value);
    graph.set_applied_ms(listed.applied_ms);
    graph.set_previous_version(listed.previous);
    if (listed.canary) Fill(*listed.canary, *graph.mutable_canary());
    for (const auto& [version, running] : tasks_.RunningOn(listed.graph->name)) {
      graph.set_running(graph.running() + running);
    }
    for (const auto& replica : dispatcher_.Replicas(listed.graph->name)) Fill(replica, *graph.add_replicas());
  }
  return rpc::AnswerNow(context, grpc::Status::OK);
}

grpc::ServerUnaryReactor* GraphService::Lint(grpc::CallbackServerContext*, const v1::LintRequest* request,
                                             v1::LintResponse* response) {
  auto [reply, reactor] = rpc::Reply::Open();
  boost::asio::post(workers_, [reply = std::move(reply), request, response]() mutable {
    Result<graph::GraphSource> source = FromProto(request->source());
    if (!source) return reply.End(ToGrpcNamingField(source.error()));
    graph::Parsed parsed = graph::ParseGraph(std::move(*source));
    if (parsed.graph) {
      for (graph::Finding& finding : graph::Lint(*parsed.graph, graph::FilesMust::kBeNamed))
        parsed.findings.push_back(std::move(finding));
      const graph::WorstCase worst = graph::WorstCaseOf(*parsed.graph);
      response->mutable_worst_case()->set_calls(worst.calls);
      response->mutable_worst_case()->set_tokens(worst.tokens);
      response->mutable_worst_case()->set_time_ms(worst.time_ms);
      response->mutable_worst_case()->set_approvals(worst.approvals);
      response->mutable_worst_case()->set_device_us(worst.device_us);
      response->mutable_worst_case()->set_money_micros(worst.money);
    }
    for (const graph::Finding& finding : parsed.findings) Fill(finding, *response->add_findings());
    reply.End(grpc::Status::OK);
  });
  return reactor;
}

}  // namespace troupe::gateway
