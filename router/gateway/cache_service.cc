#include "router/gateway/cache_service.h"

#include <functional>
#include <memory>
#include <utility>

#include "router/gateway/cache_question.h"
#include "router/gateway/field_error.h"
#include "router/graph/sources.h"
#include "runtime/base/id.h"
#include "runtime/kind/suggest.h"
#include "runtime/rpc/server_call.h"

namespace troupe::gateway {
namespace {

void Fill(const answers::Tally& tally, v1::CacheTally& out) {
  out.set_exact(tally.exact);
  out.set_stale(tally.stale);
  out.set_meaning(tally.meaning);
  out.set_waited(tally.waited);
  out.set_misses(tally.misses);
  out.set_checked(tally.checked);
  out.set_wrong(tally.wrong);
  out.set_saved_tokens(tally.saved_tokens);
  out.set_saved_device_us(tally.saved_device_ms * 1000);
  out.set_saved_money_micros(tally.saved_money_micros);
}

void Fill(answers::Behind& behind, v1::CacheStoreStats& out) {
  const cache::CacheStore::Stats stats = behind.store().GetStats();
  out.set_name(behind.store().name());
  out.set_in_use(behind.in_use());
  out.set_hits(stats.hits);
  out.set_misses(stats.misses);
  out.set_failures(behind.failures());
  out.set_bytes(static_cast<int64_t>(stats.bytes));
}

void Fill(const answers::Answers::Explained& explained, v1::ExplainResponse& out) {
  out.set_hit(explained.hit);
  out.set_why(explained.why);
  for (const auto& near : explained.near) {
    v1::NearQuestion& question = *out.add_near();
    question.set_text(near.text);
    question.set_similarity(near.similarity);
    question.set_score(near.score);
    question.set_guard(near.guard);
  }
}

std::function<void(const answers::Answers::Explained&)> TellWith(rpc::Reply reply, v1::ExplainResponse& response) {
  return [reply = std::make_shared<rpc::Reply>(std::move(reply)),
          &response](const answers::Answers::Explained& explained) {
    Fill(explained, response);
    reply->End(grpc::Status::OK);
  };
}

core::Amounts LimitsOf(const graph::Limits& limits) {
  return {.tokens = limits.tokens, .device_us = limits.device_us, .money = limits.money};
}

// A step of that name keeps answers.
Status CheckStep(const graph::Graph& graph, const std::string& step) {
  const auto cached = graph::CachedSteps(graph);
  if (step.empty() || cached.contains(step)) return {};
  std::vector<std::string> names;
  for (const auto& [name, found] : cached) names.push_back(name);
  return NotFound("graph " + graph.name + " has no step '" + step + "' whose answers are kept" +
                  kind::Suggest(step, names));
}

}  // namespace

grpc::ServerUnaryReactor* CacheService::Stats(grpc::CallbackServerContext* context, const v1::StatsRequest*,
                                              v1::StatsResponse* response) {
  for (const auto& [key, tally] : answers_.Tallies()) {
    v1::CacheTally& out = *response->add_tallies();
    out.set_graph(key.first);
    out.set_step(key.second);
    Fill(tally, out);
    out.set_threshold(answers_.meanings().Threshold(key).value_or(0.0));
  }
  const cache::CacheStore::Stats store = answers_.StoreStats();
  response->set_entries(static_cast<int64_t>(store.entries));
  response->set_bytes(static_cast<int64_t>(store.bytes));
  response->set_evicted(store.evicted);
  response->set_refused(store.refused);
  response->set_max_bytes(static_cast<int64_t>(answers_.max_bytes()));
  response->set_questions(static_cast<int64_t>(answers_.meanings().size()));
  if (answers_.behind() != nullptr) Fill(*answers_.behind(), *response->mutable_store());
  return rpc::AnswerNow(context, grpc::Status::OK);
}

grpc::ServerUnaryReactor* CacheService::Explain(grpc::CallbackServerContext*, const v1::ExplainRequest* request,
                                                v1::ExplainResponse* response) {
  auto [reply, reactor] = rpc::Reply::Open();
  const auto graph = graphs_.Pick(request->graph(), NewUuid7());
  if (!graph) {
    reply.End(ToGrpcNamingField(graph.error()));
    return reactor;
  }
  const Result<Value> input = InputOf(**graph, request->input_json());
  if (!input) {
    reply.End(ToGrpcNamingField(input.error()));
    return reactor;
  }
  if (request->step().empty()) {
    if (!(*graph)->cache) {
      reply.End(Status(
          FailedPrecondition("graph " + (*graph)->name + " keeps no answers of whole tasks; name one of its steps")));
      return reactor;
    }
    answers_.ExplainGraph(QuestionOf(**graph, *input, LimitsOf((*graph)->limits)),
                          TellWith(std::move(reply), *response));
    return reactor;
  }
  Result<StepQuestion> question = QuestionOf(*graph, request->step(), *input);
  if (!question) {
    reply.End(ToGrpcNamingField(question.error()));
    return reactor;
  }
  answers_.Explain(std::move(question->order), std::move(question->job), TellWith(std::move(reply), *response));
  return reactor;
}

grpc::ServerUnaryReactor* CacheService::Judge(grpc::CallbackServerContext* context, const v1::JudgeRequest* request,
                                              v1::JudgeResponse* response) {
  const int answers = answers_.Judge(request->task_id(), request->step(), request->right());
  response->set_answers(answers);
  if (answers > 0) return rpc::AnswerNow(context, grpc::Status::OK);
  const std::string whose = request->step().empty() ? "" : " in step '" + request->step() + "'";
  return rpc::AnswerNow(
      context, rpc::ToGrpc(NotFound("task '" + request->task_id() + "' was given no answer by meaning" + whose +
                                    " that is known: its answers were made for it or kept for the very question, or "
                                    "were judged before, or the router has started since")));
}

grpc::ServerUnaryReactor* CacheService::Purge(grpc::CallbackServerContext*, const v1::PurgeRequest* request,
                                              v1::PurgeResponse*) {
  auto [reply, reactor] = rpc::Reply::Open();
  const auto graph = graphs_.Pick(request->graph(), NewUuid7());
  const Status known = graph ? CheckStep(**graph, request->step()) : Status(graph.error());
  if (!known) {
    reply.End(ToGrpcNamingField(known.error()));
    return reactor;
  }
  answers_.Purge(request->graph(), request->step(),
                 [reply = std::make_shared<rpc::Reply>(std::move(reply))](const Status& done) { reply->End(done); });
  return reactor;
}

}  // namespace troupe::gateway
