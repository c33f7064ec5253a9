#include "agents/tools/learn_card.h"

#include <algorithm>
#include <cstdio>

#include "agents/tools/card_parts.h"

namespace troupe::tools {
namespace {

constexpr double kLeastBelow = 0.01;

Value EscalationValue(const LearnFacts& facts) {
  const train::Escalation& escalation = facts.verdict.escalation;
  const train::EscalationTarget& target = facts.recipe.escalate;
  return {{"target",
           target.accuracy ? Value{{"accuracy", *target.accuracy}} : Value{{"teacher_share", *target.teacher_share}}},
          {"below", escalation.below},
          {"teacher_share", escalation.teacher_share},
          {"own_accuracy", escalation.own_accuracy},
          {"accuracy", escalation.accuracy}};
}

Value Card(const LearnFacts& facts) {
  const LearnJob& job = facts.job;
  return {{"name", facts.recipe.name},
          {"task", "classify"},
          {"sha256", facts.digest},
          {"parent", {{"name", job.base.path.filename().string()}, {"sha256", job.base_sha256}}},
          {"data", DataValue(job.data)},
          {"lessons", {{"trained_on", job.lessons}, {"held_back", job.held_back_lessons}, {"left_out", job.left_out}}},
          {"old_examples", {{"trained_on", job.replayed}, {"held_back", job.held_back.size() - job.held_back_lessons}}},
          {"new_labels", job.new_labels},
          {"labels", job.training->student().config().labels.size()},
          {"seed", facts.recipe.training.seed},
          {"recipe", facts.recipe_text},
          {"run", job.run},
          {"steps", job.training->steps()},
          {"gate", facts.verdict.gate.ToValue()},
          {"calibration", CalibrationValue(facts.verdict.calibration)},
          {"escalation", EscalationValue(facts)}};
}

std::string Markdown(const LearnFacts& facts) {
  const LearnJob& job = facts.job;
  const LearnVerdict& verdict = facts.verdict;
  const auto text = [](auto number) { return std::to_string(number); };
  std::string labels = text(job.training->student().config().labels.size());
  if (!job.new_labels.empty()) labels += ", of them new: ";
  for (const std::string& label : job.new_labels) labels += (label == job.new_labels.front() ? "" : ", ") + label;
  std::string md = "# " + facts.recipe.name + "\n\nA classifier that learnt from what its teacher said where " +
                   job.base.path.filename().string() + " was unsure.\n\n| | |\n|---|---|\n" +
                   "| digest (SHA-256 of model.safetensors) | " + facts.digest + " |\n| of the student before | " +
                   job.base_sha256 + " |\n| labels | " + labels + " |\n| learnt from, beside old examples | " +
                   text(job.lessons) + ", " + text(job.replayed) +
                   " |\n| lessons left out, also of those that judge, as the teacher was unsure itself | " +
                   text(job.left_out) + " |\n" + CalibrationRow(verdict.calibration) +
                   "| its teacher is asked below | " + BelowText(verdict.escalation) +
                   " |\n| of the held-back pairs the teacher gets; of the others right; of all right, the teacher's "
                   "counted so | " +
                   Percent(verdict.escalation.teacher_share) + "; " + Percent(verdict.escalation.own_accuracy) + "; " +
                   Percent(verdict.escalation.accuracy) + " |\n| seed | " + text(facts.recipe.training.seed) +
                   " |\n\n![loss](loss.svg)\n\n## Gate\n\nPassed: on pairs that it was not trained on it is not worse "
                   "than the student before, beyond what the recipe allows.\n\n" +
                   verdict.gate.ToMarkdown() + "\n";
  return md + DataTable(job.data) + "\n" + RecipeBlock(facts.recipe_text);
}

}  // namespace

std::string BelowText(const train::Escalation& escalation) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.12g", std::max(escalation.below, kLeastBelow));
  return text;
}

std::map<std::string, std::string> LearnCards(const LearnFacts& facts) {
  return {{"card.json", ToFileText(Card(facts))},
          {"card.md", Markdown(facts)},
          {"loss.svg", LossChart(facts.log)},
          {"teach.yaml",
           "# For the step that this student works on: the teacher's name, and from where on it is asked.\n"
           "teach: {agent: TEACHER, below: " +
               BelowText(facts.verdict.escalation) + "}\n"}};
}

}  // namespace troupe::tools
