#include "agents/generate/orders.h"

#include <string>

namespace troupe::generate {

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

Result<std::shared_ptr<const text::Grammar>> GrammarOf(const engine::Engine& engine, const Value& input,
                                                       std::shared_ptr<const text::Grammar> usual) {
  const Value schema = input.value("schema", Value());
  if (schema.is_null()) return usual;
  if (!schema.is_object()) return Invalid("input.schema: must be a JSON Schema");
  TRY_ASSIGN(const auto env, engine.grammar_env());
  text::JsonOptions options;
  if (const Value copy = input.value("copy", Value()); copy.is_string()) options.copy_source = copy;
  auto grammar = text::Grammar::FromJsonSchema(schema, env, options);
  if (!grammar) return Error{grammar.error().code, "input.schema: " + grammar.error().message};
  return grammar;
}

}  // namespace troupe::generate
