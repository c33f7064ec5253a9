// Thousands of damaged files: whatever comes out is a file or an Error, never a crash. Run under ASan and UBSan too.
#include <ATen/core/TensorBody.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "runtime/model/config.h"
#include "runtime/model/dequantize.h"
#include "runtime/model/rope.h"
#include "runtime/model/weights.h"
#include "tests/unit/model/gguf_builder.h"
#include "tests/unit/model/golden.h"
#include "tests/unit/model/safetensors_builder.h"

namespace troupe::model {
namespace {

constexpr uint32_t kSeed = 20261123;
constexpr int kMutations = 4000;

// One to four edits: a byte changed, a run cut out, a run doubled, eight bytes of an extreme number.
std::string Mutate(std::string bytes, std::mt19937& random) {
  const int edits = 1 + static_cast<int>(random() % 4);
  for (int i = 0; i < edits && !bytes.empty(); ++i) {
    const size_t at = random() % bytes.size();
    const size_t size = std::min<size_t>(1 + random() % 16, bytes.size() - at);
    switch (random() % 5) {
      case 0:
        bytes[at] = static_cast<char>(random());
        break;
      case 1:
        bytes.erase(at, size);
        break;
      case 2:
        bytes.insert(at, bytes.substr(at, size));
        break;
      case 3:
        std::memset(bytes.data() + at, random() % 2 == 0 ? 0xff : 0x00, size);
        break;
      default:
        bytes.resize(at + 1);
        break;
    }
  }
  return bytes;
}

TEST(HostileTest, DamagedGgufFilesNeverCrash) {
  const std::string whole = GgufBuilder()
                                .Text("general.architecture", "llama")
                                .Text("llama.rope.scaling.type", "longrope")
                                .Number("llama.rope.scaling.factor", GgufBuilder::kF32, 4.0f)
                                .Number("llama.attention.sliding_window", GgufBuilder::kU32, uint32_t{16})
                                .Number("llama.block_count", GgufBuilder::kU32, uint32_t{1})
                                .Number("llama.embedding_length", GgufBuilder::kU32, uint32_t{32})
                                .Number("llama.attention.head_count", GgufBuilder::kU32, uint32_t{2})
                                .Number("llama.feed_forward_length", GgufBuilder::kU32, uint32_t{32})
                                .Number("llama.context_length", GgufBuilder::kU32, uint32_t{32})
                                .Number("llama.attention.layer_norm_rms_epsilon", GgufBuilder::kF32, 1e-5f)
                                .Text("tokenizer.ggml.model", "gpt2")
                                .Texts("tokenizer.ggml.tokens", {"a", "b", "c"})
                                .Tensor("token_embd.weight", {32, 4}, 0, std::string(512, '\3'))
                                .Tensor("rope_factors_long.weight", {8}, 0, std::string(32, '\x40'))
                                .Tensor("rope_factors_short.weight", {8}, 0, std::string(32, '\x40'))
                                .Tensor("blk.0.attn_q.weight", {32, 2}, 8, std::string(68, '\3'))
                                .Tensor("blk.0.ffn_up.weight", {256}, 14, std::string(210, '\3'))
                                .Build();
  {
    const auto gguf = OpenGguf(whole);
    ASSERT_TRUE(gguf) << ToString(gguf.error());
    ASSERT_TRUE(ConfigFromGguf(*gguf));
  }
  std::mt19937 random(kSeed);
  int accepted = 0;
  for (int i = 0; i < kMutations; ++i) {
    SCOPED_TRACE("seed " + std::to_string(kSeed) + " mutation " + std::to_string(i));
    const auto gguf = OpenGguf(Mutate(whole, random));
    if (!gguf) {
      EXPECT_FALSE(gguf.error().message.empty());
      continue;
    }
    ++accepted;
    (void)ConfigFromGguf(*gguf).has_value();
    (void)gguf->Vocab().has_value();
    for (const auto& [name, tensor] : gguf->tensors()) (void)ToFloatTensor(tensor).has_value();
  }
  // Both outcomes must occur, or the mutations are too tame or too wild to mean anything.
  EXPECT_GT(accepted, 0);
  EXPECT_LT(accepted, kMutations);
}

// Configurations of every family: what is accepted has rotary positions that are numbers.
TEST(HostileTest, DamagedConfigurationsNeverCrash) {
  const Value golden = Golden("families.json");
  std::mt19937 random(kSeed);
  int accepted = 0;
  for (int i = 0; i < kMutations; ++i) {
    SCOPED_TRACE("seed " + std::to_string(kSeed) + " mutation " + std::to_string(i));
    const Value& item = golden["cases"][random() % golden["cases"].size()];
    std::string text = item["config"].dump();
    const char* const numbers[] = {"0",    "-1", "1",    "1e308", "1e-308", "9223372036854775807",
                                   "null", "[]", "\"\"", "true"};
    for (uint32_t edits = 1 + random() % 2; edits > 0; --edits) {
      // one value after a colon becomes another
      const size_t colon = text.find(':', random() % text.size());
      if (colon == std::string::npos) continue;
      const size_t end = text.find_first_of(",}]", colon);
      text.replace(colon + 1, end - colon - 1, numbers[random() % std::size(numbers)]);
    }
    const auto json = ParseValue(text);
    if (!json) continue;
    const auto config = ConfigFromJson(*json, "config.json");
    if (!config) {
      EXPECT_FALSE(config.error().message.empty());
      continue;
    }
    ++accepted;
    for (const RopeConfig& rope : config->decoder.ropes) {
      if (rope.dims > 4096) continue;
      std::vector<float> cosines(rope.dims / 2), sines(rope.dims / 2);
      Rope(rope).Fill(1000, 1, config->max_positions, cosines.data(), sines.data());
      for (const float value : cosines) EXPECT_TRUE(std::isfinite(value)) << text;
    }
  }
  EXPECT_GT(accepted, 0);
  EXPECT_LT(accepted, kMutations);
}

TEST(HostileTest, DamagedSafetensorsFilesNeverCrash) {
  const std::string whole = SafetensorsBytes(
      R"({"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,4],"data_offsets":[0,32]},)"
      R"("b":{"dtype":"BF16","shape":[8],"data_offsets":[32,48]},"c":{"dtype":"I64","shape":[2],"data_offsets":[48,64]}})",
      std::string(64, '\3'));
  ASSERT_TRUE(OpenSafetensors(whole));
  std::mt19937 random(kSeed);
  int accepted = 0;
  for (int i = 0; i < kMutations; ++i) {
    SCOPED_TRACE("seed " + std::to_string(kSeed) + " mutation " + std::to_string(i));
    const auto file = OpenSafetensors(Mutate(whole, random));
    if (!file) continue;
    ++accepted;
    for (const auto& [name, tensor] : file->tensors()) (void)ToFloatTensor(tensor).has_value();
  }
  EXPECT_GT(accepted, 0);
  EXPECT_LT(accepted, kMutations);
}

// Files with a matrix on a grid: whatever is accepted has the right size and is all numbers.
TEST(HostileTest, DamagedGridsNeverCrash) {
  const std::string whole = SafetensorsBytes(R"({"w.codes":{"dtype":"U8","shape":[2,8],"data_offsets":[0,16]},)"
                                             R"("w.offsets":{"dtype":"F16","shape":[2,2],"data_offsets":[16,24]},)"
                                             R"("w.scales":{"dtype":"F16","shape":[2,2],"data_offsets":[24,32]}})",
                                             std::string(32, '\3'));
  std::mt19937 random(kSeed);
  int accepted = 0, refused = 0;
  for (int i = 0; i < kMutations; ++i) {
    SCOPED_TRACE("seed " + std::to_string(kSeed) + " mutation " + std::to_string(i));
    auto file = OpenSafetensors(i == 0 ? whole : Mutate(whole, random));
    if (!file) continue;
    std::vector<Safetensors> files;
    files.push_back(std::move(*file));
    const auto weights = WeightsFromSafetensors(std::move(files));
    ASSERT_TRUE(weights);
    const auto values = (*weights)->Load("w", {2, 16});
    if (!values) {
      ++refused;
      EXPECT_FALSE(values.error().message.empty());
      continue;
    }
    ++accepted;
    for (int64_t j = 0; j < 32; ++j) EXPECT_TRUE(std::isfinite(values->const_data_ptr<float>()[j]));
  }
  EXPECT_GT(accepted, 0);
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace troupe::model
