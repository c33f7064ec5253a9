#include "agents/extract/extract.h"

#include <string>
#include <utility>
#include <vector>

#include "agents/extract/prompt.h"
#include "agents/generate/load.h"
#include "runtime/engine/constraint.h"
#include "runtime/text/grammar.h"

namespace troupe::extract {
namespace {

constexpr int kDefaultSlots = 8;

class Extract final : public host::Kind {
 public:
  Extract(std::unique_ptr<engine::Engine> engine, std::shared_ptr<const text::GrammarEnv> env, Value schema,
          std::string instructions, std::vector<Example> examples, const host::Spec& spec)
      : engine_(std::move(engine)),
        env_(std::move(env)),
        schema_(std::move(schema)),
        instructions_(std::move(instructions)),
        examples_(std::move(examples)),
        max_tokens_(spec.config.at("maxTokens").get<int32_t>()),
        slots_(spec.slots > 0 ? spec.slots : kDefaultSlots) {}

  host::Facts facts() const override {
    return {.model_digest = engine_->info().digest, .slots = slots_, .compute = engine_->info().compute};
  }
  double tokens_per_second() const override { return engine_->Stats().tokens_per_second; }
  host::Pages pages() const override { return generate::PagesOf(*engine_); }
  void Stop() override { engine_->Stop(); }

  void Work(std::shared_ptr<host::Step> step) override {
    auto request = MakeRequest(*step);
    if (!request) return step->Fail(std::move(request).error(), {});
    auto text = std::make_shared<std::string>();
    engine::Callbacks callbacks;
    callbacks.on_delta = [text](engine::Delta delta) { *text += delta.text; };
    callbacks.on_done = [step, text](engine::Completion done) {
      const host::Usage usage = generate::UsageOf(done.usage);
      if (done.reason == engine::FinishReason::kCancelled) return step->Fail(Cancelled("stopped while it read"), usage);
      auto output = ParseValue(*text);
      if (done.reason == engine::FinishReason::kLength && !output) {
        return step->Fail(Error{Code::kOutOfRange, "the JSON needs more tokens than maxTokens allows: raise it"},
                          usage);
      }
      if (!output) return step->Fail(Internal("the model's JSON cannot be read: " + output.error().message), usage);
      step->Done(std::move(*output), usage);
    };
    callbacks.on_error = [step](Error error) { step->Fail(std::move(error), {}); };
    auto handle = engine_->Generate(std::move(*request), std::move(callbacks));
    if (!handle) return step->Fail(std::move(handle).error(), {});
    step->OnCancel([handle = *handle] { handle.Cancel(); });
  }

 private:
  Result<engine::Request> MakeRequest(const host::Step& step) {
    const auto text = step.input().at("text").get<std::string>();
    engine::Request request;
    TRY_ASSIGN(request.prompt, generate::EncodeChat(*engine_, Conversation(instructions_, examples_, text)));
    request.max_new_tokens = max_tokens_;
    if (step.max_tokens() > 0 && step.max_tokens() < max_tokens_) {
      request.max_new_tokens = static_cast<int32_t>(step.max_tokens());
    }
    text::JsonOptions options;
    options.copy_source = text;
    TRY_ASSIGN(auto grammar, text::Grammar::FromJsonSchema(schema_, env_, options));
    TRY_ASSIGN(auto matcher, grammar->NewMatcher());
    request.constraint = engine::MakeConstraint(std::move(matcher));
    return request;
  }

  std::unique_ptr<engine::Engine> engine_;
  std::shared_ptr<const text::GrammarEnv> env_;
  const Value schema_;
  const std::string instructions_;
  const std::vector<Example> examples_;
  const int32_t max_tokens_;
  const int slots_;
};

}  // namespace

Result<std::unique_ptr<host::Kind>> Make(const host::Spec& spec) {
  const auto where = [&](const Error& error) {
    return Error{error.code, "agent \"" + spec.agent + "\": " + error.message};
  };
  Value schema = spec.config.at("schema");
  if (schema.is_string()) {
    auto parsed = ParseValue(schema.get<std::string>());
    if (!parsed) return where(Invalid("schema: " + parsed.error().message));
    schema = std::move(*parsed);
  }
  if (!schema.is_object()) return where(Invalid("schema: must be a JSON Schema of an object"));
  auto examples = ReadExamples(spec.config.value("examples", Value()), schema);
  if (!examples) return where(examples.error());
  const Value given = spec.config.value("instructions", Value());
  std::string instructions = given.is_string() ? given.get<std::string>() : InstructionsFrom(schema);
  TRY_ASSIGN(auto engine, generate::LoadEngine(spec, spec.slots > 0 ? spec.slots : kDefaultSlots));
  TRY_ASSIGN(auto env, engine->grammar_env());
  // says at start what would fail at the first step
  if (auto grammar = text::Grammar::FromJsonSchema(schema, env); !grammar) return where(grammar.error());
  return std::make_unique<Extract>(std::move(engine), std::move(env), std::move(schema), std::move(instructions),
                                   std::move(*examples), spec);
}

}  // namespace troupe::extract
