// A student that learns without a person, decided: rounds of enough new lessons, training, a canary, and promotion or
// the way back. Built as the core is: what happened is written down and folded, and what to do next follows from that
// and from what is seen of the router; so whoever was killed goes on where it was.
//
// Pure: no clock, no IO. Owner: `troupe learn loop` (router/cli/learn_loop.h), which writes each event down before it
// acts on it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace troupe::learn {

struct LoopRule {
  // A round begins once there are so many lessons after the last one that was used.
  int64_t every = 200;
  // A canary becomes current once so many tasks have ended on it, and once its student gave so many answers and so many
  // of those were checked: before that the router does not judge it (rollout::CanaryRule).
  int64_t promote_after = 500;
  int64_t min_answers = 50;
  int64_t min_checks = 20;
};

// What happened, each of one round; rounds count from 1.
struct Begun {
  int round = 0;
  // The last lesson that is used, and how many are new.
  int64_t last_lesson = 0;
  int64_t lessons = 0;
};
// The gate has refused what was learnt.
struct Refused {
  int round = 0;
  std::string why;
};
// A new student is there: its model's folder, and from which confidence on its teacher is to be asked.
struct Learnt {
  int round = 0;
  std::string model;
  double below = 0.0;
};
// It is handed to the router in that version of the graph. Written before it is, so that it is handed over once.
struct Offered {
  int round = 0;
  std::string version;
};
struct Ended {
  int round = 0;
  enum class How { kPromoted, kRolledBack, kReplaced } how = How::kPromoted;
  std::string why;
};
// It had been promoted, and somebody has gone back from it.
struct Reverted {
  int round = 0;
  std::string why;
};
using Event = std::variant<Begun, Refused, Learnt, Offered, Ended, Reverted>;

struct Round {
  int number = 0;
  enum class Phase { kLearning, kRefused, kLearnt, kOffered, kPromoted, kRolledBack, kReplaced, kReverted };
  Phase phase = Phase::kLearning;
  int64_t last_lesson = 0;
  int64_t lessons = 0;
  std::string model;
  double below = 0.0;
  std::string version;
  // Why it was refused or gone back from.
  std::string why;
};

struct LoopState {
  // Oldest first; all but the last have ended.
  std::vector<Round> rounds;
  int64_t last_lesson() const { return rounds.empty() ? 0 : rounds.back().last_lesson; }
};

// False for an event that does not follow on the state.
bool Fold(LoopState& state, const Event& event);

// What is seen of lessons and router now.
struct Seen {
  // After the last lesson that was used.
  int64_t new_lessons = 0;
  int64_t newest_lesson = 0;
  // The graph's versions; `canary` is empty for none.
  std::string current;
  std::string canary;
  int64_t ended_on_canary = 0;
  int64_t answers_on_canary = 0;
  int64_t checked_on_canary = 0;
  // The version of the last round, where there is one: whether the router ever had it, and why it was gone back from.
  bool was_handed_over = false;
  std::optional<std::string> rolled_back;
};

// What to do.
struct Wait {};
// Lessons are to be exported and learnt from.
struct Train {
  Round round;
};
// The student is to be put into a version of the graph and handed over as a canary.
struct Offer {
  Round round;
};
struct Promote {
  std::string version;
};
// Nothing but to write it down.
struct Note {
  Event event;
};
using Action = std::variant<Wait, Train, Offer, Promote, Note>;

Action Next(const LoopRule& rule, const LoopState& state, const Seen& seen);

// "learning", "refused", "promoted", ...
const char* PhaseName(Round::Phase phase);

}  // namespace troupe::learn
