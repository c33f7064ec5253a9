#include "router/content/text_likeness.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "router/content/words.h"

namespace troupe::content {

Wording WordingOf(std::string_view text) {
  const std::vector<std::string> words = WordsOf(text);
  std::vector<uint64_t> hashes;
  for (size_t i = 0; i < words.size(); ++i) {
    hashes.push_back(std::hash<std::string>()(words[i]));
    if (i > 0) hashes.push_back(std::hash<std::string>()(words[i - 1] + " " + words[i]));
  }
  std::sort(hashes.begin(), hashes.end());
  Wording wording;
  for (const uint64_t hash : hashes) {
    if (wording.counts.empty() || wording.counts.back().first != hash) wording.counts.emplace_back(hash, 0);
    wording.counts.back().second += 1;
  }
  for (const auto& [hash, count] : wording.counts) wording.norm += count * count;
  wording.norm = std::sqrt(wording.norm);
  return wording;
}

double Likeness(const Wording& a, const Wording& b) {
  if (a.counts.empty() || b.counts.empty()) return a.counts.empty() && b.counts.empty() ? 1.0 : 0.0;
  double dot = 0;
  auto right = b.counts.begin();
  for (const auto& [hash, count] : a.counts) {
    while (right != b.counts.end() && right->first < hash) ++right;
    if (right != b.counts.end() && right->first == hash) dot += count * right->second;
  }
  return std::min(1.0, dot / (a.norm * b.norm));
}

bool HasPhrase(const std::vector<std::string>& words, std::string_view phrase) {
  const std::vector<std::string> wanted = WordsOf(phrase);
  return !wanted.empty() && std::search(words.begin(), words.end(), wanted.begin(), wanted.end()) != words.end();
}

}  // namespace troupe::content
