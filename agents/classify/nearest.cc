#include "agents/classify/nearest.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "runtime/base/check.h"
#include "runtime/base/csv.h"

namespace troupe::classify {

Result<std::vector<Example>> ReadExamples(const std::string& csv) {
  TRY_ASSIGN(CsvTable table, ParseCsv(csv));
  TRY_ASSIGN(const size_t text, table.Column({"text"}));
  TRY_ASSIGN(const size_t label, table.Column({"label", "category"}));
  std::vector<Example> examples;
  for (std::vector<std::string>& row : table.rows) examples.push_back({std::move(row[text]), std::move(row[label])});
  if (examples.empty()) return Invalid("no examples: add a line for each, \"text\",label");
  return examples;
}

Nearest::Nearest(std::vector<std::string> labels, std::vector<float> vectors, size_t width)
    : labels_(std::move(labels)), vectors_(std::move(vectors)), width_(width) {
  CHECK(!labels_.empty() && vectors_.size() == labels_.size() * width_);
}

Verdict Nearest::Classify(std::span<const float> query, size_t k) const {
  CHECK(query.size() == width_);
  std::vector<std::pair<float, size_t>> cosines(labels_.size());
  for (size_t i = 0; i < labels_.size(); ++i) {
    cosines[i] = {std::inner_product(query.begin(), query.end(),
                                     vectors_.begin() + static_cast<std::ptrdiff_t>(i * width_), 0.0f),
                  i};
  }
  k = std::clamp<size_t>(k, 1, cosines.size());
  const auto nearer = [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  };
  std::partial_sort(cosines.begin(), cosines.begin() + static_cast<std::ptrdiff_t>(k), cosines.end(), nearer);

  struct Votes {
    float sum = 0;
    int count = 0;
    size_t first = 0;
  };
  std::map<std::string, Votes> votes;
  for (size_t i = 0; i < k; ++i) {
    Votes& vote = votes[labels_[cosines[i].second]];
    if (vote.count++ == 0) vote.first = cosines[i].second;
    vote.sum += cosines[i].first;
  }
  std::vector<std::pair<std::string, Votes>> order(votes.begin(), votes.end());
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return a.second.sum != b.second.sum ? a.second.sum > b.second.sum : a.second.first < b.second.first;
  });
  Verdict verdict;
  for (const auto& [label, vote] : order) verdict.scores.emplace_back(label, vote.sum / static_cast<float>(vote.count));
  verdict.label = verdict.scores.front().first;
  verdict.score = verdict.scores.front().second;
  return verdict;
}

}  // namespace troupe::classify
