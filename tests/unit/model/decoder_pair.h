// A GraphDecoder and an AtenDecoder of the same weights that are asked the same.
#pragma once

#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "runtime/model/graph_decoder.h"
#include "tests/unit/model/hash_weights.h"
#include "tests/unit/model/pages.h"

namespace troupe::model {

// The largest difference, in parts of the largest expected number.
inline double RelativeError(const at::Tensor& actual, const at::Tensor& expected) {
  EXPECT_EQ(actual.sizes(), expected.sizes());
  const double worst = ((actual - expected).abs().max() / expected.abs().max()).item<double>();
  return std::isnan(worst) ? std::numeric_limits<double>::infinity() : worst;
}

inline int32_t AnyToken(int64_t sequence, int64_t position, int64_t vocab) {
  return static_cast<int32_t>(Mix(static_cast<uint64_t>(sequence * 1000 + position)) % static_cast<uint64_t>(vocab));
}

// The same model twice, and sequences that go the same way in both.
class DecoderPair {
 public:
  // With pages for `tokens` each.
  DecoderPair(const ModelConfig& config, const WeightSource& weights, const Placement& placement,
              Result<std::unique_ptr<GraphRunner>> runner, int64_t tokens) {
    auto reference = AtenDecoder::Load(config, weights, placement);
    auto twin = AtenDecoder::Load(config, weights, placement);
    EXPECT_TRUE(reference && twin && runner);
    reference_ = std::move(*reference);
    graph = std::make_unique<GraphDecoder>(std::move(*twin), std::move(runner));
    pages_ = std::make_unique<Pages>(*reference_, tokens);
    twin_pages_ = std::make_unique<Pages>(*graph, tokens);
  }

  // A sequence of `prompt` tokens that may grow to `most`.
  void Add(int64_t prompt, int64_t most) {
    sequences.push_back(pages_->New(most));
    ids_.push_back(next_id_++);
    EXPECT_EQ(twin_pages_->New(most).pages, sequences.back().pages);
    if (prompt > 0) Step({prompt}, sequences.size() - 1);
  }

  // A step of so many tokens for each sequence from `first` on, the rest none; gives the largest difference.
  double Step(const std::vector<int64_t>& counts, size_t first = 0, int64_t ahead = 0) {
    const int64_t vocab = graph->config().vocab_size;
    std::vector<std::vector<int32_t>> tokens(counts.size());
    std::vector<Slice> slices;
    for (size_t i = 0; i < counts.size(); ++i) {
      PagedSequence& sequence = sequences[first + i];
      for (int64_t t = 0; t < counts[i]; ++t) {
        tokens[i].push_back(AnyToken(ids_[first + i], sequence.length + t, vocab));
      }
      if (counts[i] > 0) slices.push_back(sequence.Next(tokens[i], Logits::kLast, ahead));
    }
    const at::Tensor expected = model::Step(*reference_, slices);
    const at::Tensor actual = model::Step(*graph, slices);
    for (size_t i = 0; i < counts.size(); ++i) sequences[first + i].length += counts[i];
    if (reference_->compute() == "fp32") {
      EXPECT_TRUE(at::equal(actual.argmax(-1), expected.argmax(-1)));
    }
    return RelativeError(actual, expected);
  }

  void CopyPage(PageId from, PageId to) {
    reference_->CopyPage(from, to);
    graph->CopyPage(from, to);
  }

  std::unique_ptr<GraphDecoder> graph;
  std::vector<PagedSequence> sequences;

 private:
  std::unique_ptr<AtenDecoder> reference_;
  std::unique_ptr<Pages> pages_, twin_pages_;
  std::vector<int64_t> ids_;
  int64_t next_id_ = 0;
};

}  // namespace troupe::model
