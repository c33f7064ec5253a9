#include "runtime/evaluate/speed.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "runtime/evaluate/median.h"
#include "runtime/evaluate/subject.h"

namespace troupe::evaluate {
namespace {

// Tokens spread over the vocabulary: which they are does not matter to the work.
std::vector<int32_t> SomeTokens(int64_t count, int64_t vocab) {
  std::vector<int32_t> tokens(static_cast<size_t>(count));
  for (size_t i = 0; i < tokens.size(); ++i)
    tokens[i] = static_cast<int32_t>((i * 7919 + 101) % static_cast<size_t>(vocab));
  return tokens;
}

Result<double> SecondsOf(model::Decoder& decoder, std::span<const model::Slice> slices) {
  const auto start = std::chrono::steady_clock::now();
  TRY(decoder.Forward(slices));
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Median seconds of a step of `batch` sequences.
Result<double> Step(model::Decoder& decoder, int64_t batch, const SpeedOptions& options) {
  const int64_t each = model::PagesFor(options.context + options.steps);
  const auto pages = FirstPages(batch * each);
  const auto tokens = SomeTokens(options.context + options.steps, decoder.config().vocab_size);
  std::vector<model::Slice> slices;
  for (int64_t i = 0; i < batch; ++i) {
    const auto own = std::span(pages).subspan(static_cast<size_t>(i * each), static_cast<size_t>(each));
    slices.push_back({.tokens = std::span(tokens).first(static_cast<size_t>(options.context)), .pages = own});
  }
  TRY(decoder.Forward(slices));
  std::vector<double> seconds;
  for (int64_t step = 0; step < options.steps; ++step) {
    for (model::Slice& slice : slices) {
      slice.length = options.context + step;
      slice.tokens = std::span(tokens).subspan(static_cast<size_t>(slice.length), 1);
    }
    TRY_ASSIGN(const double took, SecondsOf(decoder, slices));
    seconds.push_back(took);
  }
  return Median(std::move(seconds));
}

}  // namespace

int64_t SpeedPages(const SpeedOptions& options) {
  return std::max(model::PagesFor(options.prompt),
                  Speed::kBatches.back() * model::PagesFor(options.context + options.steps));
}

Result<Speed> MeasureSpeed(model::Decoder& decoder, const SpeedOptions& options) {
  Speed speed;
  const auto pages = FirstPages(model::PagesFor(options.prompt));
  const auto tokens = SomeTokens(options.prompt, decoder.config().vocab_size);
  const model::Slice prompt{.tokens = tokens, .pages = pages};
  TRY(decoder.Forward(std::span(&prompt, 1)));  // the first step of that size takes its memory
  std::vector<double> seconds;
  for (int64_t i = 0; i < options.prompts; ++i) {
    TRY_ASSIGN(const double took, SecondsOf(decoder, std::span(&prompt, 1)));
    seconds.push_back(took);
  }
  speed.first_token_ms = Median(std::move(seconds)) * 1e3;
  for (size_t i = 0; i < Speed::kBatches.size(); ++i) {
    TRY_ASSIGN(const double step, Step(decoder, Speed::kBatches[i], options));
    speed.tokens_s[i] = static_cast<double>(Speed::kBatches[i]) / step;
  }
  return speed;
}

}  // namespace troupe::evaluate
