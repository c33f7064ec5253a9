#include "runtime/train/gate.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "runtime/base/check.h"

namespace troupe::train {
namespace {

// Of shares that are compared: two points of a hundred are not more than two because doubles have no such number.
constexpr double kRounding = 1e-9;

double Share(size_t part, size_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::string Percent(double share) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f %%", 100 * share);
  return text;
}

std::string Both(const Tally& tally) {
  return Percent(tally.old_share()) + " to " + Percent(tally.new_share()) + " of " + std::to_string(tally.pairs) +
         " pairs";
}

bool FellTooFar(const Tally& tally, double allowed, const GateRules& rules) {
  return tally.fall() > allowed + kRounding && SignTest(tally.lost, tally.won) <= rules.chance;
}

std::string FallText(const std::string& what, const Tally& tally, double allowed) {
  return what + " fell from " + Both(tally) + ", and may fall by " + Percent(allowed);
}

Value TallyValue(const Tally& tally) {
  return {{"pairs", tally.pairs},
          {"old_right", tally.old_right},
          {"new_right", tally.new_right},
          {"lost", tally.lost},
          {"won", tally.won}};
}

std::string Row(const std::string& name, const Tally& tally, const std::string& verdict) {
  return "| " + name + " | " + std::to_string(tally.pairs) + " | " + Percent(tally.old_share()) + " | " +
         Percent(tally.new_share()) + " | " + std::to_string(tally.lost) + " | " + std::to_string(tally.won) + " | " +
         verdict + " |\n";
}

}  // namespace

void Tally::Add(const JudgedPair& pair) {
  const bool old_is_right = pair.old_says == pair.number, new_is_right = pair.new_says == pair.number;
  ++pairs;
  old_right += old_is_right;
  new_right += new_is_right;
  lost += old_is_right && !new_is_right;
  won += new_is_right && !old_is_right;
}

double Tally::old_share() const { return Share(old_right, pairs); }
double Tally::new_share() const { return Share(new_right, pairs); }

double SignTest(size_t lost, size_t won) {
  const auto throws = static_cast<double>(lost + won);
  double sum = 0;
  for (size_t heads = lost; heads <= lost + won; ++heads) {
    const auto k = static_cast<double>(heads);
    sum +=
        std::exp(std::lgamma(throws + 1) - std::lgamma(k + 1) - std::lgamma(throws - k + 1) - throws * std::log(2.0));
  }
  return std::min(sum, 1.0);
}

GateResult Judge(const std::vector<JudgedPair>& pairs, const std::vector<std::string>& labels, size_t known,
                 const GateRules& rules) {
  CHECK(!pairs.empty());
  GateResult result;
  std::vector<Tally> skills(labels.size());
  for (const JudgedPair& pair : pairs) {
    result.all.Add(pair);
    (pair.from == PairFrom::kLesson ? result.lessons : result.old_examples).Add(pair);
    skills.at(static_cast<size_t>(pair.number)).Add(pair);
  }
  for (const auto& [what, tally] :
       {std::pair("old examples", result.old_examples), {"all pairs together", result.all}}) {
    if (FellTooFar(tally, rules.all, rules)) result.reasons.push_back(FallText(what, tally, rules.all));
  }
  if (result.lessons.pairs > 0 && result.lessons.new_share() < rules.lessons) {
    result.reasons.push_back("of the held-back lessons only " + Percent(result.lessons.new_share()) +
                             " are right after learning from the others, and " + Percent(rules.lessons) +
                             " must be: their labels may be wrong");
  }
  for (size_t i = 0; i < labels.size(); ++i) {
    const Tally& tally = skills[i];
    if (tally.pairs == 0) continue;
    const bool is_worse = FellTooFar(tally, rules.skill, rules);
    if (is_worse) result.reasons.push_back(FallText("the skill \"" + labels[i] + "\"", tally, rules.skill));
    result.skills.push_back({labels[i], i >= known, tally, is_worse});
  }
  return result;
}

Value GateResult::ToValue() const {
  Value by_skill = Value::array();
  for (const SkillTally& skill : skills) {
    Value row = TallyValue(skill.tally);
    row.update({{"label", skill.label}, {"new", skill.is_new}, {"worse", skill.is_worse}});
    by_skill.push_back(std::move(row));
  }
  return {{"passed", passed()},
          {"reasons", reasons},
          {"all", TallyValue(all)},
          {"lessons", TallyValue(lessons)},
          {"old_examples", TallyValue(old_examples)},
          {"skills", by_skill}};
}

std::string GateResult::ToMarkdown() const {
  std::string md =
      "| held-back pairs | how many | right: old | right: new | lost | won | |\n|---|---|---|---|---|---|---|\n";
  md += Row("all", all, "") + Row("lessons", lessons, "") + Row("old examples", old_examples, "");
  std::vector<const SkillTally*> order;
  for (const SkillTally& skill : skills) order.push_back(&skill);
  const auto loses_more = [](const SkillTally* a, const SkillTally* b) {
    return a->is_worse != b->is_worse ? a->is_worse : a->tally.fall() > b->tally.fall();
  };
  std::stable_sort(order.begin(), order.end(), loses_more);
  for (const SkillTally* skill : order) {
    md += Row("`" + skill->label + "`", skill->tally, skill->is_worse ? "worse" : skill->is_new ? "new" : "");
  }
  return md;
}

}  // namespace troupe::train
