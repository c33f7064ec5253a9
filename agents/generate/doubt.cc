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
  const Value again = config.value("askAgain", Value());
  TRY_ASSIGN(text::Template compiled,
             text::Template::Compile(
                 "askAgain", again.is_string() ? again.get<std::string>() : "{{ answer.text }}\n\n{{ prompt }}"));
  doubt.again_ = std::make_shared<const text::Template>(std::move(compiled));
  return std::make_shared<const Doubt>(std::move(doubt));
}

bool Doubt::IsUnsure(std::span<const float> logprobs) const {
  if (logprobs.empty()) return false;
  double sum = 0;
  for (const float logprob : logprobs) sum += logprob;
  return std::exp(sum / static_cast<double>(logprobs.size())) < below_;
}

Result<Value> Doubt::Question(const std::string& prompt, const std::string& draft) const {
  return Render(input_, {{"prompt", prompt}, {"draft", draft}}, 0);
}

Result<std::string> Doubt::Prompt(const std::string& prompt, const std::string& draft, const Value& answer) const {
  return again_->Render({{"prompt", prompt}, {"draft", draft}, {"answer", answer}});
}

}  // namespace troupe::generate
