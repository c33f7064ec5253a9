#include "router/gateway/version_view.h"

#include <variant>

namespace troupe::gateway {
namespace {

void Put(const rollout::CanaryRule& rule, v1::CanaryRule& out) {
  out.set_percent(rule.percent);
  out.set_min_tasks(static_cast<int32_t>(rule.min_tasks));
  out.set_margin_percent(rule.margin_percent);
  out.set_unsure_margin_percent(rule.unsure_margin_percent);
  out.set_differing_margin_percent(rule.differing_margin_percent);
  out.set_min_checks(static_cast<int32_t>(rule.min_checks));
}

void Put(const rollout::Applied& applied, v1::GraphEvent& out) {
  out.mutable_applied()->set_version(applied.version);
  out.mutable_applied()->set_at_start(applied.at_start);
}

void Put(const rollout::StartFileSeen& seen, v1::GraphEvent& out) {
  out.mutable_start_file_seen()->set_version(seen.version);
}

void Put(const rollout::CanaryStarted& started, v1::GraphEvent& out) {
  v1::CanaryStarted& message = *out.mutable_canary_started();
  message.set_version(started.version);
  Put(started.rule, *message.mutable_rule());
  message.set_after_task(started.after_task);
}

void Put(const rollout::Promoted& promoted, v1::GraphEvent& out) {
  out.mutable_canary_promoted()->set_version(promoted.version);
}

void Put(const rollout::RolledBack& back, v1::GraphEvent& out) {
  v1::VersionRolledBack& message = *out.mutable_rolled_back();
  message.set_from_version(back.from);
  message.set_to_version(back.to);
  message.set_reason(back.reason);
  message.set_automatic(back.automatic);
}

void Fill(const rollout::Tally& tally, v1::TaskTally& out) {
  out.set_ended(tally.ended);
  out.set_failed(tally.failed);
  out.set_answers(tally.students.answers);
  out.set_unsure(tally.students.unsure);
  out.set_checked(tally.students.checked);
  out.set_differing(tally.students.differing);
}

}  // namespace

void Encode(const std::string& name, const rollout::Event& event, v1::GraphEvent& out) {
  out.set_name(name);
  out.set_time_ms(event.time_ms);
  std::visit([&](const auto& what) { Put(what, out); }, event.what);
}

std::optional<rollout::Event> Decode(const v1::GraphEvent& event) {
  const auto with = [&](rollout::What what) { return rollout::Event{event.time_ms(), std::move(what)}; };
  switch (event.event_case()) {
    case v1::GraphEvent::kApplied:
      return with(rollout::Applied{event.applied().version(), event.applied().at_start()});
    case v1::GraphEvent::kCanaryStarted: {
      const v1::CanaryStarted& started = event.canary_started();
      return with(rollout::CanaryStarted{started.version(), FromProto(started.rule()), started.after_task()});
    }
    case v1::GraphEvent::kCanaryPromoted:
      return with(rollout::Promoted{event.canary_promoted().version()});
    case v1::GraphEvent::kRolledBack: {
      const v1::VersionRolledBack& back = event.rolled_back();
      return with(rollout::RolledBack{back.from_version(), back.to_version(), back.reason(), back.automatic()});
    }
    case v1::GraphEvent::kStartFileSeen:
      return with(rollout::StartFileSeen{event.start_file_seen().version()});
    case v1::GraphEvent::EVENT_NOT_SET:
      break;
  }
  return std::nullopt;
}

rollout::CanaryRule FromProto(const v1::CanaryRule& rule) {
  rollout::CanaryRule out;
  out.percent = rule.percent();
  if (rule.min_tasks() != 0) out.min_tasks = rule.min_tasks();
  if (rule.margin_percent() != 0) out.margin_percent = rule.margin_percent();
  if (rule.unsure_margin_percent() != 0) out.unsure_margin_percent = rule.unsure_margin_percent();
  if (rule.differing_margin_percent() != 0) out.differing_margin_percent = rule.differing_margin_percent();
  if (rule.min_checks() != 0) out.min_checks = rule.min_checks();
  return out;
}

void Fill(const CanaryView& view, v1::CanaryStatus& out) {
  out.set_version(view.canary.version);
  Put(view.canary.rule, *out.mutable_rule());
  out.set_started_ms(view.canary.started_ms);
  Fill(view.on_canary, *out.mutable_on_canary());
  Fill(view.on_current, *out.mutable_on_current());
}

}  // namespace troupe::gateway
