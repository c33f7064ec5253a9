// Why a step's question would be answered as it would be now.
#include <utility>

#include "router/answers/answers.h"
#include "router/answers/embedding.h"
#include "router/answers/words.h"

namespace troupe::answers {
namespace {

using Explained = Answers::Explained;

// `is_there`: the answer that matches is still kept.
Explained Tell(const Meanings::Looked& looked, bool is_there) {
  Explained out{.hit = is_there, .why = cache::ToString(looked.match, looked.options)};
  for (size_t i = 0; i < looked.match.judged.size(); ++i) {
    const cache::Judged& judged = looked.match.judged[i];
    out.near.push_back({.text = looked.neighbours[i].question,
                        .similarity = looked.neighbours[i].similarity,
                        .score = judged.score,
                        .guard = cache::ToString(judged.verdict)});
  }
  return out;
}

// Why answers are given to this question by nothing but its very words; empty where they may be.
std::string WhyNotByMeaning(const StepJob& job, const StepKey& key) {
  if (!job.rule->semantic) return "the step's 'cache' has no 'semantic'";
  if (key.meaning.empty()) return "the question is no text of the step's input, so what else is in it cannot be told";
  return IsReadable(job.text) ? "" : "the guard cannot read the question";
}

}  // namespace

void Answers::Explain(dispatch::StepOrder order, StepJob job, std::function<void(Explained)> done) {
  if (!on()) return done({.why = "miss: the router keeps no answers (--cache-memory 0)"});
  const Result<std::string> model = backend_.model_of(order.graph, order.agent);
  if (!model) return done({.why = "miss: " + model.error().message});
  if (job.rule->user && job.user.empty()) return done({.why = "miss: its 'user' is none, so the answer is nobody's"});
  const StepKey key = KeyOf(order, job, *model, purges_.Of(order.graph, job.step));
  tiers_.Find(key.key, [this, order = std::move(order), job = std::move(job), key,
                        done = std::move(done)](const Result<std::optional<cache::Entry>>& found) {
    if (found && *found) return done({.hit = true, .why = "hit: " + ReasonOf(Hit::kExact, **found, clock_.NowMs())});
    ExplainByMeaning(order, job, key, done);
  });
}

void Answers::ExplainByMeaning(const dispatch::StepOrder& order, const StepJob& job, const StepKey& key,
                               const std::function<void(Explained)>& done) {
  if (const std::string why = WhyNotByMeaning(job, key); !why.empty()) {
    return done({.why = "miss: nobody has asked the same; " + why});
  }
  auto embedded = [this, job, key, done](Result<Value> output, const core::Usage&) {
    if (!output) return done({.why = "miss: no vector for the question: " + output.error().message});
    const auto looked = meanings_.Look(job, key, *output);
    if (!looked) return done({.why = "miss: agent " + job.rule->semantic->agent + " gave no vector"});
    if (!looked->match.hit()) return done(Tell(*looked, false));
    tiers_.Find(looked->AnswerKey(), [looked, done](const Result<std::optional<cache::Entry>>& found) {
      done(Tell(*looked, found && *found));
    });
  };
  // the router has it in hand until it is answered: gRPC's call waits for it, and dispatch for its steps
  (void)Embed(backend_.start, order, job, "/meaning", {job.text}, std::move(embedded));
}

void Answers::ExplainGraph(const GraphQuestion& question, const std::function<void(Explained)>& done) {
  const std::string name = NameOf(question);
  if (name.empty()) {
    return done(
        {.why = "miss: nothing is kept (--cache-memory 0), the answer is nobody's, or an agent has not been heard of"});
  }
  tiers_.Find(name, [this, done](const Result<std::optional<cache::Entry>>& found) {
    const std::optional<Wrapped> wrapped = found && *found ? Unwrap((*found)->answer) : std::nullopt;
    if (!wrapped) return done({.why = "miss: nobody has asked the same"});
    done({.hit = true,
          .why = "hit: " + ReasonOf(Hit::kExact, **found, clock_.NowMs()) + "; task " + std::string(wrapped->task_id) +
                 " made it"});
  });
}

}  // namespace troupe::answers
