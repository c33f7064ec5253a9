// A graph's versions over time: which one is current, which one is tried out on a share of new tasks (the canary), and
// where going back leads. Built as the core is: a wish is decided on and gives an event; folding events in order gives
// the state, and decides nothing again. So a router that starts again is where it was, and the history is what
// happened.
//
// Pure: no clock, no IO, no lock. Owner: the gateway's Graphs, which writes each event down before it is folded.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/error.h"

namespace troupe::rollout {

struct CanaryRule {
  // Of a hundred new tasks so many run on it, 1 to 99.
  int percent = 0;
  // Nothing is judged before so many tasks have ended on it, nor its students before they gave so many answers.
  int64_t min_tasks = 50;
  // Percentage points by which its share of failed tasks may be higher than that of the current version's.
  int margin_percent = 5;
  // The same of the share of answers of which its students were unsure.
  int unsure_margin_percent = 10;
  // The same of the share of spot checks in which student and teacher differed, judged from so many checks on.
  int differing_margin_percent = 10;
  int64_t min_checks = 20;
  bool operator==(const CanaryRule&) const = default;
};

struct Applied {
  std::string version;
  // No client asked for it, the router was started with its file.
  bool at_start = false;
};
struct CanaryStarted {
  std::string version;
  CanaryRule rule;
  // Tasks with a larger number in the journal are counted.
  int64_t after_task = 0;
};
struct Promoted {
  std::string version;
};
struct RolledBack {
  std::string from;
  std::string to;
  std::string reason;
  bool automatic = false;
};
// The router was started with a file of this version and nothing came of it. Not written twice in a row.
struct StartFileSeen {
  std::string version;
};
using What = std::variant<Applied, CanaryStarted, Promoted, RolledBack, StartFileSeen>;

struct Event {
  UnixMs time_ms = 0;
  What what;
};

struct Canary {
  std::string version;
  CanaryRule rule;
  int64_t after_task = 0;
  UnixMs started_ms = 0;
};

struct Rollout {
  // Empty where none was applied yet.
  std::string current;
  std::optional<Canary> canary;
  // What going back leads to, the next one last; at most kMaxEarlier.
  std::vector<std::string> earlier;
  // The version of the file that the router was started with last; empty where that was never written down.
  std::string start_file;
  // The last kMaxHistory events, oldest first.
  std::deque<Event> history;

  std::string previous() const { return earlier.empty() ? "" : earlier.back(); }
};

inline constexpr size_t kMaxEarlier = 100;
inline constexpr size_t kMaxHistory = 1000;

void Fold(Rollout& rollout, Event event);

// What the wish leads to; nothing where all is so already.
std::optional<What> DecideApply(const Rollout& rollout, const std::string& version);
// The same on a share of new tasks. Errors: INVALID_ARGUMENT for the rule; FAILED_PRECONDITION where there is no
// current version.
Result<std::optional<What>> DecideCanary(const Rollout& rollout, const std::string& version, const CanaryRule& rule,
                                         int64_t after_task);
// What a start of the router with a file of this version leads to. What was decided since the last start holds, over a
// file that is as it was then, and over one whose version was decided on since: a restart changes nothing. A file that
// is new since then is applied, but what was rolled back stays so.
struct AtStart {
  enum class Outcome { kApplied, kAsBefore, kUnchanged, kOnTrial, kRolledBack, kDecidedSince };
  Outcome outcome = Outcome::kAsBefore;
  // Nothing where all is written down already.
  std::optional<What> what;
};
AtStart DecideAtStart(const Rollout& rollout, const std::string& version);
// `version` is the canary that is meant, empty for whichever. Errors: FAILED_PRECONDITION.
Result<What> DecidePromote(const Rollout& rollout, const std::string& version);
// Back to `version`; empty for the current one where a canary is tried out, else for the one before. Errors:
// FAILED_PRECONDITION where there is nothing to go back to, or it is current already.
Result<What> DecideRollBack(const Rollout& rollout, const std::string& version, const std::string& reason);
// The router's own decision on a canary.
What DecideAutomaticRollBack(const Rollout& rollout, const std::string& reason);

// True where the last that happened to this version is that new tasks no longer run on it.
bool WasRolledBack(const Rollout& rollout, const std::string& version);

}  // namespace troupe::rollout
