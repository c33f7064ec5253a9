#include "runtime/quantize/trained_grid.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include "runtime/quantize/gptq.h"
#include "tests/unit/quantize/random_inputs.h"

namespace troupe::quantize {
namespace {

// One step towards values of `target`.
double StepTowards(TrainedGrid& grid, const at::Tensor& target, const StepRates& rates, int64_t number) {
  const at::Tensor loss = (grid.values() - target).pow(2).sum();
  loss.backward();
  grid.Step(rates, number);
  return loss.item<double>();
}

TEST(TrainedGrid, FindsTheCodesOfAnotherMatrix) {
  const c10::AutoGradMode gradients(true);
  const at::Tensor from = Random(8, 64, 1), to = from + Random(8, 64, 2, 0.4f);
  const kernels::Grid start = RoundFitted(from, 4, 32);
  TrainedGrid grid(start, from, at::kFloat);
  const double before = StepTowards(grid, to, {.code = 0.1, .scale = 0.01}, 1);
  double after = before;
  for (int64_t step = 2; step <= 500; ++step) {
    after = StepTowards(grid, to, {.code = 0.1 / static_cast<double>(1 + step / 50), .scale = 0.003}, step);
  }
  const double best = (ToTensor(RoundFitted(to, 4, 32)) - to).pow(2).sum().item<double>();
  // straight through, a number between two codes goes to and fro between them: near the best, not at it
  EXPECT_LT(after, 2.5 * best);
  EXPECT_GT(before, 5 * best);  // there was something to learn
}

TEST(TrainedGrid, ValuesAreAlwaysTheGrids) {
  const c10::AutoGradMode gradients(true);
  const at::Tensor from = Random(4, 32, 3), to = Random(4, 32, 4);
  TrainedGrid grid(RoundFitted(from, 4, 16), from, at::kFloat);
  EXPECT_EQ(grid.grid(), RoundFitted(from, 4, 16));
  for (int64_t step = 1; step <= 10; ++step) {
    StepTowards(grid, to, {.code = 0.2, .scale = 0.02}, step);
    ASSERT_TRUE(kernels::CheckGrid(grid.grid()));
    EXPECT_TRUE(at::equal(grid.values().detach(), ToTensor(grid.grid()))) << step;
  }
  EXPECT_NE(grid.grid(), RoundFitted(from, 4, 16));
}

TEST(TrainedGrid, ScalesAreLearnedToo) {
  const c10::AutoGradMode gradients(true);
  const at::Tensor from = Random(4, 32, 5);
  kernels::Grid start = RoundFitted(from, 4, 32);
  const at::Tensor target = ToTensor(start) * 0.8;
  TrainedGrid grid(start, from, at::kFloat);
  double loss = 0;
  for (int64_t step = 1; step <= 100; ++step) loss = StepTowards(grid, target, {.code = 0, .scale = 0.01}, step);
  EXPECT_EQ(grid.grid().codes, start.codes);
  EXPECT_LT(loss, 0.02 * (ToTensor(start) - target).pow(2).sum().item<double>());
}

TEST(TrainedGrid, WithoutAGradientNothingMoves) {
  const at::Tensor from = Random(4, 32, 6);
  TrainedGrid grid(RoundFitted(from, 8, 32), from, at::kBFloat16);
  grid.Step({.code = 1, .scale = 0.1}, 1);
  EXPECT_EQ(grid.grid(), RoundFitted(from, 8, 32));
}

}  // namespace
}  // namespace troupe::quantize
