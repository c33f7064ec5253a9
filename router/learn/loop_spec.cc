#include "router/learn/loop_spec.h"

#include "runtime/kind/header.h"
#include "runtime/kind/yaml_map.h"

namespace troupe::learn {
namespace {

using kind::Findings;
using kind::YamlMap;
using kind::YamlNode;

constexpr int64_t kMost = 1'000'000;

class Reader {
 public:
  Reader(const std::string& file, const std::filesystem::path& folder) : file_(file), folder_(folder) {}

  Result<LoopSpec> Read(std::string_view yaml) {
    const YamlNode root = kind::ParseYaml(yaml, file_, findings_);
    LoopSpec spec;
    if (!findings_.HasErrors()) {
      YamlMap document(root, "the loop", file_, findings_);
      kind::CheckKind(document, "LearnLoop", file_, findings_);
      spec.name = kind::ReadName(document, "loop", file_, findings_);
      if (const YamlNode* node = document.Require("spec", "say what is learnt, and how")) ReadSpec(*node, spec);
      document.Finish();
    }
    std::string all;
    for (const kind::Finding& finding : findings_.Take()) {
      if (finding.severity == kind::Severity::kError) all += (all.empty() ? "" : "\n") + kind::ToString(finding);
    }
    if (!all.empty()) return Invalid(std::move(all));
    return spec;
  }

 private:
  void ReadSpec(const YamlNode& node, LoopSpec& out) {
    YamlMap spec(node, "'spec'", file_, findings_);
    spec.Require("graph", "name the graph, as the router knows it");
    out.graph = spec.String("graph").value_or("");
    spec.Require("step", "name the step whose student learns, without rounds: handle.route");
    out.step = spec.String("step").value_or("");
    spec.Require("recipe", "name the LearnRecipe of every round");
    out.recipe = Path(spec.String("recipe"));
    spec.Require("folder", "name the folder where students and what happened are kept");
    out.folder = Path(spec.String("folder"));
    out.rule.every = spec.Integer("every", 1, kMost).value_or(out.rule.every);
    out.rule.promote_after = spec.Integer("promoteAfter", 1, kMost).value_or(out.rule.promote_after);
    if (const YamlNode* canary = spec.Get("canary")) ReadCanary(*canary, out.canary);
    out.rule.min_answers = out.canary.min_tasks;
    out.rule.min_checks = out.canary.min_checks;
    spec.Finish();
    if (out.rule.promote_after < out.canary.min_tasks) {
      findings_.Error(
          file_, node,
          "'promoteAfter' is less than the canary's 'minTasks', so it would be promoted before it is judged");
    }
  }

  void ReadCanary(const YamlNode& node, rollout::CanaryRule& rule) {
    YamlMap canary(node, "'canary'", file_, findings_);
    const auto percent = [&](const char* key, int max, int& to) {
      to = static_cast<int>(canary.Integer(key, 1, max).value_or(to));
    };
    percent("percent", 99, rule.percent);
    percent("margin", 100, rule.margin_percent);
    percent("unsureMargin", 100, rule.unsure_margin_percent);
    percent("differingMargin", 100, rule.differing_margin_percent);
    rule.min_tasks = canary.Integer("minTasks", 1, kMost).value_or(rule.min_tasks);
    rule.min_checks = canary.Integer("minChecks", 1, kMost).value_or(rule.min_checks);
    canary.Finish();
  }

  std::filesystem::path Path(const std::optional<std::string>& text) const {
    return text ? (folder_ / *text).lexically_normal() : std::filesystem::path();
  }

  const std::string& file_;
  const std::filesystem::path& folder_;
  Findings findings_;
};

}  // namespace

Result<LoopSpec> ParseLoopSpec(std::string_view yaml, const std::string& file_name,
                               const std::filesystem::path& folder) {
  return Reader(file_name, folder).Read(yaml);
}

}  // namespace troupe::learn
