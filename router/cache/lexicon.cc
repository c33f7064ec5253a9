#include "router/cache/lexicon.h"

#include <algorithm>
#include <initializer_list>

#include "router/cache/word_lists.h"

namespace troupe::cache {
namespace {

// A misspelling of a shorter word is too close to other words.
constexpr size_t kMinCorrected = 5;

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const size_t end = std::min(text.find(separator), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

// The lines of a list, as words, without comments.
std::vector<std::vector<std::string_view>> Lines(std::string_view list) {
  std::vector<std::vector<std::string_view>> lines;
  for (const std::string_view line : Split(WordList(list), '\n')) {
    if (!line.starts_with('#')) lines.push_back(Split(line, ' '));
  }
  return lines;
}

WordSet ReadSet(std::string_view list) {
  WordSet words;
  for (const auto& line : Lines(list)) words.insert(line.begin(), line.end());
  return words;
}

// Every word but the first, to the first. The first mention counts.
WordTable<std::string> ReadCanonical(std::string_view list) {
  WordTable<std::string> table;
  for (const auto& line : Lines(list)) {
    for (size_t i = 1; i < line.size(); ++i) table.emplace(line[i], line[0]);
  }
  return table;
}

bool IsVowel(char c) { return std::string_view("aeiouy").find(c) != std::string_view::npos; }

bool HasVowel(std::string_view text) { return std::ranges::any_of(text, IsVowel); }

// "stopp" to "stop"; "add" becomes "ad", wherever it stands.
std::string WithoutDoubling(std::string_view stem) {
  const size_t size = stem.size();
  if (size >= 3 && stem[size - 1] == stem[size - 2] && !IsVowel(stem.back()) && stem.back() != 's' &&
      stem.back() != 'l') {
    stem.remove_suffix(1);
  }
  return std::string(stem);
}

// Endings that grammar adds, in the manner of Porter's first step (1980); a final e goes too, so that "activate" and
// "activating" meet.
std::string Stem(std::string_view word) {
  std::string stem(word);
  const auto ends = [&stem](std::string_view ending, size_t left) {
    return stem.size() >= ending.size() + left && stem.ends_with(ending);
  };
  if (ends("ies", 2)) {
    stem.replace(stem.size() - 3, 3, "y");
  } else if (ends("sses", 1) || ends("xes", 2) || ends("ches", 2) || ends("shes", 2)) {
    stem.resize(stem.size() - 2);
  } else if (ends("s", 3) && !ends("ss", 1) && !ends("us", 1) && !ends("is", 1)) {
    stem.resize(stem.size() - 1);
  }
  for (const std::string_view ending : {"ing", "ed"}) {
    if (!ends(ending, 3)) continue;
    const std::string_view rest = std::string_view(stem).substr(0, stem.size() - ending.size());
    if (HasVowel(rest)) stem.resize(rest.size());
    break;
  }
  if (ends("ly", 4)) stem.resize(stem.size() - 2);
  if (ends("e", 3)) stem.resize(stem.size() - 1);
  return WithoutDoubling(stem);
}

void EachShorter(const std::string& word, const auto& take) {
  for (size_t i = 1; i < word.size(); ++i) {
    std::string shorter = word;
    take(shorter.erase(i, 1));
  }
}

// One letter more, less, other, or two swapped.
bool OneEditApart(std::string_view left, std::string_view right) {
  if (left.size() > right.size()) std::swap(left, right);
  size_t same = 0;
  while (same < left.size() && left[same] == right[same]) ++same;
  const std::string_view a = left.substr(same), b = right.substr(same);
  if (left.size() != right.size()) return right.size() - left.size() == 1 && a == b.substr(1);
  if (a.empty()) return true;
  return a.substr(1) == b.substr(1) || (a.size() > 1 && a[0] == b[1] && a[1] == b[0] && a.substr(2) == b.substr(2));
}

}  // namespace

const Lexicon& Lexicon::Get() {
  static const Lexicon kLexicon;
  return kLexicon;
}

Lexicon::Lexicon()
    : fillers_(ReadSet("fillers")),
      foreign_(ReadSet("foreign")),
      common_(ReadSet("common")),
      irregular_(ReadCanonical("irregular")),
      phrases_(ReadCanonical("phrases")),
      polarity_(ReadCanonical("polarity")),
      units_(ReadCanonical("units")),
      dates_(ReadCanonical("dates")),
      currencies_(ReadCanonical("currencies")),
      names_(ReadCanonical("names")) {
  ReadSynonyms();
  ReadOpposites();
  CollectKnown();
}

void Lexicon::ReadSynonyms() {
  int number = 0;
  for (const auto& line : Lines("synonyms")) {
    for (const std::string_view word : line) {
      auto& lines = synonyms_[Base(word)];
      if (lines.empty() || lines.back() != number) lines.push_back(number);
      known_.emplace(word);
    }
    ++number;
  }
}

void Lexicon::ReadOpposites() {
  int number = 0;
  for (const auto& line : Lines("opposites")) {
    int side = 0;
    for (const std::string_view word : line) {
      if (word == "|") {
        ++side;
        continue;
      }
      auto& poles = poles_[Base(word)];
      const Pole pole{number, side};
      if (std::ranges::find(poles, pole) == poles.end()) poles.push_back(pole);
      known_.emplace(word);
    }
    ++number;
  }
}

void Lexicon::CollectKnown() {
  known_.insert(fillers_.begin(), fillers_.end());
  for (const auto* table : {&irregular_, &polarity_, &units_, &dates_, &currencies_, &names_}) {
    for (const auto& [word, canonical] : *table) known_.insert({word, canonical});
  }
  for (const auto& [phrase, word] : phrases_) known_.insert(word);
  std::vector<std::string> sorted(known_.begin(), known_.end());
  sorted.insert(sorted.end(), common_.begin(), common_.end());
  std::ranges::sort(sorted);
  for (const std::string& word : sorted) {
    words_.insert({word, Base(word)});
    if (!common_.contains(word)) known_.insert(Base(word));
    // nobody's name is another name misspelt
    if (word.size() < kMinCorrected || names_.contains(word)) continue;
    NoteMisspellings(word);
  }
}

void Lexicon::NoteMisspellings(const std::string& word) {
  const auto note = [&](const std::string& form) {
    const auto [place, added] = misspelt_.emplace(form, word);
    if (!added && place->second != word && Base(place->second) != Base(word)) place->second.clear();
  };
  note(word);
  EachShorter(word, note);
}

std::string Lexicon::Base(std::string_view word) const {
  const auto found = irregular_.find(word);
  return Stem(found == irregular_.end() ? word : std::string_view(found->second));
}

bool Lexicon::Knows(std::string_view word) const { return known_.contains(word) || known_.contains(Base(word)); }

bool Lexicon::IsWord(std::string_view word) const { return words_.contains(word) || words_.contains(Base(word)); }

std::optional<std::string> Lexicon::Corrected(const std::string& word) const {
  if (word.size() + 1 < kMinCorrected || IsWord(word)) return std::nullopt;
  std::string found;
  bool alone = true;
  const auto look = [&](const std::string& form) {
    const auto near = misspelt_.find(form);
    if (near == misspelt_.end() || !OneEditApart(word, near->second)) return;
    if (!found.empty() && found != near->second && Base(found) != Base(near->second)) alone = false;
    found = near->second;
  };
  look(word);
  EachShorter(word, look);
  if (found.empty() || !alone) return std::nullopt;
  return found;
}

bool Lexicon::IsMisspelt(std::string_view word, std::string_view right) const {
  return right.size() >= kMinCorrected && word[0] == right[0] && OneEditApart(word, right) && !IsWord(word) &&
         IsWord(right) && Name(right) == nullptr;
}

bool Lexicon::AreSynonyms(std::string_view left, std::string_view right) const {
  const auto a = synonyms_.find(left), b = synonyms_.find(right);
  if (a == synonyms_.end() || b == synonyms_.end()) return false;
  return std::ranges::any_of(a->second, [&](int line) { return std::ranges::binary_search(b->second, line); });
}

const std::vector<Pole>& Lexicon::PolesOf(std::string_view base) const {
  static const std::vector<Pole> kNone;
  const auto found = poles_.find(base);
  return found == poles_.end() ? kNone : found->second;
}

}  // namespace troupe::cache
