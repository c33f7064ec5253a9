#include "agents/tools/text_vectors.h"

#include <algorithm>
#include <cmath>
#include <future>
#include <numeric>
#include <utility>

namespace troupe::tools {
namespace {

constexpr size_t kTogether = 1024;  // fewer than an embedder lets wait

std::vector<float> OfLengthOne(std::span<const float> row) {
  std::vector<float> vector(row.begin(), row.end());
  const float length = std::sqrt(std::inner_product(row.begin(), row.end(), row.begin(), 0.0f));
  for (float& value : vector) value /= std::max(length, 1e-12f);
  return vector;
}

}  // namespace

Result<std::vector<std::vector<float>>> VectorsOf(engine::Embedder& embedder, const std::vector<std::string>& texts) {
  std::vector<std::vector<float>> vectors;
  for (size_t begin = 0; begin < texts.size(); begin += kTogether) {
    const auto first = texts.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last = texts.begin() + static_cast<std::ptrdiff_t>(std::min(begin + kTogether, texts.size()));
    auto done = std::make_shared<std::promise<Result<engine::Rows>>>();
    auto rows = done->get_future();
    TRY(embedder.Embed({first, last}, [done](Result<engine::Rows> result) { done->set_value(std::move(result)); }));
    TRY_ASSIGN(const engine::Rows embedded, rows.get());
    for (int32_t i = 0; i < embedded.size(); ++i) vectors.push_back(OfLengthOne(embedded.row(i)));
  }
  return vectors;
}

}  // namespace troupe::tools
