// The keys of a decompose step: which there are depends on how it takes the text apart.
#include <algorithm>
#include <utility>

#include "router/graph/context.h"

namespace troupe::graph {
namespace {

using kind::YamlMap;
using kind::YamlNode;
using By = DecomposeStep::By;

constexpr int kMaxParts = 1000;
constexpr int kMaxWindows = 10'000;
constexpr int64_t kMaxWindowSize = 1'000'000;
constexpr size_t kMaxSeparatorBytes = 100;

const std::vector<std::string> kWays = {"meaning", "list", "windows", "planner"};

class DecomposeReader {
 public:
  DecomposeReader(ParseContext& context, YamlMap& step, const YamlNode& node)
      : context_(context), step_(step), keys_(node, "'decompose'", context.file(), context.findings) {}

  DecomposeStep Read() {
    decompose_.by = static_cast<By>(keys_.Choice("by", kWays).value_or(0));
    if (const YamlNode* text = keys_.Require("text", "say what to take apart")) {
      if (auto expression = ReadExpression(context_, *text, "'text'")) decompose_.text = std::move(*expression);
    }
    ReadHelper();
    keys_.Require("max", "say how many parts there may be, for example max: 8");
    const int most = decompose_.by == By::kWindows ? kMaxWindows : kMaxParts;
    decompose_.max = static_cast<int>(keys_.Integer("max", 1, most).value_or(1));
    ReadOwn();
    RefuseForeign();
    keys_.Finish();
    return std::move(decompose_);
  }

 private:
  bool HasSkills() const {
    const bool by_skill = decompose_.by == By::kMeaning || decompose_.by == By::kPlanner;
    return by_skill || (decompose_.by == By::kList && keys_.node().Find("agent") != nullptr);
  }

  void ReadHelper() {
    if (!HasSkills()) {
      for (const char* key : {"timeout", "retry"}) {
        if (const YamlNode* node = step_.Get(key)) {
          context_.Error(*node, step_.what() + " asks no agent, so '" + key + "' has no use there; remove it");
        }
      }
      return;
    }
    const std::string kind = decompose_.by == By::kPlanner ? "generate" : "embed";
    if (const YamlNode* agent = keys_.Require("agent", "name an agent of kind " + kind);
        agent && UseAgent(context_, *agent)) {
      decompose_.agent = agent->text;
      if (!context_.graph.agents.at(agent->text).asks.empty()) {
        context_.Error(*agent, "agent '" + agent->text +
                                   "' asks peers, which it can in steps of its own only; name an agent without 'asks'");
      }
      const kind::Kind* found = context_.graph.agents.at(agent->text).kind;
      if (found != nullptr && found->name != kind && found->name != "scripted") {
        context_.Error(*agent, "agent '" + agent->text + "' is of kind " + found->name + "; decompose by " +
                                   kWays[static_cast<size_t>(decompose_.by)] + " needs one of kind " + kind);
      }
    }
    if (const YamlNode* skills = keys_.Require("skills", "give examples for each skill")) {
      decompose_.skills = ReadSkills(context_, *skills);
    }
    decompose_.default_skill = keys_.String("default").value_or("other");
  }

  void ReadOwn() {
    if (HasSkills() && decompose_.by != By::kPlanner) {
      decompose_.threshold = keys_.Number("threshold", -1, 1).value_or(0);
    }
    if (decompose_.by == By::kMeaning) decompose_.cut_cost = keys_.Number("cutCost", 0, 4).value_or(1);
    if (decompose_.by == By::kList) {
      const YamlNode* separator = keys_.Get("separator");
      decompose_.separator = keys_.String("separator").value_or("");
      if (separator != nullptr && (decompose_.separator.empty() || decompose_.separator.size() > kMaxSeparatorBytes)) {
        context_.Error(*separator, "'separator' must be a text of 1 to " + std::to_string(kMaxSeparatorBytes) +
                                       " bytes, got " + Describe(*separator));
      }
    }
    if (decompose_.by == By::kWindows) {
      keys_.Require("size", "say how many characters a window may have, for example size: 2000");
      decompose_.size = keys_.Integer("size", 1, kMaxWindowSize).value_or(1);
      decompose_.overlap = keys_.Integer("overlap", 0, kMaxWindowSize).value_or(0);
      const YamlNode* overlap = keys_.node().Find("overlap");
      if (overlap != nullptr && keys_.node().Find("size") != nullptr && decompose_.overlap > decompose_.size / 2) {
        context_.Error(*overlap, "'overlap' may be half of 'size' at most, here " +
                                     std::to_string(decompose_.size / 2) + ", got " + Describe(*overlap));
      }
    }
  }

  // Keys that mean something, but not with this `by`.
  void RefuseForeign() {
    struct Owned {
      const char* key;
      const char* owner;
    };
    constexpr Owned kOwned[] = {{"agent", "meaning, list or planner"},
                                {"skills", "meaning, list (with 'agent') or planner"},
                                {"default", "meaning, list (with 'agent') or planner"},
                                {"threshold", "meaning or list (with 'agent')"},
                                {"cutCost", "meaning"},
                                {"separator", "list"},
                                {"size", "windows"},
                                {"overlap", "windows"}};
    for (const auto& [key, owner] : kOwned) {
      const YamlNode* node = keys_.node().Find(key);
      if (node == nullptr || keys_.IsKnown(key)) continue;
      keys_.Get(key);
      context_.Error(*node, std::string("'") + key + "' has no meaning with 'by: " +
                                kWays[static_cast<size_t>(decompose_.by)] + "'; it goes with " + owner);
    }
  }

  ParseContext& context_;
  YamlMap& step_;
  YamlMap keys_;
  DecomposeStep decompose_;
};

}  // namespace

DecomposeStep ReadDecompose(ParseContext& context, YamlMap& step, const YamlNode& node) {
  return DecomposeReader(context, step, node).Read();
}

}  // namespace troupe::graph
