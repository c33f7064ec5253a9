#include "runtime/kernels/attention.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <ostream>

#include "runtime/kernels/float16.h"
#include "tests/unit/kernels/random_values.h"
#include "tests/unit/kernels/tables.h"

namespace troupe::kernels {
namespace {

struct Case {
  KvFormat format;
  int64_t head_dim, group, first, rows, window;
  float softcap;
  bool sees_all = false;  // every query sees all tokens

  // In the test's name.
  friend void PrintTo(const Case& c, std::ostream* out) {
    *out << (c.format == KvFormat::kF32 ? "f32" : "bf16") << "_head_" << c.head_dim << "_group_" << c.group << "_from_"
         << c.first << "_rows_" << c.rows << "_window_" << c.window << "_cap_" << c.softcap
         << (c.sees_all ? "_all" : "");
  }
};

class Attention : public ::testing::TestWithParam<Case> {
 protected:
  static constexpr int64_t kKvHeads = 2, kLayers = 2, kLayer = 1;

  float Kept(float value) const {
    return GetParam().format == KvFormat::kF32 ? value : Bf16ToFloat(FloatToBf16(value));
  }
};

TEST_P(Attention, IsTheWeightedSumOfWhatAQuerySees) {
  const Case& c = GetParam();
  const int64_t tokens = c.first + c.rows, heads = kKvHeads * c.group, width = kKvHeads * c.head_dim;
  const std::vector<float> keys = RandomValues(tokens * width, 1), values = RandomValues(tokens * width, 2);
  const std::vector<float> queries = RandomValues(c.rows * heads * c.head_dim, 3);
  // given pages out of order, with infinities where no token is
  KvPages pages({kLayers, kKvHeads, c.head_dim, c.format});
  ASSERT_TRUE(pages.Reserve(9));
  const std::vector<int32_t> ids{4, 0, 7, 2, 8};
  const std::vector<float> wild(width, std::numeric_limits<float>::infinity());
  for (int32_t page = 0; page < 9; ++page) {
    for (int64_t slot = 0; slot < 16; ++slot) pages.Write(kLayer, page, slot, wild.data(), wild.data());
  }
  for (int64_t t = 0; t < tokens; ++t) {
    pages.Write(kLayer, ids[t / 16], t % 16, keys.data() + t * width, values.data() + t * width);
  }
  const float scale = 1.5F;
  std::vector<float> scratch(AttendScratch(tokens));
  for (const Table* table : Tables()) {
    std::vector<float> out(queries.size(), 7.0F);
    for (int64_t kv = 0; kv < kKvHeads; ++kv) {
      const int64_t offset = kv * c.group * c.head_dim;
      const AttendTask task{pages.view(kLayer),
                            ids.data(),
                            kv,
                            queries.data() + offset,
                            out.data() + offset,
                            heads * c.head_dim,
                            heads * c.head_dim,
                            c.rows * c.group,
                            c.group,
                            c.first,
                            c.sees_all ? tokens - 1 : -1,
                            c.window,
                            scale,
                            c.softcap,
                            scratch.data(),
                            AttendScratch(tokens) / kQueriesAtOnce};
      (c.format == KvFormat::kF32 ? table->attend_f32 : table->attend_bf16)(task);
    }
    for (int64_t row = 0; row < c.rows; ++row) {
      for (int64_t head = 0; head < heads; ++head) {
        const float* q = queries.data() + (row * heads + head) * c.head_dim;
        const int64_t kv = head / c.group, last = c.sees_all ? tokens - 1 : c.first + row;
        const int64_t begin = c.window == 0 ? 0 : std::max<int64_t>(0, last - c.window + 1);
        std::vector<double> scores, expected(c.head_dim);
        double sum = 0;
        for (int64_t t = begin; t <= last; ++t) {
          double score = 0;
          for (int64_t d = 0; d < c.head_dim; ++d) score += q[d] * Kept(keys[t * width + kv * c.head_dim + d]);
          score *= scale;
          if (c.softcap != 0) score = c.softcap * std::tanh(score / c.softcap);
          scores.push_back(std::exp(score));
          sum += scores.back();
        }
        for (int64_t t = begin; t <= last; ++t) {
          for (int64_t d = 0; d < c.head_dim; ++d) {
            expected[d] += scores[t - begin] / sum * Kept(values[t * width + kv * c.head_dim + d]);
          }
        }
        for (int64_t d = 0; d < c.head_dim; ++d) {
          ASSERT_NEAR(out[(row * heads + head) * c.head_dim + d], expected[d], 2e-5)
              << row << ", " << head << ", " << d;
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, Attention,
    ::testing::Values(Case{KvFormat::kF32, 64, 3, 0, 1, 0, 0}, Case{KvFormat::kF32, 64, 3, 37, 1, 0, 0},
                      Case{KvFormat::kBf16, 64, 3, 37, 1, 0, 0}, Case{KvFormat::kF32, 8, 1, 5, 20, 0, 0},
                      Case{KvFormat::kBf16, 8, 2, 30, 33, 0, 0}, Case{KvFormat::kF32, 80, 5, 15, 18, 0, 0},
                      Case{KvFormat::kF32, 128, 4, 40, 2, 9, 0}, Case{KvFormat::kBf16, 32, 2, 10, 50, 17, 0},
                      Case{KvFormat::kF32, 20, 2, 33, 5, 16, 5.0F}, Case{KvFormat::kBf16, 64, 1, 79, 1, 1, 2.0F},
                      Case{KvFormat::kF32, 32, 1, 0, 37, 0, 0, true}, Case{KvFormat::kBf16, 32, 1, 0, 7, 0, 0, true}));

TEST(KvPages, CopiesWhatAPageHolds) {
  KvPages pages({1, 1, 8, KvFormat::kF32});
  ASSERT_TRUE(pages.Reserve(3));
  const std::vector<float> key = RandomValues(8, 1), value = RandomValues(8, 2), query = RandomValues(8, 3);
  pages.Write(0, 0, 0, key.data(), value.data());
  pages.Copy(0, 2);
  std::vector<float> out(8), scratch(AttendScratch(1));
  const std::vector<int32_t> ids{2};
  Attend(pages, 0, ids, {query.data(), out.data(), 8, 8}, scratch);
  EXPECT_EQ(out, value);
}

TEST(KvPages, RefusesMoreThanTheMachineHas) {
  KvPages pages({30, 32, 128, KvFormat::kF32});
  EXPECT_EQ(pages.Reserve(int64_t{1} << 40).error().code, Code::kResourceExhausted);
}

}  // namespace
}  // namespace troupe::kernels
