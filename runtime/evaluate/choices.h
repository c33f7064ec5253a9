// A task with right answers: which of a few labels a text has. The model reads "TEXT => LABEL" after a few solved
// examples, and the label whose tokens it finds likeliest (per token) is its answer.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/model/decoder.h"
#include "runtime/text/tokenizer.h"

namespace troupe::evaluate {

struct Labelled {
  std::string text;
  std::string label;
};

struct Question {
  std::string prompt;                // up to the label
  std::vector<std::string> choices;  // the label among others
  size_t right = 0;
};

// A .csv with a column of texts ("text") and one of labels ("label", "category", "intent"). Errors: INVALID_ARGUMENT,
// NOT_FOUND.
Result<std::vector<Labelled>> ReadLabelled(const std::string& path);

// `count` questions with `choices` labels each, drawn by the seed; before each stand solved examples, one for every
// choice, of other texts. Errors: INVALID_ARGUMENT where the examples have fewer labels than that.
Result<std::vector<Question>> MakeQuestions(const std::vector<Labelled>& examples, size_t count, size_t choices,
                                            uint64_t seed);

// The longest question in tokens, with its longest choice.
Result<int64_t> LongestQuestion(const std::vector<Question>& questions, const text::Tokenizer& tokenizer);

// The share of questions answered right, 0 to 1. The decoder has pages for the longest. Errors:
// Decoder::Forward's.
Result<double> Accuracy(model::Decoder& decoder, const text::Tokenizer& tokenizer,
                        const std::vector<Question>& questions);

}  // namespace troupe::evaluate
