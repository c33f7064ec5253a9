#include "agents/tools/synthesise_card.h"

#include "agents/tools/card_parts.h"

namespace troupe::tools {
namespace {

constexpr size_t kDroppedShown = 3;  // of each reason

Value Counts(const SkillTally& tally) {
  Value counts = {{"written", tally.written()}};
  for (size_t i = 0; i < kVerdicts; ++i) counts[VerdictKey(static_cast<Verdict>(i))] = tally.counts.at(i);
  return counts;
}

SkillTally Sum(const std::vector<SkillTally>& tallies) {
  SkillTally sum;
  for (const SkillTally& tally : tallies) {
    for (size_t i = 0; i < kVerdicts; ++i) sum.counts.at(i) += tally.counts.at(i);
  }
  return sum;
}

Value Card(const SynthesisFacts& facts) {
  Value skills = Value::array();
  for (size_t i = 0; i < facts.job.skills.size(); ++i) {
    Value skill = Counts(facts.synthesis.tallies[i]);
    skill["label"] = facts.job.skills[i].skill.label;
    skills.push_back(std::move(skill));
  }
  const MixedTexts& mixed = facts.mixed;
  return {{"name", facts.recipe.name},
          {"task", "synthesise"},
          {"teacher", {{"name", facts.recipe.teacher.filename().string()}, {"sha256", facts.job.teacher_sha256}}},
          {"embedder",
           {{"name", facts.recipe.embedder.filename().string()}, {"sha256", facts.job.embedder->info().digest}}},
          {"data", DataValue(facts.job.data)},
          {"seed", facts.recipe.seed},
          {"recipe", facts.recipe_text},
          {"run", facts.job.run},
          {"counts", Counts(Sum(facts.synthesis.tallies))},
          {"skills", skills},
          {"mixed", {{"real", mixed.real}, {"synthetic", mixed.synthetic}, {"share", mixed.share()}}},
          {"files", facts.digests}};
}

// As it may stand in a cell of a table.
std::string Cell(const std::string& text) {
  std::string cell;
  for (const char c : text)
    cell += c == '|' || c == '<' || c == '`' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return cell;
}

// A row for each skill, with the first text that was kept.
std::string SkillTable(const SynthesisFacts& facts) {
  std::string md = "## Skills\n\n| skill | written |";
  for (size_t i = 0; i < kVerdicts; ++i) md += " " + VerdictName(static_cast<Verdict>(i)) + " |";
  md += " one that was kept |\n|---|---|---|---|---|---|---|---|\n";
  for (size_t i = 0; i < facts.job.skills.size(); ++i) {
    const std::string& label = facts.job.skills[i].skill.label;
    const SkillTally& tally = facts.synthesis.tallies[i];
    md += "| " + Cell(label) + " | " + std::to_string(tally.written()) + " |";
    for (const size_t count : tally.counts) md += " " + std::to_string(count) + " |";
    std::string sample;
    for (const SyntheticText& text : facts.synthesis.texts) {
      if (sample.empty() && text.label == label && text.verdict == Verdict::kKept) sample = text.text;
    }
    md += " " + Cell(sample) + " |\n";
  }
  return md;
}

std::string DroppedTable(const Synthesis& synthesis) {
  std::string md = "## Some that were dropped\n\n| why | asked for | text |\n|---|---|---|\n";
  for (size_t i = 1; i < kVerdicts; ++i) {
    const auto verdict = static_cast<Verdict>(i);
    size_t shown = 0;
    for (const SyntheticText& text : synthesis.texts) {
      if (text.verdict != verdict || shown == kDroppedShown) continue;
      ++shown;
      md += "| " + VerdictName(verdict) + " | " + Cell(text.label) + " | " + Cell(text.text) + " |\n";
    }
  }
  return md;
}

std::string Markdown(const SynthesisFacts& facts) {
  const SkillTally sum = Sum(facts.synthesis.tallies);
  const auto row = [](const std::string& name, const std::string& what) { return "| " + name + " | " + what + " |\n"; };
  std::string md = "# " + facts.recipe.name + "\n\nTexts of " + std::to_string(facts.job.skills.size()) +
                   " skills, written by " + facts.recipe.teacher.filename().string() +
                   " after a few real ones, in train.jsonl mixed with those.\n\n| | |\n|---|---|\n";
  md += row("written by the teacher", std::to_string(sum.written()));
  for (size_t i = 0; i < kVerdicts; ++i) {
    const auto verdict = static_cast<Verdict>(i);
    md += row(verdict == Verdict::kKept ? "kept" : "dropped: " + VerdictName(verdict), std::to_string(sum.of(verdict)));
  }
  md += row("in train.jsonl: real, synthetic, share of these", std::to_string(facts.mixed.real) + ", " +
                                                                   std::to_string(facts.mixed.synthetic) + ", " +
                                                                   Percent(facts.mixed.share()));
  md += row("teacher (SHA-256)", facts.job.teacher_sha256);
  md += row("embedder (SHA-256)", facts.job.embedder->info().digest);
  for (const auto& [name, digest] : facts.digests) md += row(name + " (SHA-256)", digest);
  md += row("seed", std::to_string(facts.recipe.seed));
  return md + "\n" + SkillTable(facts) + "\n" + DroppedTable(facts.synthesis) + "\n" + DataTable(facts.job.data) +
         "\n" + RecipeBlock(facts.recipe_text);
}

}  // namespace

std::map<std::string, std::string> SynthesisCards(const SynthesisFacts& facts) {
  return {{"card.json", ToFileText(Card(facts))}, {"card.md", Markdown(facts)}};
}

}  // namespace troupe::tools
