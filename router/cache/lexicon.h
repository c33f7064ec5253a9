// What the guard knows of words: the lists of words/ in tables, read once. Knows nothing of sentences. Immutable, so
// thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace troupe::cache {

// Looks up without making a string.
struct StringHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
template <typename T>
using WordTable = std::unordered_map<std::string, T, StringHash, std::equal_to<>>;
using WordSet = std::unordered_set<std::string, StringHash, std::equal_to<>>;

// One side of a line of opposites.txt.
struct Pole {
  int line = 0;
  int side = 0;
  auto operator<=>(const Pole&) const = default;
};

class Lexicon {
 public:
  static const Lexicon& Get();

  // The form under which words are compared: "cards" and "card", "sent" and "send" are one. Lower case expected.
  std::string Base(std::string_view word) const;
  // The word of a list that this one is misspelt for by one letter; nothing where it is known, short, or not alone.
  std::optional<std::string> Corrected(const std::string& word) const;
  // True where it is no word, and `right` is one but for one letter, and no name.
  bool IsMisspelt(std::string_view word, std::string_view right) const;
  // True where one of the lists that say something of words has this one or its base form.
  bool Knows(std::string_view word) const;
  // The same, or one of the common words.
  bool IsWord(std::string_view word) const;

  bool IsFiller(std::string_view word) const { return fillers_.contains(word); }
  bool IsForeign(std::string_view word) const { return foreign_.contains(word); }
  // True where two base forms may stand for each other.
  bool AreSynonyms(std::string_view left, std::string_view right) const;
  // The sides that a base form takes; empty for most words.
  const std::vector<Pole>& PolesOf(std::string_view base) const;

  // Canonical names by word or phrase ("united_states"); null where a list has it not.
  const std::string* Polarity(std::string_view word) const { return Find(polarity_, word); }
  const std::string* Unit(std::string_view word) const { return Find(units_, word); }
  const std::string* Date(std::string_view word) const { return Find(dates_, word); }
  const std::string* Currency(std::string_view word) const { return Find(currencies_, word); }
  const std::string* Name(std::string_view word) const { return Find(names_, word); }
  const std::string* Phrase(std::string_view words) const { return Find(phrases_, words); }

 private:
  Lexicon();
  static const std::string* Find(const WordTable<std::string>& table, std::string_view word) {
    const auto found = table.find(word);
    return found == table.end() ? nullptr : &found->second;
  }
  void ReadOpposites();
  void ReadSynonyms();
  void CollectKnown();
  void NoteMisspellings(const std::string& word);

  WordSet fillers_, foreign_, common_;
  WordTable<std::string> irregular_, phrases_, polarity_, units_, dates_, currencies_, names_;
  // Base form to the lines that it stands in.
  WordTable<std::vector<int>> synonyms_;
  WordTable<std::vector<Pole>> poles_;
  // Of the lists that say something; and these with common_, in base forms too.
  WordSet known_, words_;
  // A word with one letter left out, to the word; empty text for more than one.
  WordTable<std::string> misspelt_;
};

}  // namespace troupe::cache
