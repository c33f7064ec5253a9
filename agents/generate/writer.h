// Writes texts of one generate agent: a step's prompt to the engine, the text streamed back as it grows. Owned by the
// kind, outlives the steps it works on; callbacks run on the model thread, one after another.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agents/host/kind.h"
#include "runtime/engine/engine.h"
#include "runtime/text/grammar.h"

namespace troupe::generate {

// One writing of a step.
struct Pass {
  std::vector<text::TokenId> prompt;
  // Goes on after it; counts against max_new_tokens.
  std::string committed_text;
  int32_t max_new_tokens = 0;
  // What it cost before this.
  host::Usage spent;
  // Set where it may ask: whether it has.
  std::optional<bool> asked;
  // What the peer answered, where it has asked.
  Value heard;
};

class Writer {
 public:
  // `grammar` is what every text fits unless its step says otherwise; null where texts are free.
  Writer(engine::Engine& engine, std::shared_ptr<const text::Grammar> grammar, const Value& config);

  // The writing that a step asks for. Errors: INVALID_ARGUMENT naming the field; FAILED_PRECONDITION for a model
  // without a chat template.
  Result<Pass> PassFor(const host::Step& step) const;

  // Streams the text and ends the step.
  void Write(std::shared_ptr<host::Step> step, Pass pass) const;

  // Gives the writing to the engine; ends the step where that cannot be done, and cancels it with the step. `sampling`
  // stands in place of the agent's own.
  void Start(const std::shared_ptr<host::Step>& step, const Pass& pass, const engine::SamplingParams& sampling,
             engine::Callbacks callbacks) const;
  // The same, for a text that fits `grammar`, not what the step asks for.
  void StartConstrained(const std::shared_ptr<host::Step>& step, const Pass& pass, const text::Grammar& grammar,
                        engine::Callbacks callbacks) const;

  // The step's prompt as tokens; `replaced` stands in place of it, or of a conversation's last turn. Errors: as
  // PassFor.
  Result<std::vector<text::TokenId>> Encode(const host::Step& step, std::optional<std::string> replaced) const;
  // What templates call `prompt`: a step's prompt, or its last turn.
  std::string PromptText(const host::Step& step) const;

  const engine::SamplingParams& sampling() const { return sampling_; }
  // Errors: FAILED_PRECONDITION for a tokeniser that no grammar can be compiled for.
  Result<std::shared_ptr<const text::GrammarEnv>> grammar_env() const { return engine_.grammar_env(); }

 private:
  void Send(const std::shared_ptr<host::Step>& step, const Pass& pass, engine::Request request,
            engine::Callbacks callbacks) const;

  engine::Engine& engine_;
  const std::shared_ptr<const text::Grammar> grammar_;
  const Value config_;
  const engine::SamplingParams sampling_;
};

host::Usage Sum(const host::Usage& a, const host::Usage& b);

}  // namespace troupe::generate
