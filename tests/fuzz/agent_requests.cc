// Every request to AgentService, against a real host. The first byte of an input says which method; the rest is its
// request.
#include "runtime/base/check.h"
#include "runtime/rpc/channel.h"
#include "tests/fuzz/any_call.h"
#include "tests/fuzz/echo_agent.h"
#include "tests/fuzz/target.h"
#include "troupe/v1/agent.pb.h"

namespace troupe::fuzz {
namespace {

const std::vector<Method>& Methods() {
  static const auto methods = MethodsOf({"troupe.v1.AgentService"});
  return methods;
}

std::vector<std::string> Seeds() {
  v1::WorkRequest work;
  work.mutable_start()->set_idempotency_key("task/step/1");
  work.mutable_start()->set_input_json(R"({"text":"hello"})");
  work.mutable_start()->set_committed_text("hel");
  work.mutable_start()->set_token_budget(10);
  v1::WorkRequest answer;
  answer.mutable_answer()->set_ordinal(1);
  answer.mutable_answer()->set_output_json("{}");
  v1::DoRequest once;
  *once.mutable_start() = work.start();
  std::vector<std::string> seeds;
  for (size_t i = 0; i < Methods().size(); ++i) {
    const std::string method(1, static_cast<char>(i));
    const std::string& name = Methods()[i]->name();
    if (name == "Work") seeds.push_back(method + work.SerializeAsString());
    if (name == "Work") seeds.push_back(method + answer.SerializeAsString());
    if (name == "Do") seeds.push_back(method + once.SerializeAsString());
    seeds.push_back(method);
  }
  return seeds;
}

std::vector<std::string> Words() {
  return {"task/step/1",
          R"({"text":"x"})",
          "{}",
          "[]",
          "null",
          "1e400",
          R"({"text":"\ud800"})",
          "{\"text\":\"\xff\"}",
          std::string(200, '['),
          std::string(3000, 'x'),
          std::string(1, '\0'),
          ""};
}

void Change(std::string& input, Random& random) {
  static const std::vector<std::string> words = Words();
  ChangeRequest(input, Methods(), words, random);
}

std::optional<std::string> Take(const std::string& input) {
  static const EchoAgent& agent = *new EchoAgent("127.0.0.1:0");  // lives as long as the process
  static const std::shared_ptr<grpc::Channel> channel = *rpc::OpenChannel(agent.address());
  if (input.empty()) return std::nullopt;
  const Method method = MethodOf(input, Methods());
  const bool is_request = ParseRequest(method, input.substr(1)) != nullptr;
  std::string wrong = WhatIsWrong(method, CallAny(*channel, method, input.substr(1)), is_request);
  if (wrong.empty()) return std::nullopt;
  return wrong;
}

}  // namespace

const Target kAgentRequestsTarget = {.name = "agent-requests",
                                     .what = "requests to AgentService of an agent's host",
                                     .seeds = Seeds,
                                     .words = Words,
                                     .change = Change,
                                     .take = Take};

}  // namespace troupe::fuzz
