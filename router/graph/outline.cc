#include "router/graph/outline.h"

#include <algorithm>

#include "router/graph/share.h"
#include "router/graph/svg_text.h"
#include "router/graph/typing.h"

namespace troupe::graph {
namespace {

// What a person is asked, as the graph says it: a template's text as it stands.
std::string AskOf(const ApproveStep& approve) {
  if (approve.ask.text) return approve.ask.text->source();
  return approve.ask.literal.is_string() ? approve.ask.literal.get<std::string>() : "";
}

std::string SilenceOf(const ApproveStep& approve) {
  if (approve.timeout_ms == 0) return "as long as it takes";
  using OnTimeout = ApproveStep::OnTimeout;
  const char* then = approve.on_timeout == OnTimeout::kReject    ? "rejected"
                     : approve.on_timeout == OnTimeout::kApprove ? "approved"
                                                                 : "failed";
  return ShortTime(approve.timeout_ms) + ", then " + then;
}

}  // namespace

std::string Bare(const Expression& expression) {
  if (expression.text == nullptr) return "";
  std::string text = expression.text->source();
  size_t start = text.find("{{");
  size_t end = text.rfind("}}");
  if (start == std::string::npos || end == std::string::npos || end < start + 2) return text;
  text = text.substr(start + 2, end - start - 2);
  size_t first = text.find_first_not_of(" -\n");
  size_t last = text.find_last_not_of(" -\n");
  return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

std::string ShortTime(int64_t ms) {
  constexpr int64_t kDayMs = 24LL * 3600 * 1000;
  if (ms % kDayMs == 0) return std::to_string(ms / kDayMs) + "d";
  return ms % 1000 == 0 ? std::to_string(ms / 1000) + "s" : std::to_string(ms) + "ms";
}

const Scope* StepsInside(const Step& step) {
  if (step.each) return step.each->body.get();
  if (step.repeat) return step.repeat->body.get();
  return step.graph ? step.graph->body.get() : nullptr;
}

int64_t TimeoutOf(const Step& step) {
  if (step.agent) return step.agent->timeout_ms;
  return step.decompose ? step.decompose->timeout_ms : 0;
}

std::string AgentOf(const Step& step) {
  return step.agent ? step.agent->agent : step.decompose ? step.decompose->agent : "";
}

std::string Summary(const Graph& graph, const Step& step) {
  if (step.each) {
    return "each " + step.each->variable + " · at most " + std::to_string(step.each->max) + " · " +
           std::to_string(step.each->parallel) + " at a time";
  }
  if (step.repeat) return "repeat · at most " + std::to_string(step.repeat->max);
  if (step.decompose) {
    constexpr const char* kWays[] = {"by meaning", "as a list", "into windows", "by plan"};
    const std::string& agent = step.decompose->agent;
    return std::string("split ") + kWays[static_cast<int>(step.decompose->by)] + (agent.empty() ? "" : " · ") + agent +
           " · at most " + std::to_string(step.decompose->max);
  }
  if (step.graph) return "graph " + step.graph->name;
  if (step.approve) return "a person approves · " + SilenceOf(*step.approve);
  auto agent = graph.agents.find(AgentOf(step));
  if (agent == graph.agents.end() || agent->second.kind == nullptr) return AgentOf(step);
  std::string summary = agent->first + " · " + agent->second.kind->name;
  std::string peers;
  for (const auto& [peer, max] : agent->second.asks) peers += (peers.empty() ? " · asks " : ", ") + peer;
  return summary + peers;
}

std::vector<std::string> Details(const Step& step) {
  std::vector<std::string> lines;
  if (step.when) lines.push_back("when " + Bare(*step.when));
  if (step.repeat) lines.push_back("until " + Bare(step.repeat->until));
  if (step.approve) lines.push_back(Shorten(AskOf(*step.approve), 60));
  std::string care;
  auto add = [&](const std::string& piece) { care += (care.empty() ? "" : " · ") + piece; };
  if (step.agent) {
    if (step.agent->timeout_ms > 0) add(ShortTime(step.agent->timeout_ms));
    if (step.agent->retry.max > 0) add("retries: " + std::to_string(step.agent->retry.max));
    if (step.agent->hedge_percent > 0) add("second try beside a slow one");
    if (!step.agent->fallback.empty()) add("else " + step.agent->fallback);
    if (step.agent->teach) {
      const TeachRule& teach = *step.agent->teach;
      add("unsure below " + Dump(Value(teach.below)) + ": " + teach.agent);
      if (teach.check > 0.0) add("spot checks: " + ShareText(teach.check));
    }
    if (step.agent->cache) add("kept " + ShortTime(step.agent->cache->ttl_ms));
  }
  if (step.on_error == OnError::kKeep) add(step.each ? "none for what fails" : "goes on without");
  if (step.on_error == OnError::kDrop) add("leaves out what fails");
  if (!care.empty()) lines.push_back(care);
  return lines;
}

std::vector<int> OutputSteps(const Scope& scope) {
  std::vector<int> steps;
  if (!scope.output) return steps;
  ForEachTemplate(*scope.output, [&](const text::Template& text, const Position&) {
    for (const auto& reference : text.References()) {
      auto path = SplitPath(reference);
      for (int index = 0; index < static_cast<int>(scope.steps.size()); ++index) {
        const bool named = path.size() > 1 && path[0] == "steps" && path[1] == scope.steps[index].name;
        if (named && std::find(steps.begin(), steps.end(), index) == steps.end()) steps.push_back(index);
      }
    }
  });
  return steps;
}

}  // namespace troupe::graph
