// When an agent that writes asks a peer, and what the two then say to each other: it writes the beginning of a draft,
// and where its own probabilities for those tokens are low it asks, and writes again from a prompt that holds the
// answer. Pure; owned by the kind, read from any thread.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "runtime/base/error.h"
#include "runtime/base/value.h"
#include "runtime/text/template.h"

namespace troupe::generate {

class Doubt {
 public:
  // From a generate agent's configuration; null where it names no peer. Errors: INVALID_ARGUMENT naming the field.
  static Result<std::shared_ptr<const Doubt>> Read(const Value& config);

  const std::string& peer() const { return peer_; }
  // Tokens of the draft that are looked at.
  int32_t draft_tokens() const { return draft_tokens_; }

  // True where the geometric mean of the tokens' probabilities is below what the configuration says. `logprobs` are
  // natural logarithms; an empty draft is sure.
  bool IsUnsure(std::span<const float> logprobs) const;

  // What the model's own question fits; nothing where the graph says what is asked.
  const std::optional<Value>& schema() const { return schema_; }
  // Tokens that question may have.
  int32_t question_tokens() const { return question_tokens_; }
  // What the model is told to make it ask. Errors: INVALID_ARGUMENT where the template cannot be rendered.
  Result<std::string> SelfPrompt(const std::string& prompt, const std::string& draft) const;

  // What the peer is given, where there is no schema. Errors: INVALID_ARGUMENT where a template cannot be rendered.
  Result<Value> Question(const std::string& prompt, const std::string& draft) const;
  // The prompt of the second writing. Errors: the same.
  Result<std::string> Prompt(const std::string& prompt, const std::string& draft, const Value& answer) const;

 private:
  Doubt() = default;

  std::string peer_;
  double below_ = 0;
  int32_t draft_tokens_ = 0;
  Value input_;
  std::optional<Value> schema_;
  int32_t question_tokens_ = 0;
  std::shared_ptr<const text::Template> self_;
  std::shared_ptr<const text::Template> again_;
};

}  // namespace troupe::generate
