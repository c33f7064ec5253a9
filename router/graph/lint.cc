#include "router/graph/lint.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "router/graph/outline.h"
#include "router/graph/sources.h"
#include "router/graph/teach.h"
#include "router/graph/typing.h"
#include "router/graph/worst_case.h"

namespace troupe::graph {
namespace {

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
    for (const CacheNote& note : CacheNotes(graph_)) {
      findings_.Note(note.position.file, note.position.line, note.position.column, note.text);
    }
    for (const TeachNote& note : TeachNotes(graph_)) {
      findings_.Note(note.position.file, note.position.line, note.position.column, note.text);
    }
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
    if (const Scope* inside = StepsInside(step)) {
      return std::any_of(inside->steps.begin(), inside->steps.end(), [&](const Step& s) { return HasEffects(s); });
    }
    // somebody has seen it, whether or not its output is of use
    if (step.approve) return true;
    return step.agent && graph_.agents.at(step.agent->agent).kind->effects;
  }

  void CheckLimits(const Scope& scope) {
    for (const auto& step : scope.steps) {
      const int64_t timeout = TimeoutOf(step);
      if (graph_.limits.time_ms > 0 && timeout > graph_.limits.time_ms) {
        findings_.Warn(step.position.file, step.position.line, step.position.column,
                       "the timeout of step '" + step.name + "' is longer than the task's limit of " +
                           std::to_string(graph_.limits.time_ms) + " ms");
      }
      if (step.agent) CheckPrice(step, timeout);
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

  // One call that costs more than the whole task may can never be made.
  void CheckPrice(const Step& step, int64_t timeout_ms) {
    const Agent& agent = graph_.agents.at(step.agent->agent);
    constexpr int64_t kUsPerMs = 1000;
    const int64_t most_ms = graph_.limits.time_ms > 0 ? std::min(timeout_ms, graph_.limits.time_ms) : timeout_ms;
    const int64_t device_us = most_ms * kUsPerMs;
    const auto warn = [&](const std::string& cost, const std::string& limit) {
      findings_.Warn(
          step.position.file, step.position.line, step.position.column,
          "one call of step '" + step.name + "' may cost " + cost + ", more than the task's limit of " + limit);
    };
    if (graph_.limits.device_us > 0 && device_us > graph_.limits.device_us) {
      warn(FormatMicros(device_us) + " s of device time", FormatMicros(graph_.limits.device_us) + " s");
    }
    const int64_t money = MostCostOf(agent, device_us);
    if (graph_.limits.money > 0 && money > graph_.limits.money) {
      warn(FormatMicros(money), FormatMicros(graph_.limits.money));
    }
  }

  const Graph& graph_;
  const FilesMust files_;
  kind::Findings findings_;
  // Of the repeat whose body is looked at next.
  const Expression* until_ = nullptr;
};

}  // namespace

std::vector<Finding> Lint(const Graph& graph, FilesMust files) { return Linter(graph, files).Run(); }

}  // namespace troupe::graph
