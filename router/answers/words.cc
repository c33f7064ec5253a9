#include "router/answers/words.h"

#include <algorithm>
#include <cstdio>

#include "router/graph/price.h"

namespace troupe::answers {
namespace {

// Roughly, as people say it.
std::string Age(int64_t ms) {
  constexpr int64_t kSecond = 1000, kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour;
  if (ms < kMinute) return std::to_string(std::max<int64_t>(ms, 0) / kSecond) + " s";
  if (ms < kHour) return std::to_string(ms / kMinute) + " min";
  return ms < kDay ? std::to_string(ms / kHour) + " h" : std::to_string(ms / kDay) + " d";
}

std::string Seconds(int64_t ms) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", static_cast<double>(ms) / 1000.0);
  return ms < 1000 ? std::to_string(ms) + " ms" : text;
}

std::string Saved(const cache::Entry& entry) {
  std::string text;
  const auto add = [&](const std::string& piece) { text += (text.empty() ? "; saved " : ", ") + piece; };
  if (entry.tokens > 0) add(std::to_string(entry.tokens) + (entry.tokens == 1 ? " token" : " tokens"));
  if (entry.device_ms > 0) add(Seconds(entry.device_ms) + " of device time");
  if (entry.money_micros > 0) add(graph::FormatMicros(entry.money_micros) + " of money");
  return text;
}

}  // namespace

std::string ReasonOf(Hit hit, const cache::Entry& entry, UnixMs now_ms) {
  const std::string made = "made " + Age(now_ms - entry.made_at_ms) + " ago";
  switch (hit) {
    case Hit::kExact:
      return "kept answer, " + made + Saved(entry);
    case Hit::kStale:
      return "kept answer, " + made + " and no longer fresh: a new one is being made" + Saved(entry);
    case Hit::kMeaning:
      return "kept answer to a question that means the same, " + made + Saved(entry);
    case Hit::kWaited:
      return "the same was being asked already: took that answer" + Saved(entry);
  }
  return {};
}

dispatch::StepOutcome OutcomeOf(Hit hit, const cache::Entry& entry, const std::string& agent,
                                const std::string& model_digest, UnixMs now_ms) {
  dispatch::StepOutcome outcome{.output = ParseValue(entry.answer)};
  outcome.site = {.agent = agent,
                  .replica = kCacheReplica,
                  .reason = ReasonOf(hit, entry, now_ms),
                  .sent_ms = now_ms,
                  .ended_ms = now_ms,
                  .model_digest = model_digest};
  return outcome;
}

std::string StreamedText(const Value& output) {
  if (output.is_string()) return output.get<std::string>();
  const auto text = output.is_object() ? output.find("text") : output.end();
  return text != output.end() && text->is_string() ? text->get<std::string>() : std::string();
}

}  // namespace troupe::answers
