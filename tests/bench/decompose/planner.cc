#include "tests/bench/decompose/planner.h"

#include <future>

#include "agents/generate/load.h"
#include "runtime/engine/constraint.h"
#include "runtime/text/grammar.h"

namespace troupe::bench {

Result<Planner> Planner::Load(const std::filesystem::path& model) {
  engine::EngineOptions options;
  options.max_sequences = 1;
  TRY_ASSIGN(auto engine, engine::Engine::Load(model, options));
  return Planner(std::move(engine));
}

Result<std::vector<decompose::Part>> Planner::Split(const std::string& message,
                                                    const std::vector<decompose::PlanSkill>& skills,
                                                    const decompose::PlanOptions& options) {
  std::vector<text::ChatMessage> chat;
  for (const Value& turn : decompose::PlanPrompt(message, skills)) chat.push_back({turn["role"], turn["content"]});
  engine::Request request;
  TRY_ASSIGN(request.prompt, generate::EncodeChat(*engine_, std::move(chat)));
  request.max_new_tokens = 400;
  TRY_ASSIGN(const auto env, engine_->grammar_env());
  text::JsonOptions json;
  json.copy_source = message;
  TRY_ASSIGN(const auto grammar, text::Grammar::FromJsonSchema(decompose::PlanSchema(skills, options), env, json));
  TRY_ASSIGN(auto matcher, grammar->NewMatcher());
  request.constraint = engine::MakeConstraint(std::move(matcher));
  std::string answer;
  std::promise<Status> done;
  engine::Callbacks callbacks;
  callbacks.on_delta = [&answer](engine::Delta delta) { answer += delta.text; };
  callbacks.on_done = [&done](engine::Completion) { done.set_value({}); };
  callbacks.on_error = [&done](Error error) { done.set_value(std::move(error)); };
  TRY_ASSIGN(const auto handle, engine_->Generate(std::move(request), std::move(callbacks)));
  TRY(done.get_future().get());
  // a plan that is cut off plans nothing
  const Result<Value> plan = ParseValue(answer);
  return decompose::ReadPlan(message, plan ? *plan : Value(), options);
}

}  // namespace troupe::bench
