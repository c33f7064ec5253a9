#include "agents/generate/generate.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agents/generate/load.h"
#include "runtime/engine/constraint.h"
#include "runtime/text/grammar.h"

namespace troupe::generate {
namespace {

constexpr int kDefaultSlots = 8;

engine::SamplingParams Sampling(const Value& config) {
  engine::SamplingParams params;
  params.temperature = config.at("temperature").get<float>();
  params.top_k = config.at("topK").get<int32_t>();
  params.top_p = config.at("topP").get<float>();
  params.min_p = config.at("minP").get<float>();
  params.repeat_penalty = config.at("repeatPenalty").get<float>();
  params.repeat_window = config.at("repeatWindow").get<int32_t>();
  params.seed = config.at("seed").get<uint64_t>();
  params.stop = config.at("stop").get<std::vector<std::string>>();
  return params;
}

// The prompt of a step as messages: a text is one user's turn.
Result<std::vector<text::ChatMessage>> Messages(const Value& input, const Value& config) {
  std::vector<text::ChatMessage> messages;
  for (const Value* source : {&input, &config}) {
    if (const Value system = source->value("system", Value()); system.is_string()) {
      messages.push_back({"system", system.get<std::string>()});
      break;
    }
  }
  const Value& prompt = input.at("prompt");
  if (prompt.is_string()) {
    messages.push_back({"user", prompt.get<std::string>()});
    return messages;
  }
  if (!prompt.is_array() || prompt.empty()) {
    return Invalid("input.prompt: must be a text or a list of {role, content}");
  }
  for (size_t i = 0; i < prompt.size(); ++i) {
    const Value& message = prompt[i];
    const bool fits = message.is_object() && message.contains("role") && message["role"].is_string() &&
                      message.contains("content") && message["content"].is_string();
    if (!fits) return Invalid("input.prompt[" + std::to_string(i) + "]: must be {role, content}, both texts");
    messages.push_back({message["role"], message["content"]});
  }
  return messages;
}

// What the text must fit, from the configuration; null where it is free.
Result<std::shared_ptr<const text::Grammar>> MakeGrammar(const engine::Engine& engine, const Value& config) {
  Value schema = config.value("schema", Value());
  const Value choices = config.value("choices", Value::array());
  if (schema.is_null() && choices.empty()) return std::shared_ptr<const text::Grammar>();
  TRY_ASSIGN(auto env, engine.grammar_env());
  if (!choices.empty()) return text::Grammar::FromChoices(choices.get<std::vector<std::string>>(), env);
  if (schema.is_string()) {
    TRY_ASSIGN(schema, ParseValue(schema.get<std::string>()));
  }
  return text::Grammar::FromJsonSchema(schema, env);
}

class Generate final : public host::Kind {
 public:
  Generate(std::unique_ptr<engine::Engine> engine, std::shared_ptr<const text::Grammar> grammar, const host::Spec& spec)
      : engine_(std::move(engine)),
        grammar_(std::move(grammar)),
        config_(spec.config),
        sampling_(Sampling(spec.config)),
        slots_(spec.slots > 0 ? spec.slots : kDefaultSlots) {}

  host::Facts facts() const override { return {engine_->info().digest, slots_}; }
  double tokens_per_second() const override { return engine_->Stats().tokens_per_second; }
  void Stop() override { engine_->Stop(); }

  void Work(std::shared_ptr<host::Step> step) override {
    auto request = MakeRequest(*step);
    if (!request) return step->Fail(std::move(request).error(), {});
    // both callbacks run on the model thread, one after another
    auto text = std::make_shared<std::string>(step->committed_text());
    auto tokens = std::make_shared<int64_t>(0);
    engine::Callbacks callbacks;
    callbacks.on_delta = [step, text, tokens](engine::Delta delta) {
      *tokens += static_cast<int64_t>(delta.tokens.size());
      *text += delta.text;
      if (!delta.text.empty()) step->Delta(std::move(delta.text), *tokens);
    };
    callbacks.on_done = [step, text](engine::Completion done) {
      const host::Usage usage = UsageOf(done.usage);
      if (done.reason == engine::FinishReason::kCancelled)
        return step->Fail(Cancelled("stopped while it wrote"), usage);
      const bool cut = done.reason == engine::FinishReason::kLength;
      step->Done({{"text", std::move(*text)},
                  {"finish", cut ? "length" : "stop"},
                  {"tokens", done.usage.committed_tokens + done.usage.generated_tokens}},
                 usage);
    };
    callbacks.on_error = [step](Error error) { step->Fail(std::move(error), {}); };
    auto handle = engine_->Generate(std::move(*request), std::move(callbacks));
    if (!handle) return step->Fail(std::move(handle).error(), {});
    step->OnCancel([handle = *handle] { handle.Cancel(); });
  }

 private:
  Result<engine::Request> MakeRequest(const host::Step& step) {
    engine::Request request;
    if (config_.at("format") == "plain") {
      const Value& prompt = step.input().at("prompt");
      if (!prompt.is_string()) return Invalid("input.prompt: must be a text where the agent says `format: plain`");
      TRY_ASSIGN(request.prompt, EncodePlain(*engine_, prompt.get<std::string>()));
    } else {
      TRY_ASSIGN(auto messages, Messages(step.input(), config_));
      TRY_ASSIGN(request.prompt, EncodeChat(*engine_, std::move(messages)));
    }
    request.committed_text = step.committed_text();
    request.sampling = sampling_;
    request.max_new_tokens = config_.at("maxTokens").get<int32_t>();
    if (step.max_tokens() > 0 && step.max_tokens() < request.max_new_tokens) {
      request.max_new_tokens = static_cast<int32_t>(step.max_tokens());
    }
    TRY_ASSIGN(const auto grammar, GrammarOf(step.input()));
    if (grammar != nullptr) {
      TRY_ASSIGN(auto matcher, grammar->NewMatcher());
      request.constraint = engine::MakeConstraint(std::move(matcher));
    }
    return request;
  }

  // What the step's text must fit: its own schema, else the agent's.
  Result<std::shared_ptr<const text::Grammar>> GrammarOf(const Value& input) {
    const Value schema = input.value("schema", Value());
    if (schema.is_null()) return grammar_;
    if (!schema.is_object()) return Invalid("input.schema: must be a JSON Schema");
    TRY_ASSIGN(const auto env, engine_->grammar_env());
    text::JsonOptions options;
    if (const Value copy = input.value("copy", Value()); copy.is_string()) options.copy_source = copy;
    auto grammar = text::Grammar::FromJsonSchema(schema, env, options);
    if (!grammar) return Error{grammar.error().code, "input.schema: " + grammar.error().message};
    return grammar;
  }

  std::unique_ptr<engine::Engine> engine_;
  std::shared_ptr<const text::Grammar> grammar_;
  const Value config_;
  const engine::SamplingParams sampling_;
  const int slots_;
};

}  // namespace

Result<std::unique_ptr<host::Kind>> Make(const host::Spec& spec) {
  const auto where = [&](const Error& error) {
    return Error{error.code, "agent \"" + spec.agent + "\": " + error.message};
  };
  if (auto fits = engine::CheckParams(Sampling(spec.config)); !fits) return where(fits.error());
  TRY_ASSIGN(auto engine, LoadEngine(spec, spec.slots > 0 ? spec.slots : kDefaultSlots));
  auto grammar = MakeGrammar(*engine, spec.config);
  if (!grammar) return where(grammar.error());
  return std::make_unique<Generate>(std::move(engine), std::move(*grammar), spec);
}

}  // namespace troupe::generate
