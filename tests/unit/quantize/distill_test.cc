#include "runtime/quantize/distill.h"

#include <gtest/gtest.h>

#include "tests/unit/quantize/tiny_model.h"

namespace troupe::quantize {
namespace {

const Progress kSilent = [](double, std::string_view) {};

TEST(Distill, ComesNearerToTheFullModelThanItsStart) {
  for (const bool tied : {true, false}) {
    SCOPED_TRACE(tied ? "tied" : "own head");
    const model::ModelConfig config = TinyModel(tied);
    const auto weights = TinyModelWeights(config);
    const auto start =
        Quantize(config, *weights, {.group = 16, .method = Method::kGptq}, TinyTexts(64, 24, 1), kSilent);
    ASSERT_TRUE(start);
    const DistillOptions options{.steps = 120, .batch = 4, .rates = {.code = 0.01, .scale = 0.003}, .half = false};
    std::vector<double> losses;
    const auto trained = Distill(config, *weights, *start, TinyTexts(400, 24, 2), options,
                                 [&](int64_t, double loss) { losses.push_back(loss); });
    ASSERT_TRUE(trained) << ToString(trained.error());
    ASSERT_EQ(losses.size(), 120u);
    EXPECT_LT(DistanceOf(config, *trained).divergence, 0.85 * DistanceOf(config, *start).divergence);
    EXPECT_LT(losses.back(), losses.front());
    // the loss is the divergence, on other texts
    EXPECT_NEAR(losses.front(), DistanceOf(config, *start).divergence, 0.5 * losses.front());
  }
}

TEST(Distill, TheSameSeedGivesTheSameGrids) {
  const model::ModelConfig config = TinyModel(true);
  const auto weights = TinyModelWeights(config);
  const auto start = Quantize(config, *weights, {.group = 16}, {}, kSilent);
  ASSERT_TRUE(start);
  const auto run = [&](uint64_t seed) {
    const DistillOptions options{.steps = 10, .batch = 2, .rates = {.code = 0.05, .scale = 0.01}, .seed = seed};
    return *Distill(config, *weights, *start, TinyTexts(64, 16, 2), options, [](int64_t, double) {});
  };
  const Grids one = run(1);
  EXPECT_TRUE(one == run(1));
  EXPECT_FALSE(one == run(2));
  EXPECT_FALSE(one == *start);
}

TEST(Distill, RatesRiseThenFall) {
  EXPECT_NEAR(RateAt(1, 200), 0.1, 1e-9);
  EXPECT_NEAR(RateAt(10, 200), 1, 1e-9);
  EXPECT_NEAR(RateAt(105, 200), 0.5, 1e-9);
  EXPECT_NEAR(RateAt(200, 200), 0, 1e-9);
  EXPECT_NEAR(RateAt(1, 1), 1, 1e-9);
}

TEST(Distill, WithoutTextThereIsNoTraining) {
  const model::ModelConfig config = TinyModel(true);
  const auto grids = Distill(config, *TinyModelWeights(config), {}, {}, {}, [](int64_t, double) {});
  ASSERT_FALSE(grids);
  EXPECT_EQ(grids.error().code, Code::kInvalidArgument);
}

}  // namespace
}  // namespace troupe::quantize
