// Why a step's question would be answered as it would be now.
#include <utility>

#include "router/answers/answers.h"
#include "router/answers/embedding.h"
#include "router/answers/words.h"

namespace troupe::answers {
namespace {

using Explained = Answers::Explained;

Explained Tell(const Meanings::Looked& looked) {
  const cache::MatchOptions options{.threshold = looked.threshold};
  Explained out{.hit = looked.answer.has_value(), .why = cache::ToString(looked.match, options)};
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
  const StepKey key = KeyOf(order, job, *model, PurgedOf(order.graph, job.step));
  if (const auto entry = store_.Find(key.key)) {
    return done({.hit = true, .why = "hit: " + ReasonOf(Hit::kExact, *entry, clock_.NowMs())});
  }
  if (const std::string why = WhyNotByMeaning(job, key); !why.empty()) {
    return done({.why = "miss: nobody has asked the same; " + why});
  }
  auto embedded = [this, job, key, done](Result<Value> output, const core::Usage&) {
    if (!output) return done({.why = "miss: no vector for the question: " + output.error().message});
    const auto looked = meanings_.Look(job, key, *output, store_);
    done(looked ? Tell(*looked) : Explained{.why = "miss: agent " + job.rule->semantic->agent + " gave no vector"});
  };
  // the router has it in hand until it is answered: gRPC's call waits for it, and dispatch for its steps
  (void)Embed(backend_.start, std::move(order), job, std::move(embedded));
}

Explained Answers::ExplainGraph(const GraphQuestion& question) {
  const std::string name = NameOf(question);
  if (name.empty()) {
    return {.why =
                "miss: nothing is kept (--cache-memory 0), the answer is nobody's, or an agent has not been heard of"};
  }
  const auto entry = store_.Find(name);
  if (!entry) return {.why = "miss: nobody has asked the same"};
  return {.hit = true,
          .why = "hit: " + ReasonOf(Hit::kExact, *entry, clock_.NowMs()) + "; task " +
                 std::string(Unwrap(entry->answer).task_id) + " made it"};
}

}  // namespace troupe::answers
