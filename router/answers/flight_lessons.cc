// What an answer teaches of how near is near enough: one that was given by meaning, and one that was made anew beside
// an earlier question that was near.
#include <utility>

#include "router/answers/compare.h"
#include "router/answers/flight.h"
#include "router/answers/flights.h"

namespace troupe::answers {

using Judge = graph::CacheRule::Judge;

void Flight::Check(const cache::Entry& given) {
  const double score = looked_->match.score();
  // a hit that nobody complains of was right
  if (job_.rule->semantic->judge == Judge::kPeople) {
    return world_.meanings.Learn(counted(), score, true, 1.0);
  }
  const double weight = world_.meanings.WeightOfCheck(counted());
  if (weight == 0.0) return;
  dispatch::StepOrder order = CurrentOrder();
  // the agent answers this question too, and where it says something else the given answer was wrong
  auto on_kept = [&world = world_, counted = counted(), given, job = job_, order, score,
                  weight](const cache::Entry& own) {
    Compare(world, job, order, given, own, [&world, counted, score, weight](bool right) {
      world.counts.Checked(counted, right);
      world.meanings.Learn(counted, score, right, weight);
    });
  };
  world_.flights.InBackground(world_, key_, std::move(order), job_, std::move(on_kept));
}

void Flight::Learn(const cache::Entry& entry) {
  if (!looked_) return;
  world_.meanings.Keep(key_, job_.text, looked_->vector, entry.answer_digest);
  const cache::Neighbour* near = looked_->Nearest();
  if (near == nullptr || job_.rule->semantic->judge == Judge::kPeople) return;
  const double score = looked_->match.score();
  if (near->answer == entry.answer_digest || job_.rule->semantic->judge == Judge::kEqual) {
    return world_.meanings.Learn(counted(), score, near->answer == entry.answer_digest, 1.0);
  }
  // what is farther teaches nothing, and is not worth a call
  if (near->similarity < cache::ThresholdOptions().lowest) return;
  world_.tiers.Find(looked_->AnswerKey(),
                    [self = shared_from_this(), entry, score](const Result<std::optional<cache::Entry>>& earlier) {
                      if (earlier && *earlier) self->LearnFrom(**earlier, entry, score);
                    });
}

void Flight::LearnFrom(const cache::Entry& earlier, const cache::Entry& own, double score) {
  Compare(
      world_, job_, CurrentOrder(), earlier, own,
      [&world = world_, counted = counted(), key = key_.key, digest = earlier.answer_digest, own, score](bool right) {
        world.meanings.Learn(counted, score, right, 1.0);
        if (!right) return;
        // answers that say the same are no rivals
        cache::Entry same = own;
        same.answer_digest = digest;
        world.meanings.SetDigest(key, digest);
        world.tiers.Set(key, std::move(same));
      });
}

}  // namespace troupe::answers
