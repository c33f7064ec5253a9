// Gemma 3 270M from its GGUF, in float32, against transformers (golden/make_gemma.py) and llama.cpp
// (golden/make_gemma_llama_cpp.py). Only with `deploy/install gemma`.
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "runtime/model/model_files.h"
#include "tests/unit/model/base64.h"
#include "tests/unit/model/golden.h"
#include "tests/unit/model/implementations.h"
#include "tests/unit/model/models.h"
#include "tests/unit/model/pages.h"

namespace troupe::model {
namespace {

// Log-probabilities this near are a tie: either token may come first, and what follows is another text.
constexpr double kTie = 1e-3;

int32_t Highest(const at::Tensor& logits) {
  const auto* row = logits.const_data_ptr<float>();
  return static_cast<int32_t>(std::max_element(row, row + logits.size(-1)) - row);
}

// Those of llama.cpp's greedy tokens that come before a tie.
std::vector<int32_t> BeforeTie(const Value& of_llama_cpp) {
  auto tokens = of_llama_cpp["greedy"].get<std::vector<int32_t>>();
  const auto ahead = of_llama_cpp["ahead"].get<std::vector<double>>();
  const auto tie = std::find_if(ahead.begin(), ahead.end(), [](double by) { return by < kTie; });
  tokens.resize(static_cast<size_t>(tie - ahead.begin()));
  return tokens;
}

void ExpectEqual(Decoder& model, const Value& golden, const Value& of_llama_cpp) {
  const auto top = golden["top"].get<int64_t>();
  double worst = 0;
  size_t number = 0;
  for (const Value& item : golden["cases"]) {
    const auto tokens = item["tokens"].get<std::vector<int32_t>>();
    SCOPED_TRACE(std::to_string(tokens.size()) + " tokens");
    const auto greedy = item["greedy"].get<std::vector<int32_t>>();
    const auto top_ids = Unpack<int32_t>(item["top_ids"].get<std::string>());
    const auto top_logits = Unpack<float>(item["top_logits"].get<std::string>());
    const auto positions = item["positions"].get<std::vector<size_t>>();
    ASSERT_EQ(top_ids.size(), positions.size() * static_cast<size_t>(top));
    // when: the prompt runs in pieces that end at the golden's positions, then one token at a time
    PagedSequence sequence = Pages(model, 2048).New(2048);
    at::Tensor logits;
    size_t begin = 0;
    for (size_t i = 0; i < positions.size(); ++i) {
      logits = Step(model, sequence, std::span(tokens).subspan(begin, positions[i] + 1 - begin));
      ASSERT_TRUE(logits.defined());
      const auto* row = logits.const_data_ptr<float>();
      for (size_t j = i * top; j < (i + 1) * top; ++j) {
        worst = std::max(worst, std::abs(double{row[top_ids[j]]} - top_logits[j]));
      }
      begin = positions[i] + 1;
    }
    std::vector<int32_t> ours;
    while (ours.size() < greedy.size()) {
      ours.push_back(Highest(logits));
      logits = Step(model, sequence, std::span(ours).last(1));
      ASSERT_TRUE(logits.defined());
    }
    // then
    EXPECT_EQ(ours, greedy);
    const auto theirs = BeforeTie(of_llama_cpp.at(number++));
    EXPECT_GT(theirs.size(), 8U) << "too few to tell anything";
    EXPECT_EQ(std::vector(ours.begin(), ours.begin() + static_cast<int64_t>(theirs.size())), theirs);
  }
  ::testing::Test::RecordProperty(std::string("max_logit_error_of_") + NameOf(model), std::to_string(worst));
  EXPECT_LE(worst, kMaxLogitError);
}

TEST(GemmaGoldenTest, LogitsEqualTransformersAndGreedyTokensAlsoLlamaCpp) {
  SKIP_WITHOUT(Gemma3());
  at::set_num_threads(1);  // other tests run beside this one
  const Value golden = Golden("gemma3.json");
  const Value of_llama_cpp = Golden("gemma3_llama_cpp.json")["cases"];
  const auto files = LoadFolderOrGguf(Gemma3());
  ASSERT_TRUE(files) << ToString(files.error());
  for (const auto& model : InFloat32(files->config, *files->weights)) {
    SCOPED_TRACE(NameOf(*model));
    ExpectEqual(*model, golden, of_llama_cpp);
  }
}

}  // namespace
}  // namespace troupe::model
