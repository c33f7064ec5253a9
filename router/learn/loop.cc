#include "router/learn/loop.h"

#include <utility>

namespace troupe::learn {
namespace {

using Phase = Round::Phase;

bool IsOver(const Round& round) {
  return round.phase != Phase::kLearning && round.phase != Phase::kLearnt && round.phase != Phase::kOffered;
}

// The last round, where it is that one and in that phase; null otherwise.
Round* InPhase(LoopState& state, int number, Phase phase) {
  if (state.rounds.empty()) return nullptr;
  Round& last = state.rounds.back();
  return last.number == number && last.phase == phase ? &last : nullptr;
}

bool FoldOne(LoopState& state, const Begun& begun) {
  const int next = state.rounds.empty() ? 1 : state.rounds.back().number + 1;
  if (begun.round != next || (!state.rounds.empty() && !IsOver(state.rounds.back()))) return false;
  state.rounds.push_back({.number = begun.round, .last_lesson = begun.last_lesson, .lessons = begun.lessons});
  return true;
}

bool FoldOne(LoopState& state, const Refused& refused) {
  Round* round = InPhase(state, refused.round, Phase::kLearning);
  if (round == nullptr) return false;
  round->phase = Phase::kRefused;
  round->why = refused.why;
  return true;
}

bool FoldOne(LoopState& state, const Learnt& learnt) {
  Round* round = InPhase(state, learnt.round, Phase::kLearning);
  if (round == nullptr) return false;
  round->phase = Phase::kLearnt;
  round->model = learnt.model;
  round->below = learnt.below;
  return true;
}

bool FoldOne(LoopState& state, const Offered& offered) {
  Round* round = InPhase(state, offered.round, Phase::kLearnt);
  if (round == nullptr) return false;
  round->phase = Phase::kOffered;
  round->version = offered.version;
  return true;
}

bool FoldOne(LoopState& state, const Ended& ended) {
  Round* round = InPhase(state, ended.round, Phase::kOffered);
  if (round == nullptr) return false;
  round->phase = ended.how == Ended::How::kPromoted     ? Phase::kPromoted
                 : ended.how == Ended::How::kRolledBack ? Phase::kRolledBack
                                                        : Phase::kReplaced;
  round->why = ended.why;
  return true;
}

bool FoldOne(LoopState& state, const Reverted& reverted) {
  Round* round = InPhase(state, reverted.round, Phase::kPromoted);
  if (round == nullptr) return false;
  round->phase = Phase::kReverted;
  round->why = reverted.why;
  return true;
}

// Whether the canary has done so much that the router would have gone back from one that is worse.
bool WasJudged(const LoopRule& rule, const Seen& seen) {
  return seen.ended_on_canary >= rule.promote_after && seen.answers_on_canary >= rule.min_answers &&
         seen.checked_on_canary >= rule.min_checks;
}

// What becomes of a student that was handed over.
Action OnTrial(const LoopRule& rule, const Round& round, const Seen& seen) {
  const auto ends = [&round](Ended::How how, std::string why) {
    return Note{Ended{round.number, how, std::move(why)}};
  };
  if (round.version == seen.current) return ends(Ended::How::kPromoted, "");
  if (round.version == seen.canary) {
    if (WasJudged(rule, seen)) return Promote{round.version};
    return Wait{};
  }
  if (seen.rolled_back) return ends(Ended::How::kRolledBack, *seen.rolled_back);
  // killed between writing that down and doing it; what somebody else tries out meanwhile comes first
  if (!seen.was_handed_over) return seen.canary.empty() ? Action(Offer{round}) : Action(Wait{});
  return ends(Ended::How::kReplaced, "another version was applied");
}

}  // namespace

bool Fold(LoopState& state, const Event& event) {
  return std::visit([&state](const auto& one) { return FoldOne(state, one); }, event);
}

Action Next(const LoopRule& rule, const LoopState& state, const Seen& seen) {
  if (!state.rounds.empty()) {
    const Round& last = state.rounds.back();
    if (last.phase == Phase::kLearning) return Train{last};
    if (last.phase == Phase::kOffered) return OnTrial(rule, last, seen);
    if (last.phase == Phase::kPromoted && seen.rolled_back) return Note{Reverted{last.number, *seen.rolled_back}};
    // what somebody else tries out comes first
    if (last.phase == Phase::kLearnt) return seen.canary.empty() ? Action(Offer{last}) : Action(Wait{});
  }
  if (seen.new_lessons < rule.every) return Wait{};
  const int number = state.rounds.empty() ? 1 : state.rounds.back().number + 1;
  return Note{Begun{number, seen.newest_lesson, seen.new_lessons}};
}

const char* PhaseName(Phase phase) {
  switch (phase) {
    case Phase::kLearning:
      return "learning";
    case Phase::kRefused:
      return "refused";
    case Phase::kLearnt:
      return "learnt";
    case Phase::kOffered:
      return "on trial";
    case Phase::kPromoted:
      return "promoted";
    case Phase::kRolledBack:
      return "rolled back";
    case Phase::kReplaced:
      return "replaced";
    case Phase::kReverted:
      return "reverted";
  }
  return "unknown";
}

}  // namespace troupe::learn
