#include "runtime/train/skill_prompts.h"

#include <algorithm>

#include "runtime/train/shuffle.h"

namespace troupe::train {

std::string OneLine(const std::string& text) {
  std::string line;
  for (const char c : text) {
    const bool is_blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!is_blank) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  if (line.ends_with(' ')) line.pop_back();
  return line;
}

std::vector<std::string> DrawShown(const std::vector<std::string>& texts, size_t count, uint64_t seed) {
  std::vector<std::string> shown;
  for (const size_t i : Shuffled(texts.size(), seed)) {
    if (shown.size() == count) break;
    shown.push_back(OneLine(texts[i]));
  }
  return shown;
}

std::string ListPrompt(const std::string& heading, const Skill& skill, const std::vector<std::string>& shown) {
  std::string about = OneLine(skill.description.empty() ? skill.label : skill.description);
  if (skill.description.empty()) std::replace(about.begin(), about.end(), '_', ' ');
  std::string prompt = heading + " about " + about + ":\n";
  for (const std::string& text : shown) prompt += "- " + text + "\n";
  return prompt + "-";
}

std::string LinePattern(size_t min_chars) { return R"( [^\s\-][^\n]{)" + std::to_string(min_chars - 1) + ",}\n"; }

}  // namespace troupe::train
