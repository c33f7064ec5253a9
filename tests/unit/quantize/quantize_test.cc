// A tiny model onto grids, into a folder, and back.
#include "runtime/quantize/quantize.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <c10/core/InferenceMode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "runtime/model/aten_decoder.h"
#include "runtime/model/config_json.h"
#include "runtime/model/cpu_decoder.h"
#include "runtime/model/model_folder.h"
#include "runtime/quantize/save.h"
#include "tests/unit/model/models.h"
#include "tests/unit/model/pages.h"
#include "tests/unit/quantize/tiny_model.h"

namespace troupe::quantize {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

const Progress kSilent = [](double, std::string_view) {};

TEST(Quantize, CalibrationBeatsRoundingOnTextsItHasNotSeen) {
  for (const bool tied : {true, false}) {
    SCOPED_TRACE(tied ? "tied" : "own head");
    const model::ModelConfig config = TinyModel(tied);
    const auto rtn = Quantize(config, *TinyModelWeights(config), {.group = 16}, {}, kSilent);
    ASSERT_TRUE(rtn) << ToString(rtn.error());
    const auto gptq = Quantize(config, *TinyModelWeights(config), {.group = 16, .method = Method::kGptq},
                               TinyTexts(64, 24, 1), kSilent);
    ASSERT_TRUE(gptq) << ToString(gptq.error());
    EXPECT_EQ(rtn->size(), tied ? 15u : 16u);
    EXPECT_EQ(gptq->size(), rtn->size());
    EXPECT_LT(DistanceOf(config, *gptq).logits, 0.8 * DistanceOf(config, *rtn).logits);
  }
}

TEST(Quantize, ProgressGoesOnToTheEnd) {
  const model::ModelConfig config = TinyModel(true);
  double last = -1;
  int told = 0;
  const auto watch = [&](double done, std::string_view what) {
    EXPECT_GE(done, last);
    EXPECT_LE(done, 1);
    EXPECT_FALSE(what.empty());
    last = done;
    ++told;
  };
  ASSERT_TRUE(
      Quantize(config, *TinyModelWeights(config), {.group = 16, .method = Method::kGptq}, TinyTexts(8, 8, 1), watch));
  EXPECT_GT(told, 3);
  EXPECT_GT(last, 0.5);
}

TEST(Quantize, WithoutTextThereIsNoCalibration) {
  const model::ModelConfig config = TinyModel(true);
  const auto grids = Quantize(config, *TinyModelWeights(config), {.method = Method::kGptq}, {}, kSilent);
  ASSERT_FALSE(grids);
  EXPECT_EQ(grids.error().code, Code::kInvalidArgument);
}

TEST(Quantize, GroupsFitTheWidth) {
  EXPECT_EQ(GroupFor(576, 64), 64);
  EXPECT_EQ(GroupFor(96, 64), 32);
  EXPECT_EQ(GroupFor(40, 64), 8);
  EXPECT_EQ(GroupFor(36, 64), 0);
  EXPECT_EQ(GroupFor(576, kPerChannel), 576);
  EXPECT_EQ(GroupFor(36, kPerChannel), 0);
}

class QuantizedFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string name = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    root_ = fs::path(::testing::TempDir()) / ("troupe_quantized_" + name);
    fs::remove_all(root_);
    fs::create_directories(root_);
  }
  void TearDown() override { fs::remove_all(root_); }

  // A Hugging Face folder with the tiny model in full.
  model::ModelFiles Full() {
    const model::ModelConfig config = TinyModel(true);
    const fs::path folder = root_ / "full";
    fs::create_directories(folder);
    std::ofstream(folder / "config.json") << *model::ConfigToJson(config);
    Value vocab = Value::object();
    for (int i = 0; i < kTinyVocab; ++i) vocab["t" + std::to_string(i)] = i;
    const Value tokenizer = {{"version", "1.0"},
                             {"model", {{"type", "WordLevel"}, {"vocab", vocab}, {"unk_token", "t0"}}},
                             {"pre_tokenizer", {{"type", "Whitespace"}}}};
    std::ofstream(folder / "tokenizer.json") << tokenizer;
    std::ofstream(folder / "tokenizer_config.json") << R"({"chat_template": "{{ messages }}", "eos_token": "t2"})";
    const auto tensors = ToTensors(config, *TinyModelWeights(config), {});
    EXPECT_TRUE(tensors) << ToString(tensors.error());
    EXPECT_TRUE(model::WriteSafetensors(folder / "model.safetensors", *tensors, {}));
    auto files = model::LoadFolderOrGguf(folder);
    EXPECT_TRUE(files) << ToString(files.error());
    return std::move(*files);
  }

  fs::path root_;
};

TEST_F(QuantizedFolder, LoadsByNameAndGivesWhatItsGridsGive) {
  const model::ModelFiles full = Full();
  const auto grids =
      Quantize(full.config, *full.weights, {.group = 16, .method = Method::kGptq}, TinyTexts(16, 16, 3), kSilent);
  ASSERT_TRUE(grids) << ToString(grids.error());
  const auto tensors = ToTensors(full.config, *full.weights, *grids);
  ASSERT_TRUE(tensors);
  const Value scheme = {{"quant_method", "troupe"}, {"bits", 4}, {"group", 16}, {"method", "gptq"}};
  const model::FolderChanges changes{.config = {{"quantization_config", scheme}}, .weights = *tensors};
  const auto written = model::WriteModelFolder(full, changes, root_ / "small", model::Overwrite::kNo);
  ASSERT_TRUE(written) << ToString(written.error());

  const auto files = model::LoadFolderOrGguf(root_ / "small");
  ASSERT_TRUE(files) << ToString(files.error());
  EXPECT_EQ(files->config.quantization, "int4 in groups of 16 by gptq");
  EXPECT_EQ(files->chat_template, "{{ messages }}");
  EXPECT_EQ(files->end_ids, (std::vector<int32_t>{2}));
  for (const auto& [name, grid] : *grids) {
    const auto back = files->weights->LoadGrid(name, grid.rows, grid.columns);
    ASSERT_TRUE(back) << ToString(back.error());
    EXPECT_EQ(**back, grid) << name;
  }
  // AtenDecoder takes its values, CpuDecoder its grids.
  const auto aten = model::AtenDecoder::Load(files->config, *files->weights, {});
  ASSERT_TRUE(aten) << ToString(aten.error());
  const auto cpu = model::CpuDecoder::Load(files->config, *files->weights, {model::WeightFormat::kStored, 1});
  ASSERT_TRUE(cpu) << ToString(cpu.error());
  EXPECT_EQ((*cpu)->compute(), "int4");
  const train::Window tokens = TinyTexts(1, 20, 5)[0];
  const auto logits = [&tokens](model::Decoder& decoder) {
    model::Pages pages(decoder, 32);
    model::PagedSequence sequence = pages.New(32);
    return model::Step(decoder, sequence, tokens, model::Logits::kAll).clone();
  };
  const c10::InferenceMode mode;
  auto expected = train::WholeDecoder::Load(full.config, *full.weights);
  for (train::LinearPart* part : expected->Matrices()) part->weight = ToTensor(grids->at(part->name));
  const at::Tensor right = expected->Forward(train::Batch(std::span(&tokens, 1)))[0];
  EXPECT_LT((logits(**aten) - right).abs().max().item<double>(), 1e-4);
  EXPECT_LT((logits(**cpu) - right).abs().max().item<double>(), 0.15 * right.abs().max().item<double>());
}

TEST_F(QuantizedFolder, IsNotWrittenOverByAccident) {
  const model::ModelFiles full = Full();
  const auto tensors = ToTensors(full.config, *full.weights, {});
  const auto write = [&](const fs::path& to, model::Overwrite overwrite) {
    const Status written = model::WriteModelFolder(full, {.weights = *tensors}, to, overwrite);
    return written ? Code::kOk : written.error().code;
  };
  EXPECT_EQ(write(root_ / "small", model::Overwrite::kNo), Code::kOk);
  EXPECT_EQ(write(root_ / "small/", model::Overwrite::kNo), Code::kAlreadyExists);
  EXPECT_EQ(write(root_ / "small/", model::Overwrite::kYes), Code::kOk);
  EXPECT_EQ(write(root_ / "full", model::Overwrite::kYes), Code::kFailedPrecondition);
  fs::create_directories(root_ / "letters");
  EXPECT_EQ(write(root_ / "letters", model::Overwrite::kYes), Code::kFailedPrecondition);
  std::vector<std::string> left;
  for (const auto& entry : fs::directory_iterator(root_)) left.push_back(entry.path().filename().string());
  EXPECT_THAT(left, ::testing::UnorderedElementsAre("full", "small", "letters"));
}

TEST_F(QuantizedFolder, AGgufTakesItsTokeniserAndItsGridsAlong) {
  SKIP_WITHOUT(model::SmolLm2());
  const auto full = model::LoadFolderOrGguf(model::SmolLm2());
  ASSERT_TRUE(full);
  Grids grids;  // the file's own, of one layer
  for (const char* name : {"q_proj", "k_proj"}) {
    const std::string whole = std::string("model.layers.0.self_attn.") + name + ".weight";
    const auto grid = full->weights->LoadGrid(whole, name[0] == 'q' ? 576 : 192, 576);
    ASSERT_TRUE(grid && *grid);
    grids.emplace(whole, **grid);
  }
  const auto tensors = ToTensors(full->config, *full->weights, grids);
  ASSERT_TRUE(tensors);
  const Value scheme = {{"quant_method", "troupe"}, {"bits", 4}};
  ASSERT_TRUE(model::WriteModelFolder(*full, {.config = {{"quantization_config", scheme}}, .weights = *tensors},
                                      root_ / "smol", model::Overwrite::kNo));
  const auto files = model::LoadFolderOrGguf(root_ / "smol");
  ASSERT_TRUE(files) << ToString(files.error());
  EXPECT_EQ(files->chat_template, full->chat_template);
  EXPECT_EQ(files->bos, full->bos);
  EXPECT_EQ(files->eos, full->eos);
  EXPECT_EQ(files->end_ids, full->end_ids);
  EXPECT_EQ(files->tokenizer->bos_id(), full->tokenizer->bos_id());
  EXPECT_EQ(files->tokenizer->eos_id(), full->tokenizer->eos_id());
  const std::string text = "Order 60412 should have come on 3 June <|im_end|> \xc3\xa9t\xc3\xa9";
  for (const auto specials : {text::Specials::kAdd, text::Specials::kPlain}) {
    EXPECT_EQ(*files->tokenizer->Encode(text, specials), *full->tokenizer->Encode(text, specials));
  }
  for (const auto& [name, grid] : grids) {
    const auto back = files->weights->LoadGrid(name, grid.rows, grid.columns);
    ASSERT_TRUE(back && *back);
    EXPECT_EQ(**back, grid);
  }
  const std::string norm = "model.layers.3.input_layernorm.weight";
  EXPECT_TRUE(at::equal(*files->weights->Load(norm, {576}), *full->weights->Load(norm, {576})));
}

}  // namespace
}  // namespace troupe::quantize
