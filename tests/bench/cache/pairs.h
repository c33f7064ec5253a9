// Pairs of questions made by rules from a seed: such that must not share an answer (one fact or word turned), and such
// that may (the same said otherwise). Word lists are this generator's own: names from a census, antonyms and synonyms
// drawn at random from WordNet 3.0, so that the guard is not asked for its own words.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace troupe::bench {

struct Pair {
  std::string kind;
  std::string left, right;
};

// Draws that are the same on every machine.
class Draw {
 public:
  explicit Draw(uint64_t seed) : engine_(seed) {}
  size_t Below(size_t limit) { return static_cast<size_t>(engine_() % limit); }
  bool OneIn(size_t n) { return Below(n) == 0; }
  template <typename List>
  const auto& Of(const List& list) {
    return list[Below(std::size(list))];
  }

 private:
  std::mt19937_64 engine_;
};

// `each` of every kind: negation, number, date, name, currency, antonym. `questions` are real ones to change.
std::vector<Pair> Adversaries(const std::vector<std::string>& questions, size_t each, uint64_t seed);
// `each` of every kind: politeness, contraction, typo, synonym, order, template, case.
std::vector<Pair> Paraphrases(const std::vector<std::string>& questions, size_t each, uint64_t seed);

}  // namespace troupe::bench
