// Vectors that tests can reason about: one axis for each word of a small vocabulary, so that texts sharing words are
// near.
#pragma once

#include <cctype>
#include <cmath>
#include <string>
#include <vector>

#include "router/decompose/decompose.h"

namespace troupe::decompose {

// A text's counts of the vocabulary's words, of length 1; the last axis stands for all other words.
inline std::vector<float> ToyVector(const std::string& text, const std::vector<std::string>& vocabulary) {
  std::vector<float> vector(vocabulary.size() + 1, 0.0f);
  std::string word;
  const auto take = [&] {
    if (word.empty()) return;
    size_t i = 0;
    while (i < vocabulary.size() && vocabulary[i] != word) ++i;
    vector[i] += i < vocabulary.size() ? 1.0f : 0.2f;
    word.clear();
  };
  for (unsigned char c : text) {
    if (std::isalnum(c) != 0) {
      word.push_back(static_cast<char>(std::tolower(c)));
    } else {
      take();
    }
  }
  take();
  float square = 1e-6f;
  for (float v : vector) square += v * v;
  for (float& v : vector) v /= std::sqrt(square);
  return vector;
}

struct ToySkills {
  std::vector<std::string> vocabulary = {"parcel", "late", "refund", "money", "kettle", "broken", "address", "change"};

  std::vector<float> Vectors(const std::vector<std::string>& texts) const {
    std::vector<float> all;
    for (const std::string& text : texts) {
      const std::vector<float> one = ToyVector(text, vocabulary);
      all.insert(all.end(), one.begin(), one.end());
    }
    return all;
  }

  SkillIndex Index() const {
    const std::vector<int> counts = {2, 2, 1, 1};
    return *SkillIndex::Build(
        {"delivery", "returns", "faulty", "address"}, counts,
        Vectors({"parcel late", "parcel", "refund money", "refund", "kettle broken", "change address"}),
        static_cast<int>(vocabulary.size()) + 1);
  }

  Result<std::vector<Part>> Split(const std::string& text, const Options& options) const {
    const Candidates candidates = FindCandidates(text, options);
    return Choose(text, candidates, Vectors(Texts(text, candidates)), Index(), options);
  }
};

}  // namespace troupe::decompose
