#include "runtime/train/text_sample.h"

#include <ATen/core/TensorBody.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <numeric>
#include <set>

namespace troupe::train {
namespace {

std::vector<int32_t> Numbers(int32_t count) {
  std::vector<int32_t> tokens(static_cast<size_t>(count));
  std::iota(tokens.begin(), tokens.end(), 0);
  return tokens;
}

TEST(TextSample, WindowsAreDrawnBySeedAndDoNotOverlap) {
  const auto tokens = Numbers(1005);
  const auto windows = DrawWindows(tokens, 50, 10, 7);
  ASSERT_TRUE(windows);
  std::set<int32_t> seen;
  for (const Window& window : *windows) {
    ASSERT_EQ(window.size(), 10u);
    for (const int32_t token : window) EXPECT_TRUE(seen.insert(token).second) << token;
    EXPECT_EQ(window.back() - window.front(), 9);
  }
  EXPECT_EQ(seen.size(), 500u);
  EXPECT_EQ(*DrawWindows(tokens, 50, 10, 7), *windows);
  EXPECT_NE(*DrawWindows(tokens, 50, 10, 8), *windows);
  EXPECT_EQ(DrawWindows(tokens, 500, 10, 7)->size(), 100u);
}

TEST(TextSample, SpreadWindowsReachFromBeginningToEnd) {
  const auto windows = SpreadWindows(Numbers(1000), 4, 10);
  ASSERT_TRUE(windows);
  std::vector<int32_t> begins;
  for (const Window& window : *windows) begins.push_back(window.front());
  EXPECT_THAT(begins, ::testing::ElementsAre(0, 250, 500, 750));
  EXPECT_FALSE(SpreadWindows(Numbers(9), 4, 10));
}

TEST(TextSample, ABatchHasAWindowARow) {
  const std::vector<Window> windows{{1, 2, 3}, {4, 5, 6}};
  const at::Tensor batch = Batch(windows);
  EXPECT_EQ(batch.sizes(), (at::IntArrayRef{2, 3}));
  EXPECT_EQ(batch[1][0].item<int64_t>(), 4);
}

TEST(TextSample, TablesGiveTheirColumnOfText) {
  const auto folder = std::filesystem::path(::testing::TempDir()) / "troupe_text_sample";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "a.csv") << "category,text\nx,\"one, two\"\ny,three\n";
  std::ofstream(folder / "b.txt") << "four";
  const std::vector<std::filesystem::path> files{folder / "a.csv", folder / "b.txt"};
  EXPECT_EQ(*ReadTexts(files), "one, two\nthree\nfour\n");
  const std::vector<std::filesystem::path> missing{folder / "c.txt"};
  ASSERT_FALSE(ReadTexts(missing));
  EXPECT_THAT(ReadTexts(missing).error().message, ::testing::HasSubstr("c.txt"));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace troupe::train
