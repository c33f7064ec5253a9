#include "router/rollout/rollout.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "runtime/base/check.h"
#include "runtime/base/digest.h"

namespace troupe::rollout {
namespace {

void MakeCurrent(Rollout& rollout, const std::string& version) {
  rollout.canary.reset();
  if (rollout.current == version) return;
  std::erase(rollout.earlier, version);
  if (!rollout.current.empty()) rollout.earlier.push_back(rollout.current);
  if (rollout.earlier.size() > kMaxEarlier) rollout.earlier.erase(rollout.earlier.begin());
  rollout.current = version;
}

void FoldOne(Rollout& rollout, UnixMs, const Applied& applied) {
  MakeCurrent(rollout, applied.version);
  if (applied.at_start) rollout.start_file = applied.version;
}

void FoldOne(Rollout& rollout, UnixMs time_ms, const CanaryStarted& started) {
  rollout.canary = Canary{started.version, started.rule, started.after_task, time_ms};
}

void FoldOne(Rollout& rollout, UnixMs, const Promoted& promoted) { MakeCurrent(rollout, promoted.version); }

// What was gone back from is not gone back to.
void FoldOne(Rollout& rollout, UnixMs, const RolledBack& back) {
  rollout.canary.reset();
  if (back.to == rollout.current) return;
  const auto found = std::find(rollout.earlier.begin(), rollout.earlier.end(), back.to);
  if (found != rollout.earlier.end()) rollout.earlier.erase(found, rollout.earlier.end());
  rollout.current = back.to;
}

void FoldOne(Rollout& rollout, UnixMs, const StartFileSeen& seen) { rollout.start_file = seen.version; }

// The version that an event is about; empty where it changes none.
std::string_view Subject(const What& what) {
  if (std::holds_alternative<StartFileSeen>(what)) return {};
  if (const auto* applied = std::get_if<Applied>(&what)) return applied->version;
  if (const auto* started = std::get_if<CanaryStarted>(&what)) return started->version;
  if (const auto* promoted = std::get_if<Promoted>(&what)) return promoted->version;
  return std::get<RolledBack>(what).from;
}

bool IsStart(const What& what) {
  const auto* applied = std::get_if<Applied>(&what);
  return std::holds_alternative<StartFileSeen>(what) || (applied != nullptr && applied->at_start);
}

// Whether something was decided about this version after the last start.
bool DecidedSinceStart(const Rollout& rollout, const std::string& version) {
  for (auto event = rollout.history.rbegin(); event != rollout.history.rend() && !IsStart(event->what); ++event) {
    const auto* back = std::get_if<RolledBack>(&event->what);
    if (Subject(event->what) == version || (back != nullptr && back->to == version)) return true;
  }
  return false;
}

Status CheckRule(const CanaryRule& rule) {
  struct Limit {
    const char* name;
    int64_t value;
    int64_t max;
    const char* usual;
  };
  const Limit limits[] = {{"percent", rule.percent, 99, ""},
                          {"min_tasks", rule.min_tasks, 1'000'000, ", or 0 for 50"},
                          {"margin_percent", rule.margin_percent, 100, ", or 0 for 5"},
                          {"unsure_margin_percent", rule.unsure_margin_percent, 100, ", or 0 for 10"},
                          {"differing_margin_percent", rule.differing_margin_percent, 100, ", or 0 for 10"},
                          {"min_checks", rule.min_checks, 1'000'000, ", or 0 for 20"}};
  for (const auto& [name, value, max, usual] : limits) {
    if (value >= 1 && value <= max) continue;
    return Invalid(std::string("canary.") + name + ": must be 1 to " + std::to_string(max) + usual + "; got " +
                   std::to_string(value));
  }
  return {};
}

}  // namespace

void Fold(Rollout& rollout, Event event) {
  std::visit([&](const auto& what) { FoldOne(rollout, event.time_ms, what); }, event.what);
  rollout.history.push_back(std::move(event));
  if (rollout.history.size() > kMaxHistory) rollout.history.pop_front();
}

std::optional<What> DecideApply(const Rollout& rollout, const std::string& version) {
  if (rollout.current == version) return std::nullopt;
  return Applied{version};
}

AtStart DecideAtStart(const Rollout& rollout, const std::string& version) {
  using Outcome = AtStart::Outcome;
  const auto stays = [&](Outcome outcome) {
    const bool same = rollout.start_file == version && !rollout.history.empty() && IsStart(rollout.history.back().what);
    return AtStart{outcome, same ? std::nullopt : std::optional<What>(StartFileSeen{version})};
  };
  if (rollout.current == version) return stays(Outcome::kAsBefore);
  if (rollout.canary && rollout.canary->version == version) return stays(Outcome::kOnTrial);
  if (WasRolledBack(rollout, version)) return stays(Outcome::kRolledBack);
  if (rollout.start_file == version) return stays(Outcome::kUnchanged);
  if (DecidedSinceStart(rollout, version)) return stays(Outcome::kDecidedSince);
  return {Outcome::kApplied, Applied{version, true}};
}

Result<std::optional<What>> DecideCanary(const Rollout& rollout, const std::string& version, const CanaryRule& rule,
                                         int64_t after_task) {
  TRY(CheckRule(rule));
  if (rollout.current.empty())
    return FailedPrecondition("a canary is tried out beside a current version and there is none yet: apply it as that");
  if (rollout.current == version) return std::optional<What>();
  const bool same = rollout.canary && rollout.canary->version == version;
  if (same && rollout.canary->rule == rule) return std::optional<What>();
  // on another share it is counted on
  if (same) after_task = rollout.canary->after_task;
  return std::optional<What>(CanaryStarted{version, rule, after_task});
}

Result<What> DecidePromote(const Rollout& rollout, const std::string& version) {
  if (!rollout.canary) {
    return FailedPrecondition(
        "no canary is tried out: version " + ShortDigest(rollout.current) + " is current" +
        (WasRolledBack(rollout, version) ? ", and " + ShortDigest(version) + " was rolled back" : ""));
  }
  if (!version.empty() && version != rollout.canary->version) {
    return FailedPrecondition("version " + ShortDigest(version) + " is not the canary, that is " +
                              ShortDigest(rollout.canary->version));
  }
  return What(Promoted{rollout.canary->version});
}

Result<What> DecideRollBack(const Rollout& rollout, const std::string& version, const std::string& reason) {
  const bool ends_canary = rollout.canary && (version.empty() || version == rollout.current);
  if (ends_canary) return What(RolledBack{rollout.canary->version, rollout.current, reason});
  const std::string to = version.empty() ? rollout.previous() : version;
  if (to.empty())
    return FailedPrecondition("version " + ShortDigest(rollout.current) + " is the first: none was before it");
  if (to == rollout.current) return FailedPrecondition("version " + ShortDigest(to) + " is current already");
  if (rollout.canary && to == rollout.canary->version)
    return FailedPrecondition("version " + ShortDigest(to) + " is the canary: promote it to make it current");
  return What(RolledBack{rollout.current, to, reason});
}

What DecideAutomaticRollBack(const Rollout& rollout, const std::string& reason) {
  CHECK(rollout.canary);
  return RolledBack{rollout.canary->version, rollout.current, reason, true};
}

bool WasRolledBack(const Rollout& rollout, const std::string& version) {
  const auto last = std::find_if(rollout.history.rbegin(), rollout.history.rend(),
                                 [&](const Event& event) { return Subject(event.what) == version; });
  return last != rollout.history.rend() && std::holds_alternative<RolledBack>(last->what) && rollout.current != version;
}

}  // namespace troupe::rollout
