#include "router/cli/timeline.h"

#include <algorithm>
#include <fstream>

#include "router/cli/format.h"
#include "router/cli/text_width.h"
#include "router/client/state_name.h"

namespace troupe::cli {
namespace {

using State = graph::TimelineRow::State;

std::string OneLine(const std::string& text) { return Neutralise(text, Newlines::kFlatten); }

State StateOf(const v1::Step& step, const v1::Attempt& attempt) {
  if (attempt.error_code() != 0) return State::kFailed;
  if (attempt.has_site() && attempt.site().ended_ms() > 0) return State::kDone;
  return step.state() == v1::STEP_STATE_RUNNING ? State::kRunning : State::kStopped;
}

graph::TimelineRow ApprovalRow(const v1::Step& step, int64_t accepted_ms, int64_t last_ms) {
  const v1::Approval& approval = step.approval();
  graph::TimelineRow row;
  row.path = OneLine(step.path());
  row.by_person = true;
  row.replica = approval.by().empty() ? "a person" : OneLine(approval.by());
  row.start_ms = std::max<int64_t>(approval.asked_ms() - accepted_ms, 0);
  row.end_ms = std::max((approval.decided_ms() > 0 ? approval.decided_ms() : last_ms) - accepted_ms, row.start_ms);
  row.state = step.state() == v1::STEP_STATE_WAITS_FOR_PERSON ? State::kAsking
              : step.state() == v1::STEP_STATE_FAILED         ? State::kFailed
              : step.state() == v1::STEP_STATE_STOPPED        ? State::kStopped
                                                              : State::kDone;
  return row;
}

// When the last thing known of the task happened.
int64_t EndMs(const v1::GetResponse& task) {
  int64_t end_ms = std::max(task.task().accepted_ms(), task.task().ended_ms());
  for (const v1::Step& step : task.steps()) {
    end_ms = std::max({end_ms, step.approval().asked_ms(), step.approval().decided_ms()});
    for (const v1::Attempt& attempt : step.attempts()) {
      end_ms = std::max({end_ms, attempt.decided_ms(), attempt.site().ended_ms()});
    }
  }
  return end_ms;
}

}  // namespace

std::vector<graph::TimelineRow> TimelineRows(const v1::GetResponse& task) {
  const int64_t accepted_ms = task.task().accepted_ms();
  const int64_t last_ms = EndMs(task);
  std::vector<graph::TimelineRow> rows;
  for (const v1::Step& step : task.steps()) {
    if (step.has_approval()) rows.push_back(ApprovalRow(step, accepted_ms, last_ms));
    for (const v1::Attempt& attempt : step.attempts()) {
      const v1::WorkSite& site = attempt.site();
      graph::TimelineRow row;
      row.path = OneLine(step.path());
      row.agent = OneLine(attempt.agent());
      row.replica = OneLine(site.replica());
      row.start_ms = std::max<int64_t>((site.sent_ms() > 0 ? site.sent_ms() : attempt.decided_ms()) - accepted_ms, 0);
      row.end_ms = std::max((site.ended_ms() > 0 ? site.ended_ms() : last_ms) - accepted_ms, row.start_ms);
      row.attempt = attempt.attempt();
      row.state = StateOf(step, attempt);
      row.generated_tokens = attempt.usage().generated_tokens();
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

Status WriteTimeline(const v1::GetResponse& task, const std::string& path) {
  const std::string title = OneLine(task.task().graph()) + "  " + client::StateName(task.task().state()) + " in " +
                            FormatDuration(EndMs(task) - task.task().accepted_ms());
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << graph::TimelineSvg(title, TimelineRows(task));
  file.close();
  if (!file) return FailedPrecondition("cannot write " + path + "; does its folder exist?");
  return {};
}

}  // namespace troupe::cli
