#include "agents/generate/load.h"

#include <span>
#include <utility>

namespace troupe::generate {
namespace {

// Repeats until nothing is found: taking one out may put the pieces of another together.
void TakeOut(std::string& text, std::span<const std::string> spellings) {
  for (bool found = true; found;) {
    found = false;
    for (const std::string& spelling : spellings) {
      for (size_t at = text.find(spelling); at != std::string::npos; at = text.find(spelling, at)) {
        text.erase(at, spelling.size());
        found = true;
      }
    }
  }
}

}  // namespace

Result<std::unique_ptr<engine::Engine>> LoadEngine(const host::Spec& spec, int slots) {
  if (spec.model_path.empty()) {
    return FailedPrecondition("agent \"" + spec.agent + "\" of kind " + spec.kind +
                              " needs a model: name one in the graph");
  }
  engine::EngineOptions options;
  options.max_sequences = slots;
  options.max_queued = slots;
  options.threads = spec.threads;
  options.device = spec.device;
  TRY_ASSIGN(options.compute, engine::ComputeIn(spec.config));
  if (!spec.config.value("speculate", true)) options.speculation = engine::Speculation::kOff;
  if (const Value adapter = spec.config.value("adapter", Value()); adapter.is_string()) {
    options.adapter = (spec.base_path / adapter.get<std::string>()).lexically_normal();
  }
  TRY_ASSIGN(auto engine, engine::Engine::Load(spec.model_path, options));
  TRY(host::CheckModelDigest(spec, engine->info().base_digest));
  return engine;
}

Result<std::vector<text::TokenId>> EncodeChat(const engine::Engine& engine, std::vector<text::ChatMessage> messages) {
  if (engine.chat_template() == nullptr) {
    return FailedPrecondition("the model " + engine.info().name + " has no chat template: set `format: plain`");
  }
  const auto tokenizer = engine.tokenizer();
  for (text::ChatMessage& message : messages) TakeOut(message.content, engine.special_spellings());
  TRY_ASSIGN(const std::string prompt, engine.chat_template()->Render(messages));
  return tokenizer->Encode(prompt, text::Specials::kInText);
}

Result<std::vector<text::TokenId>> EncodePlain(const engine::Engine& engine, const std::string& text) {
  std::string plain = text;
  TakeOut(plain, engine.special_spellings());
  return engine.tokenizer()->Encode(plain, text::Specials::kAdd);
}

host::Pages PagesOf(const engine::Engine& engine) {
  const engine::EngineStats stats = engine.Stats();
  return {stats.pages_total, stats.pages_free + stats.pages_cached};
}

host::Usage UsageOf(const engine::Usage& usage) {
  return {usage.prompt_tokens, usage.generated_tokens, static_cast<int64_t>(usage.device_ms * 1000)};
}

}  // namespace troupe::generate
