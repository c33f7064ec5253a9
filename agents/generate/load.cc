#include "agents/generate/load.h"

#include <algorithm>
#include <utility>

namespace troupe::generate {
namespace {

// The spellings of special tokens, longest first, so that none is left when a shorter one is taken out of its middle.
std::vector<std::string> SpecialSpellings(const text::Tokenizer& tokenizer) {
  std::vector<std::string> spellings;
  for (text::TokenId id = 0; id < tokenizer.vocab_size(); ++id) {
    if (tokenizer.IsSpecial(id) && !tokenizer.TokenName(id).empty()) spellings.emplace_back(tokenizer.TokenName(id));
  }
  std::sort(spellings.begin(), spellings.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
  return spellings;
}

// Repeats until nothing is found: taking one out may put the pieces of another together.
void TakeOut(std::string& text, const std::vector<std::string>& spellings) {
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
  TRY_ASSIGN(auto engine, engine::Engine::Load(spec.model_path, options));
  TRY(host::CheckModelDigest(spec, engine->info().digest));
  return engine;
}

Result<std::vector<text::TokenId>> EncodeChat(const engine::Engine& engine, std::vector<text::ChatMessage> messages) {
  if (engine.chat_template() == nullptr) {
    return FailedPrecondition("the model " + engine.info().name + " has no chat template: set `format: plain`");
  }
  const auto tokenizer = engine.tokenizer();
  const std::vector<std::string> spellings = SpecialSpellings(*tokenizer);
  for (text::ChatMessage& message : messages) TakeOut(message.content, spellings);
  TRY_ASSIGN(const std::string prompt, engine.chat_template()->Render(messages));
  return tokenizer->Encode(prompt, text::Specials::kInText);
}

Result<std::vector<text::TokenId>> EncodePlain(const engine::Engine& engine, const std::string& text) {
  std::string plain = text;
  TakeOut(plain, SpecialSpellings(*engine.tokenizer()));
  return engine.tokenizer()->Encode(plain, text::Specials::kAdd);
}

host::Usage UsageOf(const engine::Usage& usage) {
  return {usage.prompt_tokens, usage.generated_tokens,
          static_cast<int64_t>((usage.prefill_ms + usage.decode_ms) * 1000)};
}

}  // namespace troupe::generate
