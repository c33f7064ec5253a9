// Sequences of a decoder with pages of their own, and steps over one of them.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <vector>

#include "runtime/model/decoder.h"

namespace troupe::model {

struct PagedSequence {
  std::vector<PageId> pages;
  int64_t length = 0;

  Slice Next(std::span<const int32_t> tokens, Logits logits = Logits::kLast, int64_t ahead = 0) const {
    return {tokens, pages, length, logits, ahead};
  }
};

// Gives out a decoder's pages, last one first, so that their order in memory is not that of the tokens.
class Pages {
 public:
  Pages(Decoder& decoder, int64_t tokens) : left_(PagesFor(tokens)) {
    const Status reserved = decoder.ReservePages(left_);
    EXPECT_TRUE(reserved) << ToString(reserved.error());
  }

  // Room for `tokens`, which are rounded up to whole pages.
  PagedSequence New(int64_t tokens) {
    PagedSequence sequence;
    for (int64_t i = 0; i < tokens; i += kPageTokens) sequence.pages.push_back(static_cast<PageId>(--left_));
    EXPECT_GE(left_, 0) << "the test reserved too few pages";
    return sequence;
  }

 private:
  int64_t left_;
};

// Logits [rows, vocab] of a step, of the caller's own.
inline at::Tensor Step(Decoder& decoder, std::span<const Slice> slices) {
  const auto logits = decoder.Forward(slices);
  EXPECT_TRUE(logits) << ToString(logits.error());
  if (!logits) return {};
  const int64_t vocab = decoder.config().vocab_size;
  at::Tensor rows =
      at::empty({static_cast<int64_t>(logits->size()) / vocab, vocab}, at::TensorOptions().dtype(at::kFloat));
  if (!logits->empty()) std::memcpy(rows.data_ptr(), logits->data(), logits->size_bytes());
  return rows;
}

// A step over one sequence, which is longer then.
inline at::Tensor Step(Decoder& decoder, PagedSequence& sequence, std::span<const int32_t> tokens,
                       Logits logits = Logits::kLast, int64_t ahead = 0) {
  const Slice slice = sequence.Next(tokens, logits, ahead);
  at::Tensor rows = Step(decoder, std::span(&slice, 1));
  sequence.length += static_cast<int64_t>(tokens.size());
  return rows;
}

}  // namespace troupe::model
