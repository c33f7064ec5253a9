#include "router/content/text_likeness.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "router/content/words.h"

namespace troupe::content {
namespace {

std::map<std::string, double> Counts(std::string_view text) {
  std::map<std::string, double> counts;
  const std::vector<std::string> words = WordsOf(text);
  for (size_t i = 0; i < words.size(); ++i) {
    counts[words[i]] += 1;
    if (i > 0) counts[words[i - 1] + " " + words[i]] += 1;
  }
  return counts;
}

double Norm(const std::map<std::string, double>& counts) {
  double sum = 0;
  for (const auto& [word, count] : counts) sum += count * count;
  return std::sqrt(sum);
}

}  // namespace

double Likeness(std::string_view a, std::string_view b) {
  const auto left = Counts(a);
  const auto right = Counts(b);
  if (left.empty() || right.empty()) return left.empty() && right.empty() ? 1.0 : 0.0;
  double dot = 0;
  for (const auto& [word, count] : left) {
    const auto found = right.find(word);
    if (found != right.end()) dot += count * found->second;
  }
  return std::min(1.0, dot / (Norm(left) * Norm(right)));
}

bool HasPhrase(std::string_view text, std::string_view phrase) {
  const std::vector<std::string> words = WordsOf(text);
  const std::vector<std::string> wanted = WordsOf(phrase);
  return !wanted.empty() && std::search(words.begin(), words.end(), wanted.begin(), wanted.end()) != words.end();
}

}  // namespace troupe::content
