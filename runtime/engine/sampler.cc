#include "runtime/engine/sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_set>

#include "runtime/kernels/rows.h"

namespace troupe::engine {
namespace {

constexpr float kNever = -std::numeric_limits<float>::infinity();

uint64_t Mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// Natural logarithm of the sum of exponentials.
double LogSumExp(std::span<const float> logits, float highest) {
  double sum = 0;
  for (float value : logits) sum += std::exp(static_cast<double>(value - highest));
  return highest + std::log(sum);
}

// The `count` likeliest tokens, likeliest first; of equals the lower id.
std::vector<TokenLogprob> Likeliest(std::span<const float> logits, int32_t count, double normalizer) {
  std::vector<TokenId> ids(logits.size());
  for (size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<TokenId>(i);
  const auto wanted = std::min(static_cast<size_t>(count), ids.size());
  std::partial_sort(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(wanted), ids.end(),
                    [&](TokenId a, TokenId b) { return logits[a] != logits[b] ? logits[a] > logits[b] : a < b; });
  std::vector<TokenLogprob> top;
  for (size_t i = 0; i < wanted; ++i) top.push_back({ids[i], static_cast<float>(logits[ids[i]] - normalizer)});
  return top;
}

}  // namespace

double UniformDraw(uint64_t seed, uint64_t position) {
  return static_cast<double>(Mix(Mix(seed) ^ Mix(position ^ 0x5851f42d4c957f2d)) >> 11) * 0x1p-53;
}

void Sampler::AddGenerated(TokenId id) {
  history_.push_back(id);
  ++generated_counts_[id];
}

bool Sampler::ApplyPenalties(std::span<float> logits) const {
  if (params_.repeat_penalty != 1) {
    const auto window = static_cast<size_t>(params_.repeat_window);
    const size_t seen = window == 0 ? history_.size() : std::min(window, history_.size());
    const std::unordered_set<TokenId> ids(history_.end() - static_cast<std::ptrdiff_t>(seen), history_.end());
    for (TokenId id : ids) {
      if (static_cast<size_t>(id) >= logits.size()) continue;
      float& logit = logits[id];
      logit = logit > 0 ? logit / params_.repeat_penalty : logit * params_.repeat_penalty;
    }
  }
  if (params_.presence_penalty == 0 && params_.frequency_penalty == 0) return params_.repeat_penalty != 1;
  for (const auto& [id, count] : generated_counts_) {
    if (static_cast<size_t>(id) >= logits.size()) continue;
    logits[id] -= params_.presence_penalty + params_.frequency_penalty * static_cast<float>(count);
  }
  return true;
}

Result<GeneratedToken> Sampler::Sample(std::span<float> logits, std::optional<std::span<const uint32_t>> mask,
                                       int64_t position) {
  const kernels::Highest first = kernels::FindHighest(logits.data(), static_cast<int64_t>(logits.size()));
  if (first.at < 0 || first.value == std::numeric_limits<float>::infinity()) {
    return Internal(
        "the model gave a logit that is no finite number, so nothing can be sampled; its weights or its "
        "number format are at fault");
  }
  const float highest = first.value;
  if (highest == kNever) return Internal("the model ruled out every token");
  GeneratedToken token;
  double normalizer = 0;
  std::vector<float> own;
  if (params_.logprobs > 0) {
    normalizer = LogSumExp(logits, highest);
    token.top = Likeliest(logits, params_.logprobs, normalizer);
    own.assign(logits.begin(), logits.end());
  }
  const bool is_changed = ApplyPenalties(logits) || mask;
  if (mask) {
    kernels::KeepAllowed(logits.data(), static_cast<int64_t>(logits.size()), mask->data(),
                         static_cast<int64_t>(mask->size()));
  }
  const kernels::Highest best =
      is_changed ? kernels::FindHighest(logits.data(), static_cast<int64_t>(logits.size())) : first;
  token.id = params_.temperature > 0 ? Draw(logits, best.value, position) : static_cast<TokenId>(best.at);
  if (token.id < 0 || logits[token.id] == kNever) return Internal("the constraint allows none of the model's tokens");
  if (params_.logprobs > 0) token.logprob = static_cast<float>(own[token.id] - normalizer);
  return token;
}

// Candidates are sorted likeliest first and cut by top-k, top-p and min-p; the draw then walks down the cumulative sum.
TokenId Sampler::Draw(std::span<const float> logits, float highest, int64_t position) {
  candidates_.clear();
  if (highest == kNever) return -1;
  // Below this a token weighs less than 1e-13 of the likeliest: no draw of 53 bits would tell the difference.
  const float floor = highest - 30 * params_.temperature;
  for (size_t id = 0; id < logits.size(); ++id) {
    if (logits[id] >= floor && logits[id] != kNever) candidates_.emplace_back(logits[id], static_cast<TokenId>(id));
  }
  const auto likelier = [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  };
  size_t kept = candidates_.size();
  if (params_.top_k > 0) kept = std::min(kept, static_cast<size_t>(params_.top_k));
  std::partial_sort(candidates_.begin(), candidates_.begin() + static_cast<std::ptrdiff_t>(kept), candidates_.end(),
                    likelier);
  candidates_.resize(kept);

  double total = 0;
  for (auto& [weight, id] : candidates_) {
    weight = std::exp((weight - highest) / params_.temperature);
    total += weight;
  }
  if (params_.top_p < 1) {
    double sum = 0;
    size_t count = 0;
    while (count < candidates_.size() && sum < params_.top_p * total) sum += candidates_[count++].first;
    candidates_.resize(std::max<size_t>(count, 1));
  }
  while (candidates_.size() > 1 && candidates_.back().first < params_.min_p) candidates_.pop_back();

  total = 0;
  for (const auto& [weight, id] : candidates_) total += weight;
  double left = UniformDraw(params_.seed, static_cast<uint64_t>(position)) * total;
  for (const auto& [weight, id] : candidates_) {
    left -= weight;
    if (left < 0) return id;
  }
  return candidates_.back().second;
}

}  // namespace troupe::engine
