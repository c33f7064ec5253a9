#include "agents/generate/generate.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agents/generate/doubt.h"
#include "agents/generate/load.h"
#include "agents/generate/orders.h"
#include "runtime/engine/constraint.h"

namespace troupe::generate {
namespace {

constexpr int kDefaultSlots = 8;

host::Usage Sum(const host::Usage& a, const host::Usage& b) {
  return {a.prompt_tokens + b.prompt_tokens, a.generated_tokens + b.generated_tokens, a.device_us + b.device_us};
}

class Generate final : public host::Kind {
 public:
  Generate(std::unique_ptr<engine::Engine> engine, std::shared_ptr<const text::Grammar> grammar,
           std::shared_ptr<const Doubt> doubt, const host::Spec& spec)
      : engine_(std::move(engine)),
        grammar_(std::move(grammar)),
        config_(spec.config),
        sampling_(Sampling(spec.config)),
        slots_(spec.slots > 0 ? spec.slots : kDefaultSlots),
        doubt_(std::move(doubt)) {}

  host::Facts facts() const override { return {engine_->info().digest, slots_}; }
  double tokens_per_second() const override { return engine_->Stats().tokens_per_second; }
  void Stop() override { engine_->Stop(); }

  void Work(std::shared_ptr<host::Step> step) override {
    auto prompt = EncodePrompt(*step, std::nullopt);
    if (!prompt) return step->Fail(std::move(prompt).error(), {});
    Pass pass{.prompt = std::move(*prompt), .committed_text = step->committed_text(), .max_new_tokens = Limit(*step)};
    if (doubt_ != nullptr) return Draft(std::move(step), std::move(pass));
    Write(std::move(step), std::move(pass));
  }

 private:
  // One writing of a step.
  struct Pass {
    std::vector<text::TokenId> prompt;
    // Goes on after it; counts against max_new_tokens.
    std::string committed_text;
    int32_t max_new_tokens = 0;
    // What it cost before this.
    host::Usage spent;
    // Set where it may ask.
    std::optional<bool> asked;
  };

  int32_t Limit(const host::Step& step) const {
    const auto most = config_.at("maxTokens").get<int32_t>();
    return step.max_tokens() > 0 && step.max_tokens() < most ? static_cast<int32_t>(step.max_tokens()) : most;
  }

  // Streams the text and ends the step.
  void Write(std::shared_ptr<host::Step> step, Pass pass) {
    // both callbacks run on the model thread, one after another
    auto text = std::make_shared<std::string>(pass.committed_text);
    auto tokens = std::make_shared<int64_t>(0);
    engine::Callbacks callbacks;
    callbacks.on_delta = [step, text, tokens, before = pass.spent.generated_tokens](engine::Delta delta) {
      *tokens += static_cast<int64_t>(delta.tokens.size());
      *text += delta.text;
      if (!delta.text.empty()) step->Delta(std::move(delta.text), before + *tokens);
    };
    callbacks.on_done = [step, text, spent = pass.spent, asked = pass.asked](engine::Completion done) {
      const host::Usage usage = Sum(spent, UsageOf(done.usage));
      if (done.reason == engine::FinishReason::kCancelled)
        return step->Fail(Cancelled("stopped while it wrote"), usage);
      const bool cut = done.reason == engine::FinishReason::kLength;
      Value output = {{"text", std::move(*text)},
                      {"finish", cut ? "length" : "stop"},
                      {"tokens", done.usage.committed_tokens + done.usage.generated_tokens}};
      if (asked) output["asked"] = *asked;
      step->Done(std::move(output), usage);
    };
    callbacks.on_error = [step, spent = pass.spent](Error error) { step->Fail(std::move(error), spent); };
    Start(step, pass, sampling_, std::move(callbacks));
  }

  // The beginning of a text that nobody has seen yet.
  struct Beginning {
    std::string text;
    std::vector<float> logprobs;
    // Set where it is all there is to say: how it ended.
    std::optional<std::string> finish;
  };

  // Writes the beginning, then goes on with it or asks.
  void Draft(std::shared_ptr<host::Step> step, Pass pass) {
    auto draft = std::make_shared<Beginning>();
    engine::Callbacks callbacks;
    callbacks.on_delta = [draft](engine::Delta delta) {
      draft->text += delta.text;
      for (const auto& token : delta.tokens) draft->logprobs.push_back(token.logprob);
    };
    Pass beginning = pass;
    beginning.committed_text.clear();
    beginning.max_new_tokens = std::min(pass.max_new_tokens, doubt_->draft_tokens());
    const bool is_whole = beginning.max_new_tokens == pass.max_new_tokens;
    callbacks.on_done = [this, step, draft, is_whole, pass = std::move(pass)](engine::Completion done) mutable {
      pass.spent = UsageOf(done.usage);
      if (done.reason == engine::FinishReason::kCancelled)
        return step->Fail(Cancelled("stopped while it wrote"), pass.spent);
      const bool cut = done.reason == engine::FinishReason::kLength;
      if (!cut || is_whole) draft->finish = cut ? "length" : "stop";
      const bool may_write_again = pass.spent.generated_tokens < pass.max_new_tokens;
      if (may_write_again && doubt_->IsUnsure(draft->logprobs))
        return Ask(std::move(step), std::move(*draft), std::move(pass));
      GoOn(std::move(step), std::move(*draft), std::move(pass));
    };
    callbacks.on_error = [step](Error error) { step->Fail(std::move(error), {}); };
    engine::SamplingParams sampling = sampling_;
    sampling.logprobs = std::max(sampling.logprobs, 1);
    Start(step, beginning, sampling, std::move(callbacks));
  }

  // Goes on after the draft without an answer. What clients have seen of a step that was sent again comes first.
  void GoOn(std::shared_ptr<host::Step> step, Beginning draft, Pass pass) {
    pass.asked = false;
    const size_t seen = pass.committed_text.size();
    if (draft.text.starts_with(pass.committed_text) && (draft.finish || draft.text.size() > seen)) {
      if (draft.text.size() > seen) step->Delta(draft.text.substr(seen), pass.spent.generated_tokens);
      if (draft.finish) {
        return step->Done({{"text", std::move(draft.text)},
                           {"finish", *draft.finish},
                           {"tokens", pass.spent.generated_tokens},
                           {"asked", false}},
                          pass.spent);
      }
      pass.committed_text = std::move(draft.text);
    }
    Write(std::move(step), std::move(pass));
  }

  void Ask(std::shared_ptr<host::Step> step, Beginning draft, Pass pass) {
    const std::string prompt = PromptText(*step);
    auto question = doubt_->Question(prompt, draft.text);
    if (!question) return step->Fail(std::move(question).error(), pass.spent);
    auto answered = [this, step, prompt, draft = std::move(draft),
                     pass = std::move(pass)](Result<Value> answer) mutable {
      if (step->cancelled()) return step->Fail(Cancelled("stopped while a peer was asked"), pass.spent);
      if (!answer) return GoOn(std::move(step), std::move(draft), std::move(pass));
      auto again = doubt_->Prompt(prompt, draft.text, *answer);
      if (!again) return step->Fail(std::move(again).error(), pass.spent);
      auto encoded = EncodePrompt(*step, std::move(*again));
      if (!encoded) return step->Fail(std::move(encoded).error(), pass.spent);
      pass.prompt = std::move(*encoded);
      pass.max_new_tokens -= static_cast<int32_t>(pass.spent.generated_tokens);
      pass.asked = true;
      Write(std::move(step), std::move(pass));
    };
    step->Ask(doubt_->peer(), *question, std::move(answered));
  }

  void Start(const std::shared_ptr<host::Step>& step, const Pass& pass, const engine::SamplingParams& sampling,
             engine::Callbacks callbacks) {
    engine::Request request;
    request.prompt = pass.prompt;
    request.committed_text = pass.committed_text;
    request.sampling = sampling;
    request.max_new_tokens = pass.max_new_tokens;
    auto constrained = Constrain(step->input(), request);
    if (!constrained) return step->Fail(std::move(constrained).error(), pass.spent);
    auto handle = engine_->Generate(std::move(request), std::move(callbacks));
    if (!handle) return step->Fail(std::move(handle).error(), pass.spent);
    step->OnCancel([handle = *handle] { handle.Cancel(); });
  }

  // The step's prompt as tokens; `replaced` stands in place of it, or of a conversation's last turn.
  Result<std::vector<text::TokenId>> EncodePrompt(const host::Step& step, std::optional<std::string> replaced) {
    if (config_.at("format") == "plain") {
      const Value& prompt = step.input().at("prompt");
      if (!prompt.is_string()) return Invalid("input.prompt: must be a text where the agent says `format: plain`");
      return EncodePlain(*engine_, replaced ? *replaced : prompt.get<std::string>());
    }
    TRY_ASSIGN(auto messages, Messages(step.input(), config_));
    if (replaced) messages.back().content = std::move(*replaced);
    return EncodeChat(*engine_, std::move(messages));
  }

  // What templates call `prompt`.
  std::string PromptText(const host::Step& step) const {
    const Value& prompt = step.input().at("prompt");
    if (prompt.is_string()) return prompt.get<std::string>();
    const auto messages = Messages(step.input(), config_);
    return messages ? messages->back().content : "";
  }

  Status Constrain(const Value& input, engine::Request& request) {
    TRY_ASSIGN(const auto grammar, GrammarOf(*engine_, input, grammar_));
    if (grammar == nullptr) return {};
    TRY_ASSIGN(auto matcher, grammar->NewMatcher());
    request.constraint = engine::MakeConstraint(std::move(matcher));
    return {};
  }

  std::unique_ptr<engine::Engine> engine_;
  std::shared_ptr<const text::Grammar> grammar_;
  const Value config_;
  const engine::SamplingParams sampling_;
  const int slots_;
  // Null: it never asks.
  const std::shared_ptr<const Doubt> doubt_;
};

}  // namespace

Result<std::unique_ptr<host::Kind>> Make(const host::Spec& spec) {
  const auto where = [&](const Error& error) {
    return Error{error.code, "agent \"" + spec.agent + "\": " + error.message};
  };
  if (auto fits = engine::CheckParams(Sampling(spec.config)); !fits) return where(fits.error());
  auto doubt = Doubt::Read(spec.config);
  if (!doubt) return where(doubt.error());
  TRY_ASSIGN(auto engine, LoadEngine(spec, spec.slots > 0 ? spec.slots : kDefaultSlots));
  auto grammar = MakeGrammar(*engine, spec.config);
  if (!grammar) return where(grammar.error());
  return std::make_unique<Generate>(std::move(engine), std::move(*grammar), std::move(*doubt), spec);
}

}  // namespace troupe::generate
