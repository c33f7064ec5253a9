// Whether a classifier that has learnt may take the place of the one before it: both are asked the same pairs that
// neither was trained on, and the new one must not be worse, in all and skill by skill (a label is a skill), beyond
// what is allowed. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "runtime/base/value.h"

namespace troupe::train {

struct GateRules {
  // By how much the share of right answers may fall: of old examples and of all pairs, and of a single skill.
  double all = 0.01;
  double skill = 0.1;
  // A fall counts where chance explains it less often than this: the sign test's probability, one-sided, that of the
  // pairs that only one of both has right so many are the old one's. 1: every fall counts.
  double chance = 0.1;
  // The share of the held-back lessons that the new one must have right. Of lessons whose labels are wrong nothing can
  // be learnt that holds for others of them.
  double lessons = 0.5;
};

enum class PairFrom : uint8_t { kLesson, kOldExample };

// A pair that was held back, and what both say to it. Numbers of labels, in the new one's order.
struct JudgedPair {
  PairFrom from = PairFrom::kLesson;
  int64_t number = 0;
  int64_t old_says = 0, new_says = 0;
};

struct Tally {
  size_t pairs = 0, old_right = 0, new_right = 0;
  // Of pairs that only the old one has right, and only the new one.
  size_t lost = 0, won = 0;

  void Add(const JudgedPair& pair);
  double old_share() const;  // 0 without pairs
  double new_share() const;
  double fall() const { return old_share() - new_share(); }
};

struct SkillTally {
  std::string label;
  bool is_new = false;  // the old one does not know it
  Tally tally;
  bool is_worse = false;
};

struct GateResult {
  Tally lessons, old_examples, all;
  std::vector<SkillTally> skills;  // those with pairs, in the labels' order
  // Why the new one is refused, each a sentence without its end; none where it passes.
  std::vector<std::string> reasons;

  bool passed() const { return reasons.empty(); }
  Value ToValue() const;
  // A table in Markdown: in all, then skill by skill, those that are worse first.
  std::string ToMarkdown() const;
};

// `labels` are the new one's, of which the old one knows the first `known`. At least one pair.
GateResult Judge(const std::vector<JudgedPair>& pairs, const std::vector<std::string>& labels, size_t known,
                 const GateRules& rules);

// The sign test's probability, one-sided: that of lost + won throws of a fair coin at least `lost` are heads.
double SignTest(size_t lost, size_t won);

}  // namespace troupe::train
