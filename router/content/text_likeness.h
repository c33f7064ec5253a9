// How alike two texts are, and what words one has. Without a model: for what a person would see at a glance. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::content {

// A text's words and pairs of neighbouring words, whatever their case and signs: taken once, compared with many.
struct Wording {
  // By hash, ascending, with how often each is there.
  std::vector<std::pair<uint64_t, double>> counts;
  double norm = 0;
};

Wording WordingOf(std::string_view text);

// The cosine of the two, 0 to 1: 1 for texts of the same words in the same order.
double Likeness(const Wording& a, const Wording& b);

// True where `words` (words.h) has those of `phrase` one after the other.
bool HasPhrase(const std::vector<std::string>& words, std::string_view phrase);

}  // namespace troupe::content
