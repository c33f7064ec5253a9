#include "agents/generate/doubt.h"

#include <cmath>
#include <utility>

namespace troupe::generate {
namespace {

constexpr int kMaxDepth = 16;

// The value with its texts rendered. A lone {{ }} keeps its type, as in a graph.
Result<Value> Render(const Value& value, const Value& names, int depth) {
  if (depth > kMaxDepth) return Invalid("askInput: nested too deep");
  if (value.is_string()) {
    TRY_ASSIGN(const text::Template text, text::Template::Compile("askInput", value.get_ref<const std::string&>()));
    return text.Evaluate(names);
  }
  if (!value.is_structured()) return value;
  Value out = value;
  for (auto& item : out) {
    TRY_ASSIGN(item, Render(item, names, depth + 1));
  }
  return out;
}

Result<std::shared_ptr<const text::Template>> Compile(const Value& config, const char* key, const char* usual) {
  const Value given = config.value(key, Value());
  TRY_ASSIGN(text::Template compiled,
             text::Template::Compile(key, given.is_string() ? given.get<std::string>() : std::string(usual)));
  return std::make_shared<const text::Template>(std::move(compiled));
}

}  // namespace

Result<std::shared_ptr<const Doubt>> Doubt::Read(const Value& config) {
  const Value peer = config.value("askPeer", Value());
  if (!peer.is_string()) return std::shared_ptr<const Doubt>();
  Doubt doubt;
  doubt.peer_ = peer.get<std::string>();
  doubt.below_ = config.value("askBelow", 0.5);
  doubt.draft_tokens_ = config.value("askAfter", 16);
  doubt.input_ = config.value("askInput", Value());
  if (doubt.input_.is_null()) doubt.input_ = Value{{"prompt", "{{ prompt }}"}};
  TRY(Render(doubt.input_, {{"prompt", ""}, {"draft", ""}}, 0));
  TRY_ASSIGN(doubt.again_, Compile(config, "askAgain", "{{ answer.text }}\n\n{{ prompt }}"));
  TRY_ASSIGN(doubt.self_, Compile(config, "askPrompt", "{{ prompt }}\n\nWhat must be known to answer this?"));
  TRY(doubt.SelfPrompt("", ""));
  doubt.question_tokens_ = config.value("askTokens", 64);
  if (Value schema = config.value("askSchema", Value()); !schema.is_null()) {
    if (!config.value("askInput", Value()).is_null()) {
      return Invalid("askSchema: the agent has an askInput too; leave one of them out");
    }
    if (schema.is_string()) {
      auto parsed = ParseValue(schema.get<std::string>());
      if (!parsed) return Invalid("askSchema: " + parsed.error().message);
      schema = std::move(*parsed);
    }
    if (!schema.is_object()) return Invalid("askSchema: must be a JSON Schema");
    doubt.schema_ = std::move(schema);
  }
  return std::make_shared<const Doubt>(std::move(doubt));
}

bool Doubt::IsUnsure(std::span<const float> logprobs) const {
  if (logprobs.empty()) return false;
  double sum = 0;
  for (const float logprob : logprobs) sum += logprob;
  return std::exp(sum / static_cast<double>(logprobs.size())) < below_;
}

Result<std::string> Doubt::SelfPrompt(const std::string& prompt, const std::string& draft) const {
  return self_->Render({{"prompt", prompt}, {"draft", draft}});
}

Result<Value> Doubt::Question(const std::string& prompt, const std::string& draft) const {
  return Render(input_, {{"prompt", prompt}, {"draft", draft}}, 0);
}

Result<std::string> Doubt::Prompt(const std::string& prompt, const std::string& draft, const Value& answer) const {
  return again_->Render({{"prompt", prompt}, {"draft", draft}, {"answer", answer}});
}

}  // namespace troupe::generate
