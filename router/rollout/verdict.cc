#include "router/rollout/verdict.h"

namespace troupe::rollout {
namespace {

std::string Share(const Tally& tally) {
  const int64_t percent = tally.ended == 0 ? 0 : (200 * tally.failed + tally.ended) / (2 * tally.ended);
  return std::to_string(tally.failed) + " of " + std::to_string(tally.ended) + " tasks (" + std::to_string(percent) +
         "%)";
}

}  // namespace

std::optional<std::string> WhyRollBack(const CanaryRule& rule, const Tally& on_canary, const Tally& on_current) {
  if (on_canary.ended < rule.min_tasks || on_canary.ended == 0) return std::nullopt;
  // canary.failed / canary.ended > current.failed / current.ended + margin / 100, in whole numbers
  const int64_t current_ended = on_current.ended == 0 ? 1 : on_current.ended;
  const int64_t worse = 100 * (on_canary.failed * current_ended - on_current.failed * on_canary.ended);
  if (worse <= rule.margin_percent * on_canary.ended * current_ended) return std::nullopt;
  return Share(on_canary) + " failed on it, " + Share(on_current) + " on the current version: more than " +
         std::to_string(rule.margin_percent) + " points worse";
}

}  // namespace troupe::rollout
