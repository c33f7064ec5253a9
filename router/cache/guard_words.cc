#include "router/cache/guard_words.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

namespace troupe::cache {
namespace {

using Words = std::vector<Word>;

std::string Listed(const Words& words) {
  std::string list;
  for (const Word& word : words) list += (list.empty() ? "" : ", ") + word.text;
  return list;
}

// Words of `these` that `those` has not, each as often as it has it more.
Words Beyond(Words these, Words those) {
  std::sort(these.begin(), these.end());
  std::sort(those.begin(), those.end());
  Words beyond;
  std::set_difference(these.begin(), these.end(), those.begin(), those.end(), std::back_inserter(beyond));
  return beyond;
}

// Where both take sides on a line of opposites.txt, they must take the same.
GuardVerdict CompareOpposites(const Reading& left, const Reading& right) {
  const auto side_of = [](const Reading& reading, int line) {
    std::string sides;
    for (const Pole& pole : reading.poles) {
      if (pole.line == line) sides += std::to_string(pole.side);
    }
    return sides;
  };
  for (const Pole& pole : left.poles) {
    const std::string theirs = side_of(right, pole.line);
    if (!theirs.empty() && theirs != side_of(left, pole.line)) {
      return {GuardCheck::kOpposites, Listed(Beyond(left.words, right.words)), Listed(Beyond(right.words, left.words))};
    }
  }
  return {};
}

// "freeze" and "unfreeze": one is the other with a prefix that turns it round.
bool IsTurnedRound(const std::string& word, const std::string& other) {
  static constexpr std::array<std::string_view, 11> kPrefixes{"un", "in",  "im",  "ir", "il",  "dis",
                                                              "de", "non", "mis", "re", "over"};
  return std::ranges::any_of(kPrefixes, [&](std::string_view prefix) {
    return other.size() == word.size() + prefix.size() && other.starts_with(prefix) && other.ends_with(word);
  });
}

GuardVerdict ComparePrefixes(const Words& here, const Words& there) {
  for (const Word& a : here) {
    for (const Word& b : there) {
      if (IsTurnedRound(a.base, b.base) || IsTurnedRound(b.base, a.base)) {
        return {GuardCheck::kOpposites, a.text, b.text};
      }
    }
  }
  return {};
}

int Count(const Reading& reading, std::string_view word) {
  return static_cast<int>(std::ranges::count(reading.directions, word, &Direction::word));
}

std::string ObjectOf(const Reading& reading, std::string_view word) {
  const auto found = std::ranges::find(reading.directions, word, &Direction::word);
  return found == reading.directions.end() ? std::string() : found->object;
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kTurns{{{"from", "to"},
                                                                               {"from", "into"},
                                                                               {"out", "into"},
                                                                               {"out", "in"},
                                                                               {"off", "on"},
                                                                               {"down", "up"},
                                                                               {"after", "before"},
                                                                               {"over", "under"},
                                                                               {"against", "for"}}};

// One goes the other way; or both go both ways, between the same two ends.
GuardVerdict CompareDirections(const Reading& left, const Reading& right, bool same_words) {
  for (const auto& [away, toward] : kTurns) {
    const int more_away = Count(left, away) - Count(right, away);
    const int more_toward = Count(left, toward) - Count(right, toward);
    const bool strict = away == "from" || away == "after";
    if ((strict || same_words) && more_away * more_toward < 0) {
      return {GuardCheck::kDirection, std::string(more_away > 0 ? away : toward),
              std::string(more_away > 0 ? toward : away)};
    }
    const std::string a = ObjectOf(left, away), b = ObjectOf(right, away);
    const bool swapped =
        !a.empty() && !b.empty() && a != b && (a == ObjectOf(right, toward) || b == ObjectOf(left, toward));
    if (swapped) return {GuardCheck::kDirection, std::string(away) + " " + a, std::string(away) + " " + b};
  }
  return {};
}

// Takes away pairs of words that may stand for each other, or are one word and its misspelling.
void DropExplained(Words& here, Words& there) {
  const Lexicon& lexicon = Lexicon::Get();
  std::erase_if(here, [&](const Word& word) {
    const auto same = std::ranges::find_if(there, [&](const Word& other) {
      return lexicon.AreSynonyms(word.base, other.base) || lexicon.IsMisspelt(word.text, other.text) ||
             lexicon.IsMisspelt(other.text, word.text);
    });
    if (same == there.end()) return false;
    there.erase(same);
    return true;
  });
}

// A word or two in place of others: what differs is then what the texts are about. Where more differs the whole is said
// in other words, and vectors tell more than lists; but one word is not lost among those that somebody adds in passing.
GuardVerdict CompareRest(Words here, Words there) {
  constexpr size_t kFew = 2, kInPassing = 4;
  DropExplained(here, there);
  const size_t least = std::min(here.size(), there.size()), most = std::max(here.size(), there.size());
  const bool replaced = least > 0 && (most <= kFew || (least == 1 && most <= kInPassing));
  if (replaced) return {GuardCheck::kWords, Listed(here), Listed(there)};
  return {};
}

}  // namespace

GuardVerdict CompareWords(const Reading& left, const Reading& right) {
  const Words here = Beyond(left.words, right.words), there = Beyond(right.words, left.words);
  if (auto verdict = CompareOpposites(left, right); !verdict.passes()) return verdict;
  if (auto verdict = ComparePrefixes(here, there); !verdict.passes()) return verdict;
  const bool same_words = here.empty() && there.empty();
  if (auto verdict = CompareDirections(left, right, same_words); !verdict.passes()) return verdict;
  if (same_words && left.contrasts && right.contrasts && left.words != right.words) {
    return {GuardCheck::kOrder, Listed(left.words), Listed(right.words)};
  }
  return CompareRest(here, there);
}

}  // namespace troupe::cache
