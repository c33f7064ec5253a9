#include "router/cli/graph_tables.h"

#include "router/cli/format.h"
#include "router/cli/table.h"
#include "router/cli/text_width.h"
#include "runtime/base/digest.h"

namespace troupe::cli {
namespace {

std::string RoleName(v1::VersionRole role) {
  switch (role) {
    case v1::VERSION_ROLE_CURRENT:
      return "current";
    case v1::VERSION_ROLE_CANARY:
      return "canary";
    case v1::VERSION_ROLE_RETIRED:
      return "retired";
    default:
      return "unknown";
  }
}

std::string FailedOf(const v1::TaskTally& tally) {
  return FormatCount(tally.failed()) + " of " + FormatCount(tally.ended());
}

// "unsure of 5 of 41 answers, 2 of 20 checks differ"; empty for a version without students.
std::string StudentsOf(const v1::TaskTally& tally) {
  if (tally.answers() == 0) return "";
  std::string text = "unsure of " + FormatCount(tally.unsure()) + " of " + FormatCount(tally.answers()) + " answers";
  if (tally.checked() == 0) return text;
  return text + ", " + FormatCount(tally.differing()) + " of " + FormatCount(tally.checked()) + " checks differ";
}

// What is told of students where there are some.
std::vector<std::string> StudentLines(const v1::CanaryStatus& canary) {
  const std::string on_canary = StudentsOf(canary.on_canary());
  const std::string on_current = StudentsOf(canary.on_current());
  if (on_canary.empty() && on_current.empty()) return {};
  const v1::CanaryRule& rule = canary.rule();
  return {"its students: " + (on_canary.empty() ? "no answers yet" : on_canary) +
              "; the current version's: " + (on_current.empty() ? "no answers yet" : on_current),
          "it goes back too where they are unsure over " + std::to_string(rule.unsure_margin_percent()) +
              " points more, or differ over " + std::to_string(rule.differing_margin_percent()) + " points more in " +
              std::to_string(rule.min_checks()) + " spot checks or more"};
}

std::string WhatHappened(const v1::GraphEvent& event) {
  switch (event.event_case()) {
    case v1::GraphEvent::kApplied:
      return ShortDigest(event.applied().version()) + " became current" +
             (event.applied().at_start() ? ": the router was started with its file" : "");
    case v1::GraphEvent::kCanaryStarted:
      return ShortDigest(event.canary_started().version()) + " is tried out on " +
             std::to_string(event.canary_started().rule().percent()) + "% of new tasks";
    case v1::GraphEvent::kCanaryPromoted:
      return ShortDigest(event.canary_promoted().version()) + " was promoted: it became current";
    case v1::GraphEvent::kRolledBack: {
      const v1::VersionRolledBack& back = event.rolled_back();
      return ShortDigest(back.from_version()) + " was rolled back to " + ShortDigest(back.to_version()) +
             (back.automatic() ? " by the router" : "") + (back.reason().empty() ? "" : ": " + back.reason());
    }
    case v1::GraphEvent::kStartFileSeen:
      return "the router was started with the file of " + ShortDigest(event.start_file_seen().version()) +
             " and went on as it was";
    case v1::GraphEvent::EVENT_NOT_SET:
      break;
  }
  return "something that only a newer release knows";
}

}  // namespace

std::string CanaryLine(const v1::CanaryStatus& canary, UnixMs now_ms) {
  return ShortDigest(canary.version()) + " on " + std::to_string(canary.rule().percent()) + "% of new tasks, begun " +
         FormatAge(canary.started_ms(), now_ms) + ": " + FailedOf(canary.on_canary()) + " failed, " +
         FailedOf(canary.on_current()) + " on the current version";
}

std::vector<std::string> RenderGraphs(const v1::ListGraphsResponse& graphs, UnixMs now_ms, int width) {
  if (graphs.graphs().empty()) return {"no graphs; hand one over with 'troupe apply GRAPH.yaml'"};
  Table table({"GRAPH", "VERSION", "APPLIED", "RUNNING", "BEFORE", "CANARY"});
  for (const v1::GraphSummary& graph : graphs.graphs()) {
    table.Add({graph.name(), ShortDigest(graph.version()), FormatAge(graph.applied_ms(), now_ms),
               FormatCount(graph.running()),
               graph.previous_version().empty() ? "-" : ShortDigest(graph.previous_version()),
               graph.has_canary() ? CanaryLine(graph.canary(), now_ms) : "-"});
  }
  return table.Render(width);
}

std::vector<std::string> RenderVersions(const v1::ListVersionsResponse& versions, UnixMs now_ms, int width) {
  Table table({"VERSION", "ROLE", "APPLIED", "RUNNING"});
  for (const v1::GraphVersion& version : versions.versions()) {
    table.Add({ShortDigest(version.version()), RoleName(version.role()), FormatAge(version.applied_ms(), now_ms),
               FormatCount(version.running())});
  }
  std::vector<std::string> lines = table.Render(width);
  const auto say = [&](const std::string& line) {
    const std::string plain = Neutralise(line, Newlines::kFlatten);
    lines.push_back(width > 0 ? Clip(plain, width) : plain);
  };
  if (versions.has_canary()) {
    const v1::CanaryRule& rule = versions.canary().rule();
    say("");
    say("canary " + CanaryLine(versions.canary(), now_ms));
    say("       the router goes back once its share of failures is over " + std::to_string(rule.margin_percent()) +
        " points higher, judged from " + std::to_string(rule.min_tasks()) + " tasks on");
    for (const std::string& line : StudentLines(versions.canary())) say("       " + line);
    say("       'troupe promote " + versions.name() + "' makes it current, 'troupe rollback " + versions.name() +
        "' ends it");
  } else if (!versions.previous_version().empty()) {
    say("");
    say("'troupe rollback " + versions.name() + "' goes back to " + ShortDigest(versions.previous_version()));
  }
  if (!versions.events().empty()) say("");
  for (const v1::GraphEvent& event : versions.events()) {
    say(FormatTime(event.time_ms()) + "  " + WhatHappened(event));
  }
  return lines;
}

}  // namespace troupe::cli
