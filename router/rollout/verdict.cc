#include "router/rollout/verdict.h"

#include <cmath>

namespace troupe::rollout {
namespace {

// So many of so many.
struct Share {
  int64_t part = 0;
  int64_t all = 0;
  int64_t percent() const { return all == 0 ? 0 : (200 * part + all) / (2 * all); }
};

// "6 of 40 tasks (15%)"
std::string Text(const Share& share, const std::string& what) {
  return std::to_string(share.part) + " of " + std::to_string(share.all) + " " + what + " (" +
         std::to_string(share.percent()) + "%)";
}

// Whether the canary's share is higher by more than the margin, in whole numbers.
bool IsOverMargin(const Share& canary, const Share& current, int margin_percent) {
  const int64_t current_all = current.all == 0 ? 1 : current.all;
  const int64_t worse = 100 * (canary.part * current_all - current.part * canary.all);
  return worse > margin_percent * canary.all * current_all;
}

// Whether it is so by more than chance explains. A current version without any counts as exactly none.
bool IsNoChance(const Share& canary, const Share& current, int margin_percent) {
  const auto adjusted = [](const Share& share) {
    return (static_cast<double>(share.part) + 1.0) / (static_cast<double>(share.all) + 2.0);
  };
  const auto variance = [&adjusted](const Share& share) {
    return adjusted(share) * (1.0 - adjusted(share)) / (static_cast<double>(share.all) + 2.0);
  };
  const bool compares = current.all > 0;
  const double difference = adjusted(canary) - (compares ? adjusted(current) : 0.0) - margin_percent / 100.0;
  return difference > kSureness * std::sqrt(variance(canary) + (compares ? variance(current) : 0.0));
}

std::string Allowed(int margin_percent) { return ": more than " + std::to_string(margin_percent) + " points worse"; }

std::optional<std::string> WhyFailing(const CanaryRule& rule, const Tally& on_canary, const Tally& on_current) {
  const Share canary{on_canary.failed, on_canary.ended};
  const Share current{on_current.failed, on_current.ended};
  if (!IsOverMargin(canary, current, rule.margin_percent)) return std::nullopt;
  return Text(canary, "tasks") + " failed on it, " + Text(current, "tasks") + " on the current version" +
         Allowed(rule.margin_percent);
}

std::optional<std::string> WhyTooUnsure(const CanaryRule& rule, const core::StudentTally& on_canary,
                                        const core::StudentTally& on_current) {
  const Share canary{on_canary.unsure, on_canary.answers};
  const Share current{on_current.unsure, on_current.answers};
  const int margin = rule.unsure_margin_percent;
  if (canary.all < rule.min_tasks || current.all == 0) return std::nullopt;
  if (!IsOverMargin(canary, current, margin) || !IsNoChance(canary, current, margin)) return std::nullopt;
  return "its students were unsure of " + Text(canary, "answers") + ", the current version's of " +
         Text(current, "answers") + Allowed(margin);
}

std::optional<std::string> WhyTooWrong(const CanaryRule& rule, const core::StudentTally& on_canary,
                                       const core::StudentTally& on_current) {
  const Share canary{on_canary.differing, on_canary.checked};
  const Share current{on_current.differing, on_current.checked};
  const int margin = rule.differing_margin_percent;
  if (canary.all < rule.min_checks) return std::nullopt;
  if (!IsOverMargin(canary, current, margin) || !IsNoChance(canary, current, margin)) return std::nullopt;
  return "teachers differed from its students in " + Text(canary, "spot checks") + ", from the current version's in " +
         Text(current, "spot checks") + Allowed(margin);
}

}  // namespace

std::optional<std::string> WhyRollBack(const CanaryRule& rule, const Tally& on_canary, const Tally& on_current) {
  if (on_canary.ended < rule.min_tasks || on_canary.ended == 0) return std::nullopt;
  if (auto why = WhyFailing(rule, on_canary, on_current)) return why;
  if (auto why = WhyTooUnsure(rule, on_canary.students, on_current.students)) return why;
  return WhyTooWrong(rule, on_canary.students, on_current.students);
}

}  // namespace troupe::rollout
