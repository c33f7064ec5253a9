// Which of a teacher's texts are kept. In this order: those that have the form that was asked for; that say something
// new, neither to the letter nor, by the cosine of their vectors, nearly so; of which the teacher itself was sure, by
// the geometric mean of its tokens' probabilities (Meng et al., 2022, "SuperGen", arXiv:2202.04538); and that stand a
// second look.
//
// The second look asks another model the question the other way round: not "write a text of this skill" but "which
// skill has this text", answered by the nearest real texts as `kind: classify` does, and the answer must be the skill
// that was asked for (round-trip consistency; Alberti et al., 2019, arXiv:1906.05416; Dai et al., 2022, arXiv:
// 2209.11755). A model that compares texts answers, not the one that wrote them: a small teacher that wanders off the
// subject has not seen that it did, and its likelihoods under rival skills' prompts would say what it said before.
// The price: what the embedder cannot place is dropped too, so what is kept lies near the real texts.
//
// No model and no disk in it; what is kept is remembered.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "agents/classify/nearest.h"

namespace troupe::tools {

enum class Verdict : uint8_t {
  kKept,
  kForm,        // no end within the tokens, or of another length than asked for
  kDuplicate,   // of a real text or one that was kept
  kUnsure,      // the teacher was not sure
  kSecondLook,  // the real texts near it have another skill
};
inline constexpr size_t kVerdicts = 5;
// "kept", "another form", ...: for people; and as a key of card.json.
std::string VerdictName(Verdict verdict);
std::string VerdictKey(Verdict verdict);

struct FilterRules {
  size_t min_chars = 1, max_chars = 200;
  double confidence = 0;  // a text of less is dropped
  double duplicate = 1;   // as near as that is a duplicate
  size_t voters = 3;
};

struct Candidate {
  std::string text;
  std::string label;
  bool is_whole = true;
  double confidence = 0;          // 0 to 1
  std::span<const float> vector;  // of length 1
};

class SyntheticFilter {
 public:
  // Real texts with their labels and vectors, of length 1; there is at least one.
  SyntheticFilter(const FilterRules& rules, const std::vector<std::string>& texts, std::vector<std::string> labels,
                  const std::vector<std::vector<float>>& vectors);

  Verdict Judge(const Candidate& candidate);

 private:
  bool IsDuplicate(const Candidate& candidate) const;

  FilterRules rules_;
  std::set<std::string> known_;  // texts, small letters
  std::vector<float> vectors_;   // of all of them, one behind the other
  classify::Nearest real_;
};

}  // namespace troupe::tools
