// Which earlier question, if any, answers a new one: the decision of the semantic cache, on what its index found. An
// earlier question counts by its similarity, less what a rival takes away: a question nearly as close whose answer is
// another one says that this is a place where close is not close enough. Questions that the guard keeps apart by a
// plain fact (another number, date, amount, name or code) are no rivals: why their answers differ is known.
//
// Pure: told by `troupe cache explain` as it was decided.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "router/cache/guard.h"

namespace troupe::cache {

struct Neighbour {
  // Cosine of the two questions' vectors, from exact vectors.
  double similarity = 0.0;
  std::string question;
  // The digest of its answer: equal answers support each other, others are rivals.
  std::string answer;
};

struct MatchOptions {
  // What a score must reach. ThresholdLearner moves it.
  double threshold = 0.82;
  // How much of a rival's similarity above `rival_from` is taken off.
  double rivalry = 0.75;
  double rival_from = 0.6;
};

// How many neighbours the decision wants to see. With fewer, rivals are missed; more of them are too far to tell.
constexpr int kNeighbours = 5;

struct Judged {
  GuardVerdict verdict;
  // The similarity less the rival's part.
  double score = 0.0;
  // The neighbour that took something off; -1 for none.
  int rival = -1;
};

enum class Outcome : uint8_t { kHit, kEmpty, kUnreadable, kGuarded, kTooFar };

struct Match {
  Outcome outcome = Outcome::kEmpty;
  // The neighbour that answers, or came nearest to; -1 where none passed the guard.
  int chosen = -1;
  // For each neighbour that was given.
  std::vector<Judged> judged;
  // Of kUnreadable: why the question cannot be judged.
  std::string reason;

  bool hit() const { return outcome == Outcome::kHit; }
  double score() const { return chosen < 0 ? 0.0 : judged[static_cast<size_t>(chosen)].score; }
};

// Neighbours come nearest first; the same input gives the same match.
Match Choose(std::string_view question, std::span<const Neighbour> neighbours, const MatchOptions& options = {});

// One line for people: "hit: score 0.91 of 0.82"; "miss: the guard spoke against all 5; nearest: numbers: ...".
std::string ToString(const Match& match, const MatchOptions& options);

}  // namespace troupe::cache
