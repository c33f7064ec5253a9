// What the guard reads out of a text: the facts that two questions must have in common to share an answer, and the
// words that are left. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "router/cache/lexicon.h"
#include "runtime/base/error.h"

namespace troupe::cache {

enum class FactKind : uint8_t { kPolarity, kNumber, kDate, kMoney, kName, kCode };
constexpr int kFactKinds = 6;

// "polarity", "numbers" and so on, as people read them.
std::string_view FactName(FactKind kind);

struct Fact {
  FactKind kind = FactKind::kPolarity;
  // Canonical: "5 GBP", "17:30", "monday", "not".
  std::string value;
  bool operator==(const Fact&) const = default;
};

// A word that carries meaning. Words of one base form are the same.
struct Word {
  std::string base, text;
  bool operator==(const Word& other) const { return base == other.base; }
  bool operator<(const Word& other) const { return base < other.base; }
};

// A preposition that says which way, and the content word behind it.
struct Direction {
  std::string word;
  std::string object;
};

struct Reading {
  // In the order of the text.
  std::vector<Fact> facts;
  // In the order of the text.
  std::vector<Word> words;
  // Every word as it stands, for names that the other text writes without a capital.
  WordSet all;
  std::vector<Direction> directions;
  // Sorted, each once.
  std::vector<Pole> poles;
  // "but", "instead": what is said before and behind must stay there.
  bool contrasts = false;
};

// Errors as Tokenize; also INVALID_ARGUMENT for words of another language, and a text that says nothing.
Result<Reading> Read(std::string_view text);

}  // namespace troupe::cache
