#include "agents/generate/consult.h"

#include <algorithm>
#include <utility>

#include "agents/generate/load.h"

namespace troupe::generate {

void Consult::Work(std::shared_ptr<host::Step> step, Pass pass) const {
  auto draft = std::make_shared<Draft>();
  engine::Callbacks callbacks;
  callbacks.on_delta = [draft](engine::Delta delta) {
    draft->text += delta.text;
    for (const auto& token : delta.tokens) draft->logprobs.push_back(token.logprob);
  };
  Pass beginning = pass;
  beginning.committed_text.clear();
  beginning.max_new_tokens = std::min(pass.max_new_tokens, doubt_.draft_tokens());
  const bool is_whole = beginning.max_new_tokens == pass.max_new_tokens;
  callbacks.on_done = [this, step, draft, is_whole, pass = std::move(pass)](engine::Completion done) mutable {
    pass.spent = UsageOf(done.usage);
    if (done.reason == engine::FinishReason::kCancelled) {
      return step->Fail(Cancelled("stopped while it wrote"), pass.spent);
    }
    const bool cut = done.reason == engine::FinishReason::kLength;
    if (!cut || is_whole) draft->finish = cut ? "length" : "stop";
    OnDraft(std::move(step), std::move(*draft), std::move(pass));
  };
  callbacks.on_error = [step](Error error) { step->Fail(std::move(error), {}); };
  engine::SamplingParams sampling = writer_.sampling();
  sampling.logprobs = std::max(sampling.logprobs, 1);
  writer_.Start(step, beginning, sampling, std::move(callbacks));
}

void Consult::OnDraft(std::shared_ptr<host::Step> step, Draft draft, Pass pass) const {
  const bool may_write_again = pass.spent.generated_tokens < pass.max_new_tokens;
  if (!may_write_again || !doubt_.IsUnsure(draft.logprobs)) {
    return GoOn(std::move(step), std::move(draft), std::move(pass));
  }
  if (doubt_.schema()) return Compose(std::move(step), std::move(draft), std::move(pass));
  const auto question = doubt_.Question(writer_.PromptText(*step), draft.text);
  if (!question) return step->Fail(question.error(), pass.spent);
  Ask(std::move(step), std::move(draft), std::move(pass), *question);
}

void Consult::GoOn(std::shared_ptr<host::Step> step, Draft draft, Pass pass) const {
  pass.asked = false;
  const size_t seen = pass.committed_text.size();
  if (draft.text.starts_with(pass.committed_text) && (draft.finish || draft.text.size() > seen)) {
    if (draft.text.size() > seen) step->Delta(draft.text.substr(seen), pass.spent.generated_tokens);
    if (draft.finish) {
      return step->Done({{"text", std::move(draft.text)},
                         {"finish", *draft.finish},
                         {"tokens", pass.spent.generated_tokens},
                         {"asked", false},
                         {"heard", nullptr}},
                        pass.spent);
    }
    pass.committed_text = std::move(draft.text);
  }
  writer_.Write(std::move(step), std::move(pass));
}

void Consult::Compose(std::shared_ptr<host::Step> step, Draft draft, Pass pass) const {
  const std::string prompt = writer_.PromptText(*step);
  const auto fail = [&](const Error& error) { step->Fail(error, pass.spent); };
  auto told = doubt_.SelfPrompt(prompt, draft.text);
  if (!told) return fail(told.error());
  Pass composing;
  auto encoded = writer_.Encode(*step, std::move(*told));
  if (!encoded) return fail(encoded.error());
  composing.prompt = std::move(*encoded);
  composing.max_new_tokens = std::min<int32_t>(doubt_.question_tokens(),
                                               pass.max_new_tokens - static_cast<int32_t>(pass.spent.generated_tokens));
  composing.spent = pass.spent;
  const auto env = writer_.grammar_env();
  if (!env) return fail(env.error());
  text::JsonOptions options;
  options.copy_source = prompt;
  const auto grammar = text::Grammar::FromJsonSchema(*doubt_.schema(), *env, options);
  if (!grammar) return fail(grammar.error());

  auto text = std::make_shared<std::string>();
  engine::Callbacks callbacks;
  callbacks.on_delta = [text](engine::Delta delta) { *text += delta.text; };
  callbacks.on_done = [this, step, text, draft = std::move(draft),
                       pass = std::move(pass)](engine::Completion done) mutable {
    pass.spent = Sum(pass.spent, UsageOf(done.usage));
    if (done.reason == engine::FinishReason::kCancelled) {
      return step->Fail(Cancelled("stopped while it wrote a question"), pass.spent);
    }
    const auto question = ParseValue(*text);
    // one that was cut asks nothing
    if (!question) return GoOn(std::move(step), std::move(draft), std::move(pass));
    Ask(std::move(step), std::move(draft), std::move(pass), *question);
  };
  callbacks.on_error = [step, spent = composing.spent](Error error) { step->Fail(std::move(error), spent); };
  writer_.StartConstrained(step, composing, **grammar, std::move(callbacks));
}

void Consult::Ask(std::shared_ptr<host::Step> step, Draft draft, Pass pass, const Value& question) const {
  auto answered = [this, step, draft = std::move(draft), pass = std::move(pass)](Result<Value> answer) mutable {
    if (step->cancelled()) return step->Fail(Cancelled("stopped while a peer was asked"), pass.spent);
    if (!answer) return GoOn(std::move(step), std::move(draft), std::move(pass));
    WriteAgain(std::move(step), draft, std::move(pass), std::move(*answer));
  };
  step->Ask(doubt_.peer(), question, std::move(answered));
}

void Consult::WriteAgain(std::shared_ptr<host::Step> step, const Draft& draft, Pass pass, Value answer) const {
  auto again = doubt_.Prompt(writer_.PromptText(*step), draft.text, answer);
  if (!again) return step->Fail(std::move(again).error(), pass.spent);
  auto encoded = writer_.Encode(*step, std::move(*again));
  if (!encoded) return step->Fail(std::move(encoded).error(), pass.spent);
  pass.prompt = std::move(*encoded);
  pass.max_new_tokens = std::max(1, pass.max_new_tokens - static_cast<int32_t>(pass.spent.generated_tokens));
  pass.asked = true;
  pass.heard = std::move(answer);
  writer_.Write(std::move(step), std::move(pass));
}

}  // namespace troupe::generate
