// Steps of fixed shape, remembered in place of recorded, against AtenDecoder's.
#include "runtime/model/graph_decoder.h"

#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "tests/unit/model/decoder_pair.h"
#include "tests/unit/model/families.h"
#include "tests/unit/model/remembering_runner.h"
#include "tests/unit/model/tiny_decoder.h"

namespace troupe::model {
namespace {

constexpr int64_t kVocab = 64;
constexpr double kMaxRelativeError = 1e-5;

// With a runner that remembers.
struct Pair : DecoderPair {
  Pair(const ModelConfig& config, const WeightSource& weights, int64_t tokens)
      : Pair(config, weights, tokens, std::make_shared<RunnerLog>()) {}
  Pair(const ModelConfig& config, const WeightSource& weights, int64_t tokens, std::shared_ptr<RunnerLog> given)
      : DecoderPair(config, weights, {}, std::make_unique<RememberingRunner>(given), tokens), log(std::move(given)) {}

  std::shared_ptr<RunnerLog> log;
};

Pair TinyPair(int64_t tokens) {
  const ModelConfig config = TinyConfig(kVocab);
  return Pair(config, *WeightsFromMap(TinyWeights(config)), tokens);
}

void FillStores(const AtenPages& pages, int64_t layers, float number) {
  const c10::InferenceMode mode;
  for (int64_t layer = 0; layer < layers; ++layer) {
    pages.keys(layer).fill_(number);
    pages.values(layer).fill_(number);
  }
}

class GraphDecoderTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { at::set_num_threads(1); }  // other tests run beside this one
};

TEST_F(GraphDecoderTest, EveryFamilysDecodeStepsEqualAtenDecoders) {
  ForEachFamily([](const Value& item, const ModelConfig& config) {
    // given: sequences of several lengths, beyond windows, stretched positions and pages
    Pair pair(config, WeightsOf(item), 3 * 128);
    pair.Add(1, 128);
    pair.Add(15, 128);
    pair.Add(70, 128);
    const int replays = pair.log->replays;
    // when, then
    for (int step = 0; step < 40; ++step) {
      EXPECT_LE(pair.Step({1, 1, 1}, 0, step % 5 == 0 ? 30 : 0), kMaxRelativeError) << step;
    }
    EXPECT_EQ(pair.log->replays, replays + 40);
  });
}

TEST_F(GraphDecoderTest, BatchesOfEverySizeGrowThroughTheirPages) {
  Pair pair = TinyPair(17 * 64);
  for (int64_t i = 0; i < 17; ++i) {
    pair.Add(1 + 7 * i % 29, 64);
    for (int step = 0; step < 2; ++step) {
      EXPECT_LE(pair.Step(std::vector<int64_t>(static_cast<size_t>(i) + 1, 1)), kMaxRelativeError) << i << " " << step;
    }
  }
}

TEST_F(GraphDecoderTest, OfStepsWithPromptsAmongThemTheRestIsReplayed) {
  Pair pair = TinyPair(5 * 64);
  for (const int64_t prompt : {20, 0, 3, 7, 33}) pair.Add(prompt, 64);
  const int replays = pair.log->replays;
  EXPECT_LE(pair.Step({1, 18, 1, 1, 1}), kMaxRelativeError);
  EXPECT_EQ(pair.log->replays, replays + 1);
  EXPECT_LE(pair.Step({1, 1, 1, 1, 1}), kMaxRelativeError);
  EXPECT_EQ(pair.log->replays, replays + 2);
  EXPECT_LE(pair.Step({0, 7, 1, 2, 1}), kMaxRelativeError);
  EXPECT_EQ(pair.log->replays, replays + 3);
  EXPECT_LE(pair.Step({4, 0, 3}), kMaxRelativeError);
  EXPECT_EQ(pair.log->replays, replays + 3) << "nobody has one token";
  EXPECT_LE(pair.Step({1, 0, 1, 0, 1}), kMaxRelativeError);
}

TEST_F(GraphDecoderTest, LogitsComeInTheSlicesOrderWhateverIsAskedOfEach) {
  const ModelConfig config = TinyConfig(kVocab);
  const Pair pair(config, *WeightsFromMap(TinyWeights(config)), 16);
  const std::unique_ptr<AtenDecoder> reference = TinyAtenDecoder(config);
  ASSERT_TRUE(reference->ReservePages(5));
  ASSERT_TRUE(pair.graph->ReservePages(5));
  const std::vector<int32_t> tokens{9, 8, 7, 6};
  const std::vector<PageId> pages{0, 1, 2, 3, 4};
  const std::span all(tokens);
  const std::span held(pages);
  const Slice slices[] = {{all.first(3), held.subspan(0, 1), 0, Logits::kAll},
                          {all.first(1), held.subspan(1, 1), 0, Logits::kAll},
                          {all.first(1), held.subspan(2, 1), 0, Logits::kNone},
                          {all.last(1), held.subspan(3, 1), 0, Logits::kLast},
                          {all.first(2), held.subspan(4, 1), 0, Logits::kLast}};
  const at::Tensor expected = Step(*reference, slices);
  ASSERT_EQ(expected.size(0), 6);
  EXPECT_LE(RelativeError(Step(*pair.graph, slices), expected), kMaxRelativeError);
}

TEST_F(GraphDecoderTest, ASlidingWindowIsGatheredByItsOwnPages) {
  ModelConfig config = TinyConfig(kVocab);
  config.layers = 3;
  config.decoder.layers = {{.rope = 0, .window = 5}, {.rope = 0}, {.rope = DecoderLayer::kNoRope, .window = 33}};
  Pair pair(config, *WeightsFromMap(TinyWeights(config)), 2 * 144);
  pair.Add(1, 144);
  pair.Add(40, 144);
  for (int step = 0; step < 100; ++step) EXPECT_LE(pair.Step({1, 1}), kMaxRelativeError) << step;
}

TEST_F(GraphDecoderTest, StepsTooLargeForOneBucketAreSplit) {
  const auto sequences = static_cast<size_t>(kMaxStepSequences) + 3;
  Pair pair = TinyPair(static_cast<int64_t>(sequences) * kPageTokens);
  for (size_t i = 0; i < sequences; ++i) pair.Add(0, kPageTokens);
  const int replays = pair.log->replays;
  for (int step = 0; step < 3; ++step) EXPECT_LE(pair.Step(std::vector<int64_t>(sequences, 1)), kMaxRelativeError);
  EXPECT_EQ(pair.log->replays, replays + 3 * 2);
}

TEST_F(GraphDecoderTest, CopiedAndSharedPagesAreSeenByRecordedSteps) {
  Pair pair = TinyPair(2 * 48);
  pair.Add(40, 48);
  pair.Add(0, 48);
  EXPECT_LE(pair.Step({1}), kMaxRelativeError);
  // when: the second has the first one's two full pages and a copy of the third
  PagedSequence& second = pair.sequences[1];
  second.pages[0] = pair.sequences[0].pages[0];
  second.pages[1] = pair.sequences[0].pages[1];
  pair.CopyPage(pair.sequences[0].pages[2], second.pages[2]);
  second.length = 40;
  // then
  for (int step = 0; step < 5; ++step) EXPECT_LE(pair.Step({1, 1}), kMaxRelativeError);
}

TEST_F(GraphDecoderTest, WhatPagesHoldBehindASequenceDoesNotCount) {
  // given: all pages full of what is no number
  const ModelConfig config = TinyConfig(kVocab);
  std::unique_ptr<AtenDecoder> decoder = TinyAtenDecoder(config);
  AtenPages& pages = decoder->pages();
  GraphDecoder graph(std::move(decoder), std::make_unique<RememberingRunner>());
  ASSERT_TRUE(graph.ReservePages(8));
  FillStores(pages, config.layers, std::numeric_limits<float>::quiet_NaN());
  // when
  const std::vector<PageId> held{1, 2, 3, 4, 5};
  const std::vector<int32_t> tokens{3, 9, 27};
  std::vector<float> last;
  for (int64_t i = 0; i < 20; ++i) {
    const Slice slices[] = {{std::span(tokens).subspan(i % 3, 1), std::span(held).first(3), i},
                            {std::span(tokens).subspan(1, 1), std::span(held).subspan(4, 1), 0},
                            {std::span(tokens).subspan(2, 1), std::span(held).subspan(3, 1), 0}};
    const auto logits = graph.Forward(slices);
    ASSERT_TRUE(logits) << ToString(logits.error());
    // then
    for (const float logit : *logits) ASSERT_TRUE(std::isfinite(logit)) << i;
  }
}

TEST_F(GraphDecoderTest, WhatFillsAStepUpTouchesNobodysPages) {
  // given: every page that can be had holds the same number
  const ModelConfig config = TinyConfig(kVocab);
  std::unique_ptr<AtenDecoder> decoder = TinyAtenDecoder(config);
  AtenPages& pages = decoder->pages();
  GraphDecoder graph(std::move(decoder), std::make_unique<RememberingRunner>());
  constexpr int64_t kPages = 6;
  ASSERT_TRUE(graph.ReservePages(kPages));
  ASSERT_EQ(pages.pages(), kPages + 1);
  FillStores(pages, config.layers, 5);
  // when: five sequences in a bucket of eight, each with a page of its own and one token
  std::vector<PageId> held{5, 4, 3, 2, 1};
  const std::vector<int32_t> token{7};
  std::vector<Slice> slices;
  for (size_t i = 0; i < held.size(); ++i) slices.push_back({token, std::span(held).subspan(i, 1), 3});
  ASSERT_TRUE(graph.Forward(slices));
  // then: of those only the new token's place has changed, of page 0 nothing
  for (int64_t layer = 0; layer < config.layers; ++layer) {
    for (const at::Tensor* store : {&pages.keys(layer), &pages.values(layer)}) {
      const at::Tensor is_new = store->ne(5).any(-1).any(1);  // [pages, kPageTokens]
      for (int64_t page = 0; page < kPages; ++page) {
        for (int64_t token_index = 0; token_index < kPageTokens; ++token_index) {
          EXPECT_EQ(is_new[page][token_index].item<bool>(), page > 0 && token_index == 3) << page << " " << token_index;
        }
      }
    }
  }
}

TEST_F(GraphDecoderTest, PagesReservedAnewDropWhatWasRecorded) {
  Pair pair = TinyPair(64);
  pair.Add(5, 64);
  EXPECT_LE(pair.Step({1}), kMaxRelativeError);
  const int captures = pair.log->captures;
  EXPECT_LE(pair.Step({1}), kMaxRelativeError);
  EXPECT_EQ(pair.log->captures, captures) << "recorded once";
  // when
  ASSERT_TRUE(pair.graph->ReservePages(8));
  // then: the smallest step alone is there, recorded anew
  EXPECT_EQ(pair.log->captures, captures + 1);
  EXPECT_EQ(pair.log->alive, 1);
  const std::vector<int32_t> token{7};
  const std::vector<PageId> page{7}, none{8};
  const Slice there{token, page}, beyond{token, none};
  EXPECT_TRUE(pair.graph->Forward(std::span(&there, 1)));
  EXPECT_EQ(pair.graph->Forward(std::span(&beyond, 1)).error().code, Code::kInvalidArgument)
      << "the page that fills steps up is nobody's";
}

TEST_F(GraphDecoderTest, TheGraphUnusedForLongestGoesFirst) {
  ModelConfig config = TinyConfig(kVocab);
  config.max_positions = 1 << 18;
  Pair pair(config, *WeightsFromMap(TinyWeights(config)), 64);
  // when: buckets of more shapes than are kept, and the smallest now and then
  const std::vector<int32_t> token{7};
  ASSERT_TRUE(pair.graph->ReservePages(1 << 10));
  std::vector<PageId> pages(1 << 10);
  std::iota(pages.begin(), pages.end(), 0);
  const Slice small{token, pages};
  const int before = pair.log->captures - 1;  // the smallest is there already
  size_t shapes = 0;
  for (int64_t sequences = 1; sequences <= 32; sequences *= 2) {
    for (int64_t held = 1; held <= 512; held *= 2) {
      const Slice slice{token, pages, held * kPageTokens - 1};
      const std::vector<Slice> slices(static_cast<size_t>(sequences), slice);
      ASSERT_TRUE(pair.graph->Forward(slices));
      ASSERT_TRUE(pair.graph->Forward(std::span(&small, 1)));
      ++shapes;
    }
  }
  // then
  ASSERT_GT(shapes, kMaxGraphs);
  EXPECT_EQ(pair.graph->graphs(), kMaxGraphs);
  EXPECT_EQ(pair.log->alive, static_cast<int>(kMaxGraphs));
  EXPECT_EQ(pair.log->captures, before + static_cast<int>(shapes)) << "the smallest was never forgotten";
}

TEST_F(GraphDecoderTest, WhereNothingCanBeRecordedItGoesOnWithoutAndSaysWhy) {
  Pair pair = TinyPair(2 * 64);
  pair.log->fails_from_capture = 0;
  ASSERT_TRUE(pair.graph->ReservePages(8));
  EXPECT_EQ(pair.graph->compute(), "fp32 without graphs: out of graphs");
  pair.Add(20, 64);
  pair.Add(3, 64);
  for (int step = 0; step < 3; ++step) EXPECT_LE(pair.Step({1, 1}), kMaxRelativeError);
  EXPECT_EQ(pair.log->alive, 0);
}

TEST_F(GraphDecoderTest, AStepThatCannotBeRecordedGoesTheOtherWayAndTheRestGoesOn) {
  Pair pair = TinyPair(3 * 64);
  for (const int64_t prompt : {20, 3, 9}) pair.Add(prompt, 64);
  EXPECT_LE(pair.Step({1, 1}), kMaxRelativeError);
  const int captures = pair.log->captures, replays = pair.log->replays;
  // when: steps of three cannot be
  pair.log->fails_from_capture = captures;
  for (int step = 0; step < 3; ++step) EXPECT_LE(pair.Step({1, 1, 1}), kMaxRelativeError);
  // then: that was found out once, and steps of two are replayed as before
  EXPECT_EQ(pair.log->captures, captures + 1);
  EXPECT_EQ(pair.log->replays, replays);
  EXPECT_EQ(pair.graph->compute(), "fp32 with remembered steps but for some: out of graphs");
  EXPECT_LE(pair.Step({1, 1}), kMaxRelativeError);
  EXPECT_EQ(pair.log->replays, replays + 1);
}

TEST_F(GraphDecoderTest, WithoutARunnerItIsAnAtenDecoder) {
  GraphDecoder graph(TinyAtenDecoder(TinyConfig(kVocab)), tl::unexpected(FailedPrecondition("no such library")));
  Pages pages(graph, 32);
  PagedSequence sequence = pages.New(32);
  EXPECT_TRUE(Step(graph, sequence, std::vector<int32_t>{1, 2, 3}).defined());
  EXPECT_TRUE(Step(graph, sequence, std::vector<int32_t>{4}).defined());
  EXPECT_EQ(graph.compute(), "fp32 without graphs: no such library");
  EXPECT_EQ(graph.ReservePages(-1).error().code, Code::kInvalidArgument);
}

TEST_F(GraphDecoderTest, SaysWhatItRecordsWith) {
  const Pair pair = TinyPair(16);
  EXPECT_EQ(pair.graph->compute(), "fp32 with remembered steps");
}

}  // namespace
}  // namespace troupe::model
