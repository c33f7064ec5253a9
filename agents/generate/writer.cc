#include "agents/generate/writer.h"

#include <utility>

#include "agents/generate/load.h"
#include "agents/generate/orders.h"
#include "runtime/engine/constraint.h"

namespace troupe::generate {
namespace {

engine::Request RequestFor(const Pass& pass, const engine::SamplingParams& sampling) {
  engine::Request request;
  request.prompt = pass.prompt;
  request.committed_text = pass.committed_text;
  request.sampling = sampling;
  request.max_new_tokens = pass.max_new_tokens;
  return request;
}

Status Constrain(const text::Grammar& grammar, engine::Request& request) {
  TRY_ASSIGN(auto matcher, grammar.NewMatcher());
  request.constraint = engine::MakeConstraint(std::move(matcher));
  return {};
}

}  // namespace

host::Usage Sum(const host::Usage& a, const host::Usage& b) {
  return {a.prompt_tokens + b.prompt_tokens, a.generated_tokens + b.generated_tokens, a.device_us + b.device_us};
}

Writer::Writer(engine::Engine& engine, std::shared_ptr<const text::Grammar> grammar, const Value& config)
    : engine_(engine), grammar_(std::move(grammar)), config_(config), sampling_(Sampling(config)) {}

Result<Pass> Writer::PassFor(const host::Step& step) const {
  Pass pass;
  TRY_ASSIGN(pass.prompt, Encode(step, std::nullopt));
  pass.committed_text = step.committed_text();
  pass.max_new_tokens = config_.at("maxTokens").get<int32_t>();
  if (step.max_tokens() > 0 && step.max_tokens() < pass.max_new_tokens) {
    pass.max_new_tokens = static_cast<int32_t>(step.max_tokens());
  }
  return pass;
}

void Writer::Write(std::shared_ptr<host::Step> step, Pass pass) const {
  auto text = std::make_shared<std::string>(pass.committed_text);
  auto tokens = std::make_shared<int64_t>(0);
  engine::Callbacks callbacks;
  callbacks.on_delta = [step, text, tokens, before = pass.spent.generated_tokens](engine::Delta delta) {
    *tokens += static_cast<int64_t>(delta.tokens.size());
    *text += delta.text;
    if (!delta.text.empty()) step->Delta(std::move(delta.text), before + *tokens);
  };
  callbacks.on_done = [step, text, spent = pass.spent, asked = pass.asked,
                       heard = std::move(pass.heard)](engine::Completion done) mutable {
    const host::Usage usage = Sum(spent, UsageOf(done.usage));
    if (done.reason == engine::FinishReason::kCancelled) return step->Fail(Cancelled("stopped while it wrote"), usage);
    const bool cut = done.reason == engine::FinishReason::kLength;
    Value output = {{"text", std::move(*text)},
                    {"finish", cut ? "length" : "stop"},
                    {"tokens", done.usage.committed_tokens + done.usage.generated_tokens}};
    if (asked) {
      output["asked"] = *asked;
      output["heard"] = std::move(heard);
    }
    step->Done(std::move(output), usage);
  };
  callbacks.on_error = [step, spent = pass.spent](Error error) { step->Fail(std::move(error), spent); };
  Start(step, pass, sampling_, std::move(callbacks));
}

void Writer::Start(const std::shared_ptr<host::Step>& step, const Pass& pass, const engine::SamplingParams& sampling,
                   engine::Callbacks callbacks) const {
  engine::Request request = RequestFor(pass, sampling);
  const auto grammar = GrammarOf(engine_, step->input(), grammar_);
  if (!grammar) return step->Fail(grammar.error(), pass.spent);
  if (*grammar != nullptr) {
    if (auto fits = Constrain(**grammar, request); !fits) return step->Fail(std::move(fits).error(), pass.spent);
  }
  Send(step, pass, std::move(request), std::move(callbacks));
}

void Writer::StartConstrained(const std::shared_ptr<host::Step>& step, const Pass& pass, const text::Grammar& grammar,
                              engine::Callbacks callbacks) const {
  engine::Request request = RequestFor(pass, sampling_);
  if (auto fits = Constrain(grammar, request); !fits) return step->Fail(std::move(fits).error(), pass.spent);
  Send(step, pass, std::move(request), std::move(callbacks));
}

void Writer::Send(const std::shared_ptr<host::Step>& step, const Pass& pass, engine::Request request,
                  engine::Callbacks callbacks) const {
  auto handle = engine_.Generate(std::move(request), std::move(callbacks));
  if (!handle) return step->Fail(std::move(handle).error(), pass.spent);
  step->OnCancel([handle = *handle] { handle.Cancel(); });
}

Result<std::vector<text::TokenId>> Writer::Encode(const host::Step& step, std::optional<std::string> replaced) const {
  if (config_.at("format") == "plain") {
    const Value& prompt = step.input().at("prompt");
    if (!prompt.is_string()) return Invalid("input.prompt: must be a text where the agent says `format: plain`");
    return EncodePlain(engine_, replaced ? *replaced : prompt.get<std::string>());
  }
  TRY_ASSIGN(auto messages, Messages(step.input(), config_));
  if (replaced) messages.back().content = std::move(*replaced);
  return EncodeChat(engine_, std::move(messages));
}

std::string Writer::PromptText(const host::Step& step) const {
  const Value& prompt = step.input().at("prompt");
  if (prompt.is_string()) return prompt.get<std::string>();
  const auto messages = Messages(step.input(), config_);
  return messages ? messages->back().content : "";
}

}  // namespace troupe::generate
