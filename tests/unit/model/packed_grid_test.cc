// Grids into a safetensors file and back, and what stands in files that lie about them.
#include "runtime/model/packed_grid.h"

#include <ATen/core/TensorBody.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "runtime/model/safetensors_writer.h"
#include "runtime/model/weights.h"

namespace troupe::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr uint16_t kNan = 0x7e00;

kernels::Grid SomeGrid(int bits, bool symmetric, int64_t group = 8) {
  kernels::Grid grid{.rows = 3, .columns = 16, .bits = bits, .group = group};
  for (int i = 0; i < 48; ++i) grid.codes.push_back(static_cast<uint8_t>(i * 7 % (1 << bits)));
  for (int64_t i = 0; i < 48 / group; ++i) {
    grid.scales.push_back(static_cast<uint16_t>(0x2c00 + i * 37));
    if (!symmetric) grid.offsets.push_back(static_cast<uint16_t>(0xb000 + i * 11));
  }
  return grid;
}

class PackedGridTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string name = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    folder_ = std::filesystem::path(::testing::TempDir()) / ("troupe_packed_grid_" + name);
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Result<std::shared_ptr<const WeightSource>> Through(const std::vector<TensorOut>& tensors) {
    const std::filesystem::path path = folder_ / "model.safetensors";
    TRY(WriteSafetensors(path, tensors, {{"format", "troupe"}}));
    TRY_ASSIGN(auto mapped, MappedFile::Open(path));
    TRY_ASSIGN(Safetensors file, Safetensors::Open(std::move(mapped)));
    std::vector<Safetensors> files;
    files.push_back(std::move(file));
    return WeightsFromSafetensors(std::move(files));
  }
  void ExpectRefused(std::vector<TensorOut> tensors, const std::string& reason) {
    const auto weights = Through(tensors);
    ASSERT_TRUE(weights) << ToString(weights.error());
    const auto grid = (*weights)->LoadGrid("w", 3, 16);
    ASSERT_FALSE(grid) << "accepted, expected: " << reason;
    EXPECT_THAT(grid.error().message, HasSubstr(reason));
    EXPECT_FALSE((*weights)->Load("w", {3, 16}));
  }

  std::filesystem::path folder_;
};

TEST_F(PackedGridTest, GridsComeBackBitByBit) {
  for (const int bits : {4, 8}) {
    for (const bool symmetric : {true, false}) {
      for (const int64_t group : {8, 16}) {
        const kernels::Grid grid = SomeGrid(bits, symmetric, group);
        const auto weights = Through(PackGrid("w", grid));
        ASSERT_TRUE(weights) << ToString(weights.error());
        EXPECT_TRUE((*weights)->Has("w"));
        EXPECT_TRUE((*weights)->IsQuantized("w"));
        const auto back = (*weights)->LoadGrid("w", 3, 16);
        ASSERT_TRUE(back) << ToString(back.error());
        EXPECT_EQ(**back, grid);
        const auto values = (*weights)->Load("w", {3, 16});
        ASSERT_TRUE(values) << ToString(values.error());
        const std::vector<float> expected = kernels::Values(grid);
        EXPECT_TRUE(std::equal(expected.begin(), expected.end(), values->const_data_ptr<float>()));
        EXPECT_TRUE((*weights)->Unused({"w"}).empty());
      }
    }
  }
}

TEST_F(PackedGridTest, TheFirstOfTwoColumnsIsInTheLowHalf) {
  kernels::Grid grid{.rows = 1, .columns = 8, .bits = 4, .group = 8, .codes = {1, 2, 3, 4, 5, 6, 7, 8}, .scales = {0}};
  EXPECT_THAT(PackGrid("w", grid)[0].bytes, ElementsAre(0x21, 0x43, 0x65, 0x87));
}

TEST_F(PackedGridTest, WhatNobodyAskedForIsTold) {
  std::vector<TensorOut> tensors = PackGrid("w", SomeGrid(4, false));
  for (TensorOut& more : PackGrid("v", SomeGrid(8, true))) tensors.push_back(std::move(more));
  tensors.push_back({"w", Format::kF32, {3, 16}, std::vector<uint8_t>(3 * 16 * 4)});
  const auto weights = Through(tensors);
  ASSERT_TRUE(weights);
  // "w" is there as it stands, so its grid is something else's
  EXPECT_THAT((*weights)->Unused({"w"}), ElementsAre("v.codes", "v.scales", "w.codes", "w.offsets", "w.scales"));
}

TEST_F(PackedGridTest, TensorsThatDoNotFitTogetherAreRefused) {
  const std::vector<TensorOut> good = PackGrid("w", SomeGrid(4, false));
  const auto with = [&good](size_t index, TensorOut tensor) {
    std::vector<TensorOut> tensors = good;
    tensors[index] = std::move(tensor);
    return tensors;
  };
  ExpectRefused(with(0, {"w.codes", Format::kI8, {3, 8}, std::vector<uint8_t>(24)}), "w.codes");
  ExpectRefused(with(0, {"w.codes", Format::kU8, {24}, std::vector<uint8_t>(24)}), "w.codes");
  ExpectRefused(with(0, {"w.codes", Format::kU8, {3, 7}, std::vector<uint8_t>(21)}), "w.codes");
  ExpectRefused(with(0, {"w.codes", Format::kU8, {4, 8}, std::vector<uint8_t>(32)}), "w.codes");
  ExpectRefused(with(0, {"w.codes", Format::kU8, {3, 0}, {}}), "w.codes");
  ExpectRefused(with(1, {"w.scales", Format::kF32, {3, 2}, std::vector<uint8_t>(24)}), "w.scales");
  ExpectRefused(with(1, {"w.scales", Format::kF16, {3, 3}, std::vector<uint8_t>(18)}), "w.scales");
  ExpectRefused(with(1, {"w.scales", Format::kF16, {3, 0}, {}}), "w.scales");
  ExpectRefused(with(1, {"other", Format::kF16, {3, 2}, std::vector<uint8_t>(12)}), "w.scales");
  ExpectRefused(with(2, {"w.offsets", Format::kF16, {3, 1}, std::vector<uint8_t>(6)}), "w.offsets");
  for (const size_t index : {1, 2}) {
    std::vector<TensorOut> tensors = good;
    std::memcpy(tensors[index].bytes.data() + 4, &kNan, 2);
    ExpectRefused(tensors, "no finite number");
  }
}

TEST_F(PackedGridTest, AFileThatDoesNotFitOnTheDiskIsNotThere) {
  // in a process of its own: the limit stands in for a full disk
  const std::filesystem::path path = folder_ / "large.safetensors";
  const auto write_with_limit = [&path] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, 4096};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const Status written = WriteSafetensors(path, {{"w", Format::kU8, {8192}, std::vector<uint8_t>(8192)}}, {});
    const bool is_told = !written && written.error().code == Code::kResourceExhausted;
    std::_Exit(is_told && std::filesystem::is_empty(path.parent_path()) ? 7 : 1);
  };
  EXPECT_EXIT(write_with_limit(), ::testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace troupe::model
