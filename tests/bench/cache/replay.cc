#include "tests/bench/cache/replay.h"

#include <ATen/ATen.h>

#include <cmath>

#include "runtime/base/digest.h"

namespace troupe::bench {
namespace {

constexpr int64_t kBlock = 512;
// Enough that five are left where most were not kept.
constexpr int64_t kDeep = 64;

// Calls `use(i, indices, similarities)` for every question but the first few, nearest earlier ones first.
template <typename Use>
void EachNearest(const at::Tensor& vectors, int64_t count, const Use& use) {
  for (int64_t begin = 0; begin < vectors.size(0); begin += kBlock) {
    const int64_t end = std::min(vectors.size(0), begin + kBlock);
    at::Tensor scores = vectors.slice(0, begin, end).mm(vectors.slice(0, 0, end).t());
    // what has not come yet answers nothing
    const at::Tensor rows = at::arange(begin, end).unsqueeze(1), columns = at::arange(end).unsqueeze(0);
    scores.masked_fill_(columns.ge(rows), -2.0);
    const auto [values, indices] = scores.topk(std::min(count, end));
    for (int64_t i = begin; i < end; ++i) {
      const int64_t n = std::min(indices.size(1), i);
      use(i, indices[i - begin].data_ptr<int64_t>(), values[i - begin].data_ptr<float>(), n);
    }
  }
}

}  // namespace

std::vector<Request> Replay(const Questions& questions, const at::Tensor& vectors) {
  std::vector<Request> requests(questions.texts.size());
  EachNearest(vectors, cache::kNeighbours, [&](int64_t i, const int64_t* found, const float* similarities, int64_t n) {
    const auto at = static_cast<size_t>(i);
    std::vector<cache::Neighbour> neighbours;
    for (int64_t k = 0; k < n; ++k) {
      const auto other = static_cast<size_t>(found[k]);
      neighbours.push_back({similarities[k], questions.texts[other], questions.labels[other]});
    }
    const cache::Match match = cache::Choose(questions.texts[at], neighbours);
    Request& request = requests[at];
    request.tuning = Sha256Hex(questions.texts[at])[0] < '8';
    if (n > 0) {
      request.cosine = neighbours[0].similarity;
      request.cosine_right = neighbours[0].answer == questions.labels[at];
    }
    if (match.chosen < 0) return;
    request.score = match.score();
    request.right = neighbours[static_cast<size_t>(match.chosen)].answer == questions.labels[at];
  });
  return requests;
}

Rates RatesAt(const std::vector<Request>& requests, double threshold, By by, Part part) {
  Rates rates;
  for (const Request& request : requests) {
    if (part == Part::kHeldOut && request.tuning) continue;
    ++rates.requests;
    if ((by == By::kMatch ? request.score : request.cosine) < threshold) continue;
    ++rates.hits;
    rates.wrong += (by == By::kMatch ? request.right : request.cosine_right) ? 0 : 1;
  }
  return rates;
}

Rates ReplayMissesOnly(const Questions& questions, const at::Tensor& vectors, double threshold) {
  Rates rates;
  std::vector<bool> kept(questions.texts.size(), false);
  EachNearest(vectors, kDeep, [&](int64_t i, const int64_t* found, const float* similarities, int64_t n) {
    const auto at = static_cast<size_t>(i);
    std::vector<cache::Neighbour> neighbours;
    for (int64_t k = 0; k < n && neighbours.size() < cache::kNeighbours; ++k) {
      const auto other = static_cast<size_t>(found[k]);
      if (kept[other]) neighbours.push_back({similarities[k], questions.texts[other], questions.labels[other]});
    }
    const cache::Match match = cache::Choose(questions.texts[at], neighbours, {.threshold = threshold});
    ++rates.requests;
    kept[at] = !match.hit();
    if (!match.hit()) return;
    ++rates.hits;
    rates.wrong += neighbours[static_cast<size_t>(match.chosen)].answer == questions.labels[at] ? 0 : 1;
  });
  return rates;
}

std::pair<double, double> Interval(size_t count, size_t of) {
  if (of == 0) return {0.0, 100.0};
  constexpr double kZ = 1.96;
  const double n = static_cast<double>(of), p = static_cast<double>(count) / n;
  const double middle = (p + kZ * kZ / (2 * n)) / (1 + kZ * kZ / n);
  const double reach = kZ / (1 + kZ * kZ / n) * std::sqrt(p * (1 - p) / n + kZ * kZ / (4 * n * n));
  return {100 * (middle - reach), 100 * (middle + reach)};
}

}  // namespace troupe::bench
