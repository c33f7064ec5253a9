#include "router/answers/compare.h"

#include <cmath>
#include <utility>
#include <vector>

#include "router/answers/background.h"
#include "router/answers/embedding.h"
#include "router/answers/words.h"
#include "router/cache/guard.h"

namespace troupe::answers {
namespace {

double Cosine(const std::vector<float>& one, const std::vector<float>& other) {
  double product = 0.0, squares = 0.0, others = 0.0;
  for (size_t i = 0; i < one.size(); ++i) {
    product += static_cast<double>(one[i]) * other[i];
    squares += static_cast<double>(one[i]) * one[i];
    others += static_cast<double>(other[i]) * other[i];
  }
  const double scale = std::sqrt(squares * others);
  return scale > 0.0 ? product / scale : 0.0;
}

}  // namespace

void Compare(const World& world, const StepJob& job, const dispatch::StepOrder& order, const cache::Entry& given,
             const cache::Entry& own, std::function<void(bool same)> done) {
  const bool is_equal = given.answer_digest == own.answer_digest;
  if (is_equal || job.rule->semantic->judge != graph::CacheRule::Judge::kAlike) return done(is_equal);
  const std::vector<std::string> texts{StreamedText(ParseValue(given.answer).value_or(Value())),
                                       StreamedText(ParseValue(own.answer).value_or(Value()))};
  if (texts[0].empty() || texts[1].empty()) return;
  // a fact that differs needs no vectors; other words are what is expected
  const cache::GuardVerdict verdict = cache::Compare(texts[0], texts[1]);
  if (!verdict.passes() && verdict.check != cache::GuardCheck::kWords) return done(false);
  auto embedded = [done = std::move(done)](const Result<Value>& output, const core::Usage&) {
    if (!output) return;
    const std::vector<std::vector<float>> vectors = VectorsOf(*output, 2);
    if (!vectors.empty()) done(Cosine(vectors[0], vectors[1]) >= kAlikeFrom);
  };
  // dispatch has it in hand until it is answered
  (void)Embed(world.start, ForNobody(order), job, "/answers", texts, std::move(embedded));
}

}  // namespace troupe::answers
