// Takes a message apart: which stretches of it ask for which skill. Two pure halves with one embedding call between
// them: FindCandidates proposes where the message could be cut and lists the stretches to embed; Choose, given their
// vectors and those of the skills' examples, picks the best way through. No IO, no clock, no state: callable from any
// thread, and the same input always gives the same parts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "router/decompose/skill_index.h"
#include "runtime/base/error.h"

namespace troupe::decompose {

// Where a message may be cut, surest first.
enum class CutKind : uint8_t {
  kSentence,     // after . ? ! ; or a new line
  kAlso,         // before "and also", "also", "plus", ", and", "and how"
  kConjunction,  // before "and", "then", "but"
  kQuestion,     // before a word that opens a question: how, why, can
  kStatement,    // before a word that opens a statement: I, we, please
  kComma,        // after a comma
  kWeak,  // before "my", "if", "a" and the like; before the openers above where the clause before seems unfinished
};
inline constexpr int kCutKinds = 7;

// What the choice weighs; the defaults were tuned on messages joined from banking77's train split.
struct Weights {
  // A part of w words whose nearest skill has cosine s is worth w^word_power * s.
  double word_power = 0.5;
  // Share of that worth left to a part below the threshold, so that a match is not diluted until it is none.
  double unmatched = 0.5;
  // What a cut costs, by kind.
  double cut[kCutKinds] = {0.8, 0.45, 1.3, 1.05, 0.85, 1.8, 1.25};
};

// What becomes of neighbours that go to one skill.
enum class Neighbours { kJoin, kKeepApart };

struct Options {
  // Parts at most; the rest is joined to the last one.
  int max_parts = 8;
  Neighbours neighbours = Neighbours::kJoin;
  // Cosine below which a part goes to the default skill.
  double threshold = 0.0;
  // The skill of parts that match none; empty: they keep the nearest.
  std::string default_skill;
  // Stretches to embed at most; the surest cuts are kept.
  int max_spans = 160;
  // Words of a stretch at most, unless it holds no cut; longer requests come together again by their common skill.
  int max_span_words = 40;
  // Bytes of a stretch that are embedded at most.
  int max_span_bytes = 1000;
  Weights weights;
};

// Bytes [begin, end) of the message.
struct Span {
  size_t begin = 0;
  size_t end = 0;

  bool operator==(const Span&) const = default;
};

// A stretch between two possible cuts.
struct Candidate {
  // The nodes it runs between: 0 is the start of the message, then the cuts in order, the last its end.
  int from = 0;
  int to = 0;
  // What to embed: without blanks and leading "and also" or the like, and cut short where it is long.
  Span text;
  int words = 0;
};

struct Candidates {
  // Byte offsets of the nodes: 0, the cuts, the message's size.
  std::vector<size_t> nodes;
  // The kind of each node; those of the first and last mean nothing.
  std::vector<CutKind> kinds;
  // At most Options::max_spans; neighbouring nodes always have one between them.
  std::vector<Candidate> spans;
};

// Where `text` (UTF-8, any size) may be cut and what must be embedded to know. A blank text has no spans. Linear in the
// size.
Candidates FindCandidates(std::string_view text, const Options& options);

// The texts to embed, in the order of `candidates.spans`.
std::vector<std::string> Texts(std::string_view text, const Candidates& candidates);

struct Part {
  // Without blanks around it and without leading "and also" or the like.
  std::string text;
  std::string skill;
  // Cosine to the skill's examples (mean of the nearest few); for the default skill, to the nearest skill there is.
  double score = 0.0;
  // Bytes [begin, end) of the message that it stands for: the first begins at 0, each begins where the one before ends,
  // the last ends at the end. Nothing is lost and nothing comes twice.
  size_t begin = 0;
  size_t end = 0;
};

// The parts of `text`, in order. `vectors` is [spans, skills.width()], row i for candidates.spans[i], each of length 1.
// A blank text gives no part. Errors: INVALID_ARGUMENT where the vectors do not fit the candidates, or hold NaN.
Result<std::vector<Part>> Choose(std::string_view text, const Candidates& candidates, std::span<const float> vectors,
                                 const SkillIndex& skills, const Options& options);

// What a part hands on of bytes [begin, end) of the message: without blanks around it and without connecting words
// before it.
std::string PartText(std::string_view text, size_t begin, size_t end);

}  // namespace troupe::decompose
