// The best way from a message's start to its end over the candidates: a Viterbi search whose states are the stretches.
#include <algorithm>
#include <cmath>
#include <limits>

#include "router/decompose/decompose.h"
#include "router/decompose/words.h"

namespace troupe::decompose {
namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();
constexpr int kDefaultSkill = -1;

// A stretch with the skill it would go to.
struct Scored {
  int skill = kDefaultSkill;
  double match = 0.0;
  double value = 0.0;
};

std::vector<Scored> Score(const Candidates& candidates, std::span<const float> vectors, const SkillIndex& skills,
                          const Options& options) {
  const size_t width = static_cast<size_t>(skills.width());
  int unmatched = kDefaultSkill;
  for (int skill = 0; skill < skills.size(); ++skill) {
    if (skills.name(skill) == options.default_skill) unmatched = skill;
  }
  std::vector<Scored> scored;
  for (size_t i = 0; i < candidates.spans.size(); ++i) {
    const SkillIndex::Match match = skills.Nearest(vectors.subspan(i * width, width));
    const bool below = match.score < options.threshold && !options.default_skill.empty();
    const double words = std::pow(candidates.spans[i].words, options.weights.word_power);
    scored.push_back({.skill = below ? unmatched : match.skill,
                      .match = match.score,
                      .value = words * match.score * (below ? options.weights.unmatched : 1.0)});
  }
  return scored;
}

// Indexes of the stretches on the best way, in order.
std::vector<size_t> BestPath(const Candidates& candidates, const std::vector<Scored>& scored, const Options& options) {
  std::vector<double> best(scored.size(), kNever);
  std::vector<int> previous(scored.size(), -1);
  std::vector<std::vector<size_t>> ending(candidates.nodes.size());
  for (size_t i = 0; i < scored.size(); ++i) {
    const int from = candidates.spans[i].from;
    if (from == 0) best[i] = 0.0;
    for (size_t before : ending[from]) {
      const double value = best[before] - options.weights.cut[static_cast<int>(candidates.kinds[from])];
      if (value > best[i]) {
        best[i] = value;
        previous[i] = static_cast<int>(before);
      }
    }
    best[i] += scored[i].value;
    ending[candidates.spans[i].to].push_back(i);
  }
  const std::vector<size_t>& last = ending.back();
  int at = static_cast<int>(*std::ranges::max_element(last, {}, [&](size_t i) { return best[i]; }));
  std::vector<size_t> path;
  for (; at >= 0; at = previous[at]) path.push_back(static_cast<size_t>(at));
  std::ranges::reverse(path);
  return path;
}

Status Check(std::string_view text, const Candidates& candidates, std::span<const float> vectors,
             const SkillIndex& skills) {
  if (candidates.nodes.size() < 2 || candidates.nodes.size() != candidates.kinds.size() ||
      candidates.nodes.back() != text.size()) {
    return Invalid("decompose: the candidates were not made from this text");
  }
  const size_t wanted = candidates.spans.size() * static_cast<size_t>(skills.width());
  if (vectors.size() != wanted) {
    return Invalid("decompose: the embedding agent gave " + std::to_string(vectors.size()) + " numbers for " +
                   std::to_string(candidates.spans.size()) + " texts where " + std::to_string(wanted) +
                   " were expected; the skills' examples and the message must go through the same model");
  }
  if (!std::ranges::all_of(vectors, [](float v) { return std::isfinite(v); })) {
    return Invalid("decompose: a vector of the message holds NaN or infinity; check the embedding model");
  }
  return {};
}

}  // namespace

std::string PartText(std::string_view text, size_t begin, size_t end) {
  Options whole;
  whole.max_spans = 1;
  whole.max_span_bytes = std::numeric_limits<int>::max();
  const std::string_view part = text.substr(begin, end - begin);
  const Candidates found = FindCandidates(part, whole);
  return found.spans.empty() ? std::string() : Texts(part, found).front();
}

Result<std::vector<Part>> Choose(std::string_view text, const Candidates& candidates, std::span<const float> vectors,
                                 const SkillIndex& skills, const Options& options) {
  std::vector<Part> parts;
  if (candidates.spans.empty()) return parts;
  TRY(Check(text, candidates, vectors, skills));
  const std::vector<Scored> scored = Score(candidates, vectors, skills, options);
  int last_skill = kDefaultSkill - 1;
  const size_t max_parts = static_cast<size_t>(std::max(options.max_parts, 1));
  for (size_t i : BestPath(candidates, scored, options)) {
    const Candidate& span = candidates.spans[i];
    const Scored& score = scored[i];
    const bool joins = score.skill == last_skill && options.neighbours == Neighbours::kJoin;
    if (joins || parts.size() == max_parts) {
      parts.back().end = candidates.nodes[span.to];
      if (joins) parts.back().score = std::max(parts.back().score, score.match);
      continue;
    }
    last_skill = score.skill;
    parts.push_back({.skill = score.skill == kDefaultSkill ? options.default_skill : skills.name(score.skill),
                     .score = score.match,
                     .begin = candidates.nodes[span.from],
                     .end = candidates.nodes[span.to]});
  }
  for (Part& part : parts) part.text = PartText(text, part.begin, part.end);
  return parts;
}

}  // namespace troupe::decompose
