// Where a message could be cut: sentence ends, connecting words, and, for messages typed without any of them, function
// words that tend to open an English request. Only function words are listed, so nothing here knows a trade or a skill.
// In other languages sentence ends and commas still count.
#include <algorithm>
#include <array>
#include <optional>

#include "router/decompose/decompose.h"
#include "router/decompose/words.h"

namespace troupe::decompose {
namespace {

template <size_t N>
using List = std::array<std::string_view, N>;

constexpr List<31> kQuestions = {"how",    "what",  "why",   "where", "when",   "who",  "which",  "whose",
                                 "can",    "could", "would", "will",  "is",     "are",  "am",     "was",
                                 "were",   "do",    "does",  "did",   "should", "may",  "has",    "whats",
                                 "wheres", "hows",  "whys",  "isnt",  "wasnt",  "cant", "couldnt"};
constexpr List<22> kStatements = {"i",    "im",      "ive",      "id",      "ill",   "we",     "weve", "please",
                                  "pls",  "hi",      "hello",    "hey",     "there", "theres", "tell", "give",
                                  "show", "someone", "somebody", "looking", "help",  "explain"};
// Words that open a statement now and then, and stand within one far more often.
constexpr List<22> kWeak = {"my",      "our",      "the",  "this", "these",     "it", "its", "need",
                            "a",       "an",       "any",  "some", "no",        "if", "as",  "since",
                            "because", "although", "when", "with", "currently", "in"};
// No request begins right after one of these: what they point at is still to come.
constexpr List<50> kOpen = {"a",       "an",       "the",   "my",    "your",  "our",  "i",   "we",    "and",
                            "or",      "but",      "if",    "im",    "ive",   "id",   "ill", "not",   "than",
                            "some",    "any",      "no",    "am",    "were",  "be",   "has", "had",   "does",
                            "did",     "can",      "could", "would", "will",  "may",  "as",  "since", "while",
                            "after",   "until",    "how",   "what",  "where", "when", "who", "which", "whose",
                            "because", "although", "dont",  "cant",  "should"};
// Nor, as a rule, after one of these, but "what should I do" and "where did it come from" end with them.
constexpr List<26> kAjar = {"of",    "in",   "on",  "to",  "for",  "from", "with",   "at",   "by",
                            "about", "into", "do",  "me",  "why",  "have", "you",    "it",   "this",
                            "that",  "is",   "are", "was", "been", "they", "please", "these"};

template <size_t N>
bool In(const List<N>& list, std::string_view key) {
  return std::ranges::find(list, key) != list.end();
}

// The cut before words[i], i > 0, if there may be one.
std::optional<CutKind> CutBefore(const std::vector<Word>& words, size_t i) {
  const Word& before = words[i - 1];
  const Word& word = words[i];
  if (before.ends_sentence || before.line_follows) return CutKind::kSentence;
  if (IsConnector(word)) {
    if (IsConnector(before)) return std::nullopt;  // the cut is at the run's first word
    if (word.key != "and" && word.key != "but" && (In(kOpen, before.key) || In(kAjar, before.key)))
      return std::nullopt;  // "I also"
    size_t next = i + 1;
    while (next < words.size() && IsConnector(words[next])) ++next;
    if (next == words.size()) return std::nullopt;
    const bool sure = next > i + 1 || word.key == "also" || word.key == "plus" || In(kQuestions, words[next].key);
    return sure || before.ends_clause ? CutKind::kAlso : CutKind::kConjunction;
  }
  if (IsConnector(before)) return std::nullopt;
  if (before.ends_clause) return CutKind::kComma;
  if (In(kOpen, before.key)) return std::nullopt;
  const bool ajar = In(kAjar, before.key);
  if (In(kQuestions, word.key)) return ajar ? CutKind::kWeak : CutKind::kQuestion;
  if (In(kStatements, word.key)) return ajar ? CutKind::kWeak : CutKind::kStatement;
  if (In(kWeak, word.key) && !ajar) return CutKind::kWeak;
  return std::nullopt;
}

// A cut before a word.
struct Cut {
  size_t word;
  CutKind kind;
};

bool Spans(const std::vector<Cut>& nodes, size_t from, size_t to, const Options& options) {
  return to == from + 1 ||
         nodes[to].word - nodes[from].word <= static_cast<size_t>(std::max(options.max_span_words, 1));
}

// Stretches between `nodes`, counted up to `limit`.
size_t CountSpans(const std::vector<Cut>& nodes, const Options& options, size_t limit) {
  size_t count = 0;
  for (size_t from = 0; from + 1 < nodes.size() && count <= limit; ++from) {
    for (size_t to = from + 1; to < nodes.size() && count <= limit && Spans(nodes, from, to, options); ++to) ++count;
  }
  return count;
}

// The first `count` of `cuts`, in the order of the message, between its start and its end.
std::vector<Cut> Nodes(const std::vector<Cut>& cuts, size_t count, size_t words) {
  std::vector<Cut> nodes(cuts.begin(), cuts.begin() + static_cast<ptrdiff_t>(count));
  std::ranges::sort(nodes, {}, &Cut::word);
  nodes.insert(nodes.begin(), Cut{0, CutKind::kSentence});
  nodes.push_back(Cut{words, CutKind::kSentence});
  return nodes;
}

// The surest cuts whose stretches stay within max_spans.
std::vector<Cut> ChooseNodes(const std::vector<Word>& words, const Options& options) {
  std::vector<Cut> cuts;
  for (size_t i = 1; i < words.size(); ++i) {
    if (const auto kind = CutBefore(words, i)) cuts.push_back({i, *kind});
  }
  std::ranges::stable_sort(cuts, {}, &Cut::kind);
  const size_t limit = static_cast<size_t>(std::max(options.max_spans, 1));
  size_t low = 0;
  size_t high = std::min(cuts.size(), limit);
  while (low < high) {
    const size_t middle = low + (high - low + 1) / 2;
    if (CountSpans(Nodes(cuts, middle, words.size()), options, limit) <= limit) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return Nodes(cuts, low, words.size());
}

// What of words [from, to) is worth embedding.
Span Trim(std::string_view text, const std::vector<Word>& words, size_t from, size_t to) {
  size_t first = from;
  while (first < to && (IsConnector(words[first]) || words[first].key.empty())) ++first;
  if (first == to) first = from;
  return {words[first].begin, std::min(words[to - 1].end, text.size())};
}

}  // namespace

Candidates FindCandidates(std::string_view text, const Options& options) {
  const std::vector<Word> words = FindWords(text);
  Candidates found;
  if (words.empty()) return found;
  const std::vector<Cut> nodes = ChooseNodes(words, options);
  for (size_t i = 0; i < nodes.size(); ++i) {
    const bool inner = i > 0 && i + 1 < nodes.size();
    found.nodes.push_back(inner ? words[nodes[i].word].begin : (i == 0 ? 0 : text.size()));
    found.kinds.push_back(nodes[i].kind);
  }
  for (size_t from = 0; from + 1 < nodes.size(); ++from) {
    for (size_t to = from + 1; to < nodes.size() && Spans(nodes, from, to, options); ++to) {
      Span span = Trim(text, words, nodes[from].word, nodes[to].word);
      const size_t most = static_cast<size_t>(std::max(options.max_span_bytes, 4));
      if (span.end - span.begin > most) {
        span.end = CutBack(text, span.begin, span.begin + most);
      }
      found.spans.push_back({.from = static_cast<int>(from),
                             .to = static_cast<int>(to),
                             .text = span,
                             .words = static_cast<int>(nodes[to].word - nodes[from].word)});
    }
  }
  return found;
}

std::vector<std::string> Texts(std::string_view text, const Candidates& candidates) {
  std::vector<std::string> texts;
  texts.reserve(candidates.spans.size());
  for (const Candidate& span : candidates.spans) {
    texts.emplace_back(text.substr(span.text.begin, span.text.end - span.text.begin));
  }
  return texts;
}

}  // namespace troupe::decompose
