// How alike two texts are, and what words one has. Without a model: for what a person would see at a glance. Pure.
#pragma once

#include <string_view>

namespace troupe::content {

// The cosine of the counts of words and of pairs of neighbouring words, 0 to 1: 1 for texts of the same words in the
// same order, whatever their case and signs.
double Likeness(std::string_view a, std::string_view b);

// True where `text` has the words of `phrase` one after the other, whatever their case.
bool HasPhrase(std::string_view text, std::string_view phrase);

}  // namespace troupe::content
