// How a teacher is asked for one more text of a skill: as a list that it goes on with, "Messages about card arrival:",
// a few real ones below, one a line. Not as a conversation: a small model that was made for conversations answers such
// messages, or talks about them, where it is to write another one; and a list needs no chat template. Which real ones
// are shown follows from the seed and the asking's number, and so do others each time (Wang et al., 2022, "Self-
// Instruct", arXiv:2212.10560). Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace troupe::train {

struct Skill {
  std::string label;
  std::string description;  // what its texts are about; empty: the label says it
};

// Blanks and line feeds as one blank each, none at the ends: a text that takes one line of a list.
std::string OneLine(const std::string& text);

// `count` different ones of `texts` at most, in an order that is drawn too.
std::vector<std::string> DrawShown(const std::vector<std::string>& texts, size_t count, uint64_t seed);

// What stands before the new text, up to the sign that begins its line. `heading` says what all texts are: "Messages
// of a bank's customers".
std::string ListPrompt(const std::string& heading, const Skill& skill, const std::vector<std::string>& shown);

// What the new text must look like behind that: a blank, a sign that no list begins with, at least `min_chars` in all,
// and the end of the line. As a regular expression for runtime/text/grammar.h. How long it may be is its caller's to
// look at: where a grammar ends a text the text is not finished.
std::string LinePattern(size_t min_chars);

}  // namespace troupe::train
