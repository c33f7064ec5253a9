// A step of an agent that asks a peer where it is unsure: it writes the beginning of its text unseen, and goes on with
// it where it is sure. Where it is not, it asks (in words of the graph's, or of its own that fit a JSON Schema), and
// writes again from a prompt that holds the answer. Where nobody answers, or its own question does not come to an end,
// it goes on with the draft. Owned by the kind; runs on the model thread and on the one that brings the answer.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agents/generate/doubt.h"
#include "agents/generate/writer.h"

namespace troupe::generate {

class Consult {
 public:
  // Both outlive it.
  Consult(const Writer& writer, const Doubt& doubt) : writer_(writer), doubt_(doubt) {}

  // Ends the step.
  void Work(std::shared_ptr<host::Step> step, Pass pass) const;

 private:
  // What is written of a text that nobody has seen yet.
  struct Draft {
    std::string text;
    std::vector<float> logprobs;
    // Set where it is all there is to say: how it ended.
    std::optional<std::string> finish;
  };

  void OnDraft(std::shared_ptr<host::Step> step, Draft draft, Pass pass) const;
  // Goes on after the draft without an answer. What clients have seen of a step that was sent again comes first.
  void GoOn(std::shared_ptr<host::Step> step, Draft draft, Pass pass) const;
  // Lets the model write its question.
  void Compose(std::shared_ptr<host::Step> step, Draft draft, Pass pass) const;
  void Ask(std::shared_ptr<host::Step> step, Draft draft, Pass pass, const Value& question) const;
  void WriteAgain(std::shared_ptr<host::Step> step, const Draft& draft, Pass pass, Value answer) const;

  const Writer& writer_;
  const Doubt& doubt_;
};

}  // namespace troupe::generate
