#include "router/cache/match.h"

#include <algorithm>
#include <cstdio>

namespace troupe::cache {
namespace {

bool IsPlainFact(GuardCheck check) {
  return check == GuardCheck::kNumbers || check == GuardCheck::kDates || check == GuardCheck::kMoney ||
         check == GuardCheck::kNames || check == GuardCheck::kCodes;
}

// The nearest one with another answer.
int RivalOf(size_t candidate, std::span<const Neighbour> neighbours, const std::vector<Judged>& judged) {
  for (size_t i = 0; i < neighbours.size(); ++i) {
    if (neighbours[i].answer != neighbours[candidate].answer && !IsPlainFact(judged[i].verdict.check)) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

std::string Digits(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.3f", value);
  return text;
}

}  // namespace

Match Choose(std::string_view question, std::span<const Neighbour> neighbours, const MatchOptions& options) {
  Match match;
  if (neighbours.empty()) return match;
  const auto reading = Read(question);
  if (!reading) {
    match.outcome = Outcome::kUnreadable;
    match.reason = reading.error().message;
    return match;
  }
  for (const Neighbour& neighbour : neighbours) {
    const auto other = Read(neighbour.question);
    match.judged.push_back(
        {other ? Compare(*reading, *other) : GuardVerdict{GuardCheck::kReadable, {}, other.error().message}});
  }
  for (size_t i = 0; i < neighbours.size(); ++i) {
    Judged& judged = match.judged[i];
    judged.rival = RivalOf(i, neighbours, match.judged);
    judged.score = neighbours[i].similarity;
    if (judged.rival >= 0) {
      const double rival = neighbours[static_cast<size_t>(judged.rival)].similarity;
      judged.score -= options.rivalry * std::max(0.0, rival - options.rival_from);
    }
    if (judged.verdict.passes() && (match.chosen < 0 || judged.score > match.score())) {
      match.chosen = static_cast<int>(i);
    }
  }
  match.outcome = match.chosen < 0                     ? Outcome::kGuarded
                  : match.score() >= options.threshold ? Outcome::kHit
                                                       : Outcome::kTooFar;
  return match;
}

std::string ToString(const Match& match, const MatchOptions& options) {
  const std::string scores = "score " + Digits(match.score()) + " of " + Digits(options.threshold);
  switch (match.outcome) {
    case Outcome::kHit:
      return "hit: " + scores;
    case Outcome::kEmpty:
      return "miss: no earlier question";
    case Outcome::kUnreadable:
      return "miss: " + match.reason;
    case Outcome::kGuarded:
      return "miss: the guard spoke against all " + std::to_string(match.judged.size()) +
             "; nearest: " + ToString(match.judged[0].verdict);
    case Outcome::kTooFar:
      return "miss: " + scores + (match.judged[static_cast<size_t>(match.chosen)].rival >= 0 ? ", with a rival" : "");
  }
  return {};
}

}  // namespace troupe::cache
