#include "router/cache/guard_tokens.h"

#include <algorithm>
#include <array>
#include <utility>

#include "router/cache/guard_characters.h"

namespace troupe::cache {
namespace {

using Characters = std::vector<Character>;

// What stands between blanks.
struct Chunk {
  Characters characters;
  // A sentence begins with it.
  bool first = false;
};

bool IsMark(const Character& character, std::string_view marks) {
  return character.kind == CharacterKind::kMark && marks.find(character.text) != std::string_view::npos;
}

std::string TextOf(const Characters& characters) {
  std::string text;
  for (const Character& character : characters) text += character.text;
  return text;
}

bool Has(const Characters& characters, CharacterKind kind) {
  return std::ranges::any_of(characters, [kind](const Character& c) { return c.kind == kind; });
}

// Brackets, quotes and marks at the ends belong to the sentence. True where it ends behind them.
bool Trim(Characters& characters) {
  bool ends = false;
  while (!characters.empty() && IsMark(characters.back(), ".,;:!?)]}>\"'*-")) {
    ends = ends || IsMark(characters.back(), ".!?");
    characters.pop_back();
  }
  size_t begin = 0;
  while (begin < characters.size() && IsMark(characters[begin], "([{<\"'*-.,")) {
    // the minus of a number, and the point of ".5"
    const bool digit_next = begin + 1 < characters.size() && characters[begin + 1].kind == CharacterKind::kDigit;
    if (digit_next && IsMark(characters[begin], "-.")) break;
    ++begin;
  }
  characters.erase(characters.begin(), characters.begin() + static_cast<ptrdiff_t>(begin));
  return ends;
}

Result<std::vector<Chunk>> Chunks(std::string_view text) {
  std::vector<Chunk> chunks;
  Chunk chunk{.first = true};
  bool first = true;
  const auto finish = [&] {
    if (chunk.characters.empty()) return;
    const bool ends = Trim(chunk.characters);
    chunk.first = first;
    if (!chunk.characters.empty()) chunks.push_back(chunk);
    first = ends || (first && chunk.characters.empty());
    chunk.characters.clear();
  };
  while (!text.empty()) {
    TRY_ASSIGN(Character character, TakeCharacter(text));
    if (character.kind == CharacterKind::kBlank) {
      finish();
    } else {
      chunk.characters.push_back(std::move(character));
    }
  }
  finish();
  return chunks;
}

// "dont" and the like, which nobody writes for anything else, and what no rule takes apart.
std::string_view Uncontracted(std::string_view word) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 30> kWords{{
      {"can't", "can not"},   {"won't", "will not"},    {"shan't", "shall not"},    {"ain't", "is not"},
      {"cannot", "can not"},  {"cant", "can not"},      {"wont", "will not"},       {"dont", "do not"},
      {"doesnt", "does not"}, {"didnt", "did not"},     {"isnt", "is not"},         {"arent", "are not"},
      {"wasnt", "was not"},   {"werent", "were not"},   {"havent", "have not"},     {"hasnt", "has not"},
      {"hadnt", "had not"},   {"couldnt", "could not"}, {"shouldnt", "should not"}, {"wouldnt", "would not"},
      {"im", "i am"},         {"ive", "i have"},        {"whats", "what is"},       {"hows", "how is"},
      {"wheres", "where is"}, {"thats", "that is"},     {"theres", "there is"},     {"let's", "let us"},
      {"aint", "is not"},     {"gonna", "going to"},
  }};
  const auto found = std::ranges::find(kWords, word, [](const auto& pair) { return pair.first; });
  return found == kWords.end() ? std::string_view() : found->second;
}

void AddWords(std::string_view words, bool capital, bool first, std::vector<Token>& tokens) {
  while (!words.empty()) {
    const size_t end = std::min(words.find(' '), words.size());
    tokens.push_back({TokenKind::kWord, std::string(words.substr(0, end)), capital, first});
    words.remove_prefix(std::min(end + 1, words.size()));
    first = capital = false;
  }
}

// Letters with apostrophes among them.
void AddWord(std::string word, bool capital, bool first, std::vector<Token>& tokens) {
  if (const auto apart = Uncontracted(word); !apart.empty()) return AddWords(apart, capital, first, tokens);
  if (word.ends_with("n't")) {
    return AddWords(word.substr(0, word.size() - 3) + " not", capital, first, tokens);
  }
  // 's, 've, 're, 'll, 'd, 'm: a possessive or an auxiliary verb, which mean nothing here
  if (const size_t apostrophe = word.find('\''); apostrophe != std::string::npos && apostrophe > 0) {
    const std::string tail = word.substr(apostrophe + 1);
    if (tail == "s" || tail == "ve" || tail == "re" || tail == "ll" || tail == "d" || tail == "m" || tail.empty()) {
      word.resize(apostrophe);
    }
  }
  tokens.push_back({TokenKind::kWord, std::move(word), capital, first});
}

// "U.S.", "p.m.", or "US" in capitals: letters that stand for words. Empty for anything else.
std::string Initials(const Characters& characters) {
  std::string letters;
  bool capitals = true, run = false;
  for (size_t i = 0; i < characters.size(); ++i) {
    if (characters[i].kind == CharacterKind::kLetter) {
      letters += characters[i].text;
      capitals = capitals && characters[i].capital;
      const bool alone = i + 1 == characters.size() || characters[i + 1].kind != CharacterKind::kLetter;
      run = run || !alone;
    } else if (!IsMark(characters[i], ".")) {
      return {};
    }
  }
  if ((letters == "us" && capitals) || letters == "usa") return "usa";
  const bool pointed = letters.size() > 1 && letters.size() < characters.size() && !run;
  return pointed ? letters : std::string();
}

bool IsAddress(const Characters& characters) {
  const std::string text = TextOf(characters);
  if (text.find('@') != std::string::npos || text.find("://") != std::string::npos) return true;
  if (text.starts_with("www.") || text.find_first_of("_\\=<>{}|~^#&+") != std::string::npos) return true;
  // a point between letters: example.com, main.cc; "u.s." is a name
  for (size_t i = 1; i + 1 < characters.size(); ++i) {
    if (IsMark(characters[i], ".") && characters[i - 1].kind == CharacterKind::kLetter &&
        characters[i + 1].kind == CharacterKind::kLetter) {
      return true;
    }
  }
  return false;
}

// "5pm", "1st", "20k", "3kg": a number and a short word, not a code.
bool IsNumberWithEnding(const Characters& characters) {
  const auto letter =
      std::ranges::find_if(characters, [](const Character& c) { return c.kind == CharacterKind::kLetter; });
  if (letter == characters.begin()) return false;
  const bool digits_before = std::all_of(characters.begin(), letter, [](const Character& c) {
    return c.kind == CharacterKind::kDigit || c.kind == CharacterKind::kSign || IsMark(c, ".,:");
  });
  static constexpr std::array<std::string_view, 44> kEndings{
      "st",  "nd",  "rd",  "th",  "am",   "pm",  "k",   "m",   "bn", "x",   "h",  "hr", "hrs", "min",  "mins",
      "s",   "sec", "d",   "day", "days", "kg",  "g",   "km",  "cm", "mm",  "mb", "gb", "tb",  "kb",   "usd",
      "eur", "gbp", "chf", "aud", "cad",  "jpy", "inr", "pln", "lb", "lbs", "ml", "l",  "p",   "hours"};
  const std::string ending = TextOf(Characters(letter, characters.end()));
  return digits_before && std::ranges::find(kEndings, ending) != kEndings.end();
}

bool IsCode(const Characters& characters) {
  if (IsAddress(characters)) return true;
  return Has(characters, CharacterKind::kLetter) && Has(characters, CharacterKind::kDigit) &&
         !IsNumberWithEnding(characters);
}

// Runs of letters, runs of digits with marks between digits, single signs.
void SplitChunk(const Chunk& chunk, std::vector<Token>& tokens) {
  const Characters& all = chunk.characters;
  bool first = chunk.first;
  for (size_t i = 0; i < all.size();) {
    const size_t begin = i;
    if (all[i].kind == CharacterKind::kLetter) {
      while (i < all.size() && (all[i].kind == CharacterKind::kLetter || IsMark(all[i], "'"))) ++i;
      const Characters run(all.begin() + static_cast<ptrdiff_t>(begin), all.begin() + static_cast<ptrdiff_t>(i));
      AddWord(TextOf(run), all[begin].capital, first, tokens);
      first = false;
    } else if (all[i].kind == CharacterKind::kDigit ||
               (IsMark(all[i], ".") && i + 1 < all.size() && all[i + 1].kind == CharacterKind::kDigit)) {
      const auto between = [&all](size_t at) {
        return IsMark(all[at], ".,:/-") && at + 1 < all.size() && all[at + 1].kind == CharacterKind::kDigit;
      };
      while (i < all.size() && (all[i].kind == CharacterKind::kDigit || between(i))) ++i;
      const Characters run(all.begin() + static_cast<ptrdiff_t>(begin), all.begin() + static_cast<ptrdiff_t>(i));
      tokens.push_back({TokenKind::kNumber, TextOf(run), false, false});
    } else {
      if (all[i].kind == CharacterKind::kSign) tokens.push_back({TokenKind::kSign, all[i].text, false, false});
      // a minus belongs to its number: what owes and what is owed are not the same
      if (IsMark(all[i], "-") && begin == 0) tokens.push_back({TokenKind::kSign, "-", false, false});
      ++i;
    }
  }
}

}  // namespace

Result<std::vector<Token>> Tokenize(std::string_view text) {
  if (text.size() > kMaxGuardedBytes) {
    return Invalid("the text has " + std::to_string(text.size()) + " bytes; more than " +
                   std::to_string(kMaxGuardedBytes) + " are not judged");
  }
  TRY_ASSIGN(const std::vector<Chunk> chunks, Chunks(text));
  std::vector<Token> tokens;
  for (const Chunk& chunk : chunks) {
    if (auto initials = Initials(chunk.characters); !initials.empty()) {
      tokens.push_back({TokenKind::kWord, std::move(initials), chunk.characters[0].capital, chunk.first});
    } else if (IsCode(chunk.characters)) {
      tokens.push_back({TokenKind::kCode, TextOf(chunk.characters), true, chunk.first});
    } else {
      SplitChunk(chunk, tokens);
    }
  }
  return tokens;
}

}  // namespace troupe::cache
