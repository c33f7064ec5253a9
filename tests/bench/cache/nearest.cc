#include "tests/bench/cache/nearest.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <span>
#include <vector>

#include "router/cache/vector_index.h"
#include "tests/bench/cache/pairs.h"
#include "tests/bench/common.h"

namespace troupe::bench {
namespace {

using Clock = std::chrono::steady_clock;

double MsSince(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

// [size, width], made of the first `count` questions.
at::Tensor Crowd(const at::Tensor& vectors, int64_t count, int64_t size, Draw& draw) {
  std::vector<int64_t> left, right;
  std::vector<float> share;
  for (int64_t i = 0; i < size; ++i) {
    left.push_back(static_cast<int64_t>(draw.Below(static_cast<size_t>(count))));
    right.push_back(static_cast<int64_t>(draw.Below(static_cast<size_t>(count))));
    share.push_back(0.5f + 0.5f * static_cast<float>(draw.Below(1000)) / 1000.0f);
  }
  const auto pick = [&](const std::vector<int64_t>& rows) { return vectors.index_select(0, at::tensor(rows)); };
  const at::Tensor weight = at::tensor(share).unsqueeze(1);
  const at::Tensor mixed = pick(left) * weight + pick(right) * (1 - weight) + at::randn({size, vectors.size(1)}) * 0.01;
  return mixed / mixed.norm(2, 1, true);
}

}  // namespace

Result<IndexFigures> MeasureIndex(const at::Tensor& vectors, size_t entries, size_t queries, uint64_t seed) {
  constexpr int64_t kPiece = 10'000;
  at::manual_seed(seed);
  Draw draw(seed);
  const int64_t width = vectors.size(1), held = vectors.size(0) / 10, used = vectors.size(0) - held;
  const int64_t asked = std::min(held, static_cast<int64_t>(queries));
  const at::Tensor query = vectors.slice(0, used, used + asked).contiguous();
  cache::VectorIndex index({.graph = {.width = static_cast<int>(width)}, .max_entries = entries});
  at::Tensor best = at::full({asked}, -2.0f), nearest = at::zeros({asked}, at::kLong);
  IndexFigures figures{.entries = entries};
  for (int64_t begin = 0; begin < static_cast<int64_t>(entries); begin += kPiece) {
    const int64_t size = std::min(kPiece, static_cast<int64_t>(entries) - begin);
    const at::Tensor piece = Crowd(vectors, used, size, draw).contiguous();
    const auto start = Clock::now();
    for (int64_t i = 0; i < size; ++i) {
      const std::span<const float> row(piece.data_ptr<float>() + i * width, static_cast<size_t>(width));
      TRY(index.Set("questions", static_cast<uint64_t>(begin + i), row));
    }
    figures.build_s += MsSince(start) / 1000;
    const auto [values, places] = query.mm(piece.t()).max(1);
    nearest = at::where(values.gt(best), places + begin, nearest);
    best = at::maximum(best, values);
  }
  std::vector<double> times;
  size_t right = 0;
  for (int64_t i = 0; i < asked; ++i) {
    const std::span<const float> row(query.data_ptr<float>() + i * width, static_cast<size_t>(width));
    const auto start = Clock::now();
    TRY_ASSIGN(const auto found, index.Search("questions", row, 5));
    times.push_back(MsSince(start));
    right += !found.empty() && static_cast<int64_t>(found[0].id) == nearest[i].item<int64_t>() ? 1 : 0;
  }
  figures.recall = static_cast<double>(right) / static_cast<double>(asked);
  figures.search_p50_ms = Median(times);
  figures.search_p99_ms = Quantile(times, 0.99);
  return figures;
}

}  // namespace troupe::bench
