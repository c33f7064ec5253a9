#include "router/graph/lint.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <set>

#include "router/graph/outline.h"
#include "router/graph/typing.h"

namespace troupe::graph {
namespace {

// Counts are capped here: larger ones are all the same to whoever reads them.
constexpr int64_t kCap = std::numeric_limits<int64_t>::max() / 4;

int64_t Add(int64_t a, int64_t b) { return std::min(kCap, a + b); }
int64_t Times(int64_t a, int64_t n) { return a > kCap / std::max<int64_t>(1, n) ? kCap : a * n; }

// Endless time is no value.
struct Cost {
  int64_t calls = 0;
  int64_t tokens = 0;
  std::optional<int64_t> time_ms = 0;
  int64_t approvals = 0;
};

std::optional<int64_t> AddTime(std::optional<int64_t> a, std::optional<int64_t> b) {
  return a && b ? std::optional(Add(*a, *b)) : std::nullopt;
}

class Estimator {
 public:
  explicit Estimator(const Graph& graph) : graph_(graph) {}

  // Time is that of the longest chain: every step starts when the last of those it waits for has ended.
  Cost Of(const Scope& scope) {
    Cost total;
    std::vector<std::optional<Cost>> costs(scope.steps.size());
    std::vector<std::optional<std::optional<int64_t>>> ends(scope.steps.size());
    std::function<std::optional<int64_t>(int)> end_of = [&](int index) {
      if (ends[index]) return *ends[index];
      std::optional<int64_t> start = 0;
      for (int other : scope.steps[index].waits_for) {
        auto end = end_of(other);
        start = start && end ? std::optional(std::max(*start, *end)) : std::nullopt;
      }
      costs[index] = Of(scope.steps[index]);
      ends[index] = AddTime(start, costs[index]->time_ms);
      return *ends[index];
    };
    for (int index = 0; index < static_cast<int>(scope.steps.size()); ++index) {
      auto end = end_of(index);
      total.calls = Add(total.calls, costs[index]->calls);
      total.tokens = Add(total.tokens, costs[index]->tokens);
      total.approvals = Add(total.approvals, costs[index]->approvals);
      total.time_ms = total.time_ms && end ? std::optional(std::max(*total.time_ms, *end)) : std::nullopt;
    }
    return total;
  }

 private:
  Cost Of(const Step& step) {
    switch (step.kind) {
      case StepKind::kAgent:
        return OfAttempts(step.agent->agent, step.agent->fallback, step.agent->retry, step.agent->timeout_ms);
      case StepKind::kDecompose:
        if (step.decompose->agent.empty()) return {};  // the router does it
        return OfAttempts(step.decompose->agent, "", step.decompose->retry, step.decompose->timeout_ms);
      case StepKind::kEach:
        // items run `parallel` at a time
        return Repeated(Of(*step.each->body), step.each->max,
                        (step.each->max + step.each->parallel - 1) / step.each->parallel);
      case StepKind::kRepeat:
        return Repeated(Of(*step.repeat->body), step.repeat->max, step.repeat->max);
      case StepKind::kGraph:
        return Of(*step.graph->body);
      case StepKind::kApprove:
        // the task's clock stands still meanwhile
        return {.approvals = 1};
    }
    return {};
  }

  Cost Repeated(Cost once, int times, int in_a_row) {
    return {Times(once.calls, times), Times(once.tokens, times),
            once.time_ms ? std::optional(Times(*once.time_ms, in_a_row)) : std::nullopt,
            Times(once.approvals, times)};
  }

  Cost OfAttempts(const std::string& agent, const std::string& fallback, const Retry& retry, int64_t timeout_ms) {
    Cost cost;
    int64_t attempts = 1 + retry.max;
    const int64_t tries = attempts + (fallback.empty() ? 0 : 1);
    cost.calls = Add(Times(OfAgent(agent).calls, attempts), fallback.empty() ? 0 : OfAgent(fallback).calls);
    cost.tokens = Add(Times(OfAgent(agent).tokens, attempts), fallback.empty() ? 0 : OfAgent(fallback).tokens);
    if (timeout_ms == 0) {
      cost.time_ms = std::nullopt;
      return cost;
    }
    int64_t pauses = 0;
    int64_t pause = retry.backoff_ms;
    for (int i = 0; i < retry.max; ++i, pause = std::min(retry.max_backoff_ms, 2 * pause)) pauses += pause;
    // what an agent asks counts against its own time
    cost.time_ms = Add(Times(timeout_ms, tries), pauses);
    return cost;
  }

  // One call and all that it may ask of peers, who may ask in turn; asks form no circle.
  Cost OfAgent(const std::string& name) {
    const auto known = agents_.find(name);
    if (known != agents_.end()) return known->second;
    Cost cost{.calls = 1};
    if (const auto agent = graph_.agents.find(name); agent != graph_.agents.end()) {
      cost.tokens = agent->second.max_tokens;
      for (const auto& [peer, max] : agent->second.asks) {
        const Cost once = OfAgent(peer);
        cost.calls = Add(cost.calls, Times(once.calls, max));
        cost.tokens = Add(cost.tokens, Times(once.tokens, max));
      }
    }
    return agents_[name] = cost;
  }

  const Graph& graph_;
  std::map<std::string, Cost> agents_;
};

class Linter {
 public:
  Linter(const Graph& graph, FilesMust files) : graph_(graph), files_(files) {}

  std::vector<Finding> Run() {
    for (const auto& [name, model] : graph_.models) CheckModel(model);
    for (const auto& [name, agent] : graph_.agents) {
      for (const auto& config : agent.kind->config) {
        auto value = agent.config.find(config.field.name);
        if (!config.is_folder || value == agent.config.end() || !value->is_string()) continue;
        CheckExists(agent.position, value->get<std::string>(), "'" + config.field.name + "' of agent '" + name + "'");
      }
    }
    CheckHeard(graph_.root);
    CheckLimits(graph_.root);
    return findings_.Take();
  }

 private:
  void CheckModel(const Model& model) {
    if (!model.source) return CheckExists(model.position, model.path, "the weights of model '" + model.name + "'");
    const Position& at = model.position;
    const std::string source = hub::ToString(*model.source);
    if (!hub::IsFixed(*model.source) && model.sha256.empty()) {
      findings_.Note(at.file, at.line, at.column,
                     "'" + model.source->revision + "' of " + source +
                         " may come to mean other files; name a commit, or state 'sha256', to keep to these");
    }
    std::error_code fault;
    if (std::filesystem::exists(model.path, fault)) return;
    const std::string missing = source + " is not on this machine yet";
    if (files_ == FilesMust::kExist) {
      findings_.Error(at.file, at.line, at.column, missing + "; fetch it with 'troupe models pull'");
    } else {
      findings_.Note(at.file, at.line, at.column,
                     missing + "; 'troupe up' fetches it, 'troupe models pull' beforehand");
    }
  }

  void CheckExists(const Position& position, const std::string& path, const std::string& what) {
    std::error_code fault;
    if (path.empty() || std::filesystem::exists(path, fault)) return;
    std::string message = "there is no " + path + " on this machine, which " + what + " should be";
    if (files_ == FilesMust::kExist) {
      findings_.Error(position.file, position.line, position.column, message + "; put it there or correct the path");
    } else {
      findings_.Warn(position.file, position.line, position.column, message);
    }
  }

  // A step that nobody waits for and that is not in the output costs and gives nothing, unless its agent does
  // something.
  void CheckHeard(const Scope& scope) {
    std::set<int> heard;
    for (const auto& step : scope.steps) heard.insert(step.waits_for.begin(), step.waits_for.end());
    std::set<std::string> named;
    auto collect = [&](const text::Template& text, const Position&) {
      for (const auto& reference : text.References()) {
        auto path = SplitPath(reference);
        if (path.size() > 1 && path[0] == "steps") named.insert(path[1]);
      }
    };
    if (scope.output) ForEachTemplate(*scope.output, collect);
    if (until_ != nullptr && until_->text) collect(*until_->text, until_->position);
    until_ = nullptr;
    for (int index = 0; index < static_cast<int>(scope.steps.size()); ++index) {
      const Step& step = scope.steps[index];
      if (!heard.contains(index) && !named.contains(step.name) && !HasEffects(step)) {
        findings_.Warn(step.position.file, step.position.line, step.position.column,
                       "nobody uses the output of step '" + step.name + "'; refer to it or remove it");
      }
      if (step.each) CheckHeard(*step.each->body);
      if (step.graph) CheckHeard(*step.graph->body);
      if (step.repeat) {
        until_ = &step.repeat->until;
        CheckHeard(*step.repeat->body);
      }
    }
  }

  bool HasEffects(const Step& step) const {
    auto inside = [&](const Scope& scope) {
      return std::any_of(scope.steps.begin(), scope.steps.end(), [&](const Step& s) { return HasEffects(s); });
    };
    if (step.each) return inside(*step.each->body);
    if (step.graph) return inside(*step.graph->body);
    if (step.repeat) return inside(*step.repeat->body);
    // somebody has seen it, whether or not its output is of use
    if (step.approve) return true;
    return step.agent && graph_.agents.at(step.agent->agent).kind->effects;
  }

  void CheckLimits(const Scope& scope) {
    for (const auto& step : scope.steps) {
      int64_t timeout = step.agent ? step.agent->timeout_ms : step.decompose ? step.decompose->timeout_ms : 0;
      if (graph_.limits.time_ms > 0 && timeout > graph_.limits.time_ms) {
        findings_.Warn(step.position.file, step.position.line, step.position.column,
                       "the timeout of step '" + step.name + "' is longer than the task's limit of " +
                           std::to_string(graph_.limits.time_ms) + " ms");
      }
      if (step.agent && graph_.limits.tokens > 0) {
        const Agent& agent = graph_.agents.at(step.agent->agent);
        if (agent.max_tokens > graph_.limits.tokens) {
          findings_.Warn(step.position.file, step.position.line, step.position.column,
                         "one call of agent '" + agent.name + "' may cost " + std::to_string(agent.max_tokens) +
                             " tokens, more than the task's limit of " + std::to_string(graph_.limits.tokens));
        }
      }
      if (const Scope* body = StepsInside(step)) CheckLimits(*body);
    }
  }

  const Graph& graph_;
  const FilesMust files_;
  kind::Findings findings_;
  // Of the repeat whose body is looked at next.
  const Expression* until_ = nullptr;
};

}  // namespace

WorstCase WorstCaseOf(const Graph& graph) {
  Cost cost = Estimator(graph).Of(graph.root);
  WorstCase worst{cost.calls, cost.tokens, cost.time_ms.value_or(graph.limits.time_ms), cost.approvals};
  if (graph.limits.tokens > 0) worst.tokens = std::min(worst.tokens, graph.limits.tokens);
  if (graph.limits.time_ms > 0) worst.time_ms = std::min(worst.time_ms, graph.limits.time_ms);
  return worst;
}

std::vector<Finding> Lint(const Graph& graph, FilesMust files) { return Linter(graph, files).Run(); }

}  // namespace troupe::graph
