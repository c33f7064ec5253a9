#include "runtime/train/write_answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/text/tiny_vocab.h"
#include "tests/unit/train/tiny_answers.h"

namespace troupe::train {
namespace {

const WritingWatch kSilent = [](double) -> Status { return {}; };

// Over the tiny vocabulary, which the tokeniser knows.
class WriteAnswersTest : public testing::Test {
 protected:
  std::unique_ptr<engine::Engine> Engine() const {
    auto engine = engine::Engine::Make(model::TinyDecoder(config_.vocab_size), tokenizer_, {text::kTinyEnd}, {});
    EXPECT_TRUE(engine) << ToString(engine.error());
    return std::move(*engine);
  }
  static std::vector<std::vector<int32_t>> Prompts(size_t count) {
    std::vector<std::vector<int32_t>> prompts;
    for (size_t i = 0; i < count; ++i) prompts.push_back({static_cast<int32_t>(60 + i % 40), 70, 80});
    return prompts;
  }
  static std::vector<std::string> TextsOf(const std::vector<Written>& written) {
    std::vector<std::string> texts;
    for (const Written& one : written) texts.push_back(one.text);
    return texts;
  }

  std::shared_ptr<const text::Tokenizer> tokenizer_ = *text::Tokenizer::FromGgufVocab(text::TinyVocab());
  model::ModelConfig config_ = model::TinyConfig(tokenizer_->vocab_size());
};

TEST_F(WriteAnswersTest, EachPromptGetsItsOwnAnswer) {
  const auto engine = Engine();
  const auto prompts = Prompts(40);
  const auto together = WriteAnswers(*engine, prompts, {.max_tokens = 8}, kSilent);
  ASSERT_TRUE(together) << ToString(together.error());
  ASSERT_EQ(together->size(), 40u);
  const auto alone = WriteAnswers(*engine, std::span(prompts).subspan(17, 1), {.max_tokens = 8}, kSilent);
  ASSERT_TRUE(alone);
  EXPECT_EQ(together->at(17).tokens, alone->front().tokens);
  EXPECT_EQ(together->at(17).text, alone->front().text);
}

TEST_F(WriteAnswersTest, TheSameSeedWritesTheSame) {
  const auto engine = Engine();
  const auto run = [&](uint64_t seed) {
    const WritingOptions options{.max_tokens = 12, .temperature = 1, .seed = seed};
    return TextsOf(*WriteAnswers(*engine, Prompts(20), options, kSilent));
  };
  const auto one = run(1);
  EXPECT_EQ(one, run(1));
  EXPECT_NE(one, run(2));
}

TEST_F(WriteAnswersTest, ARequestMayAskHowSureItsTextIsAndBindItsForm) {
  const auto engine = Engine();
  const auto grammar = text::Grammar::FromRegex("[ab]{3}", *engine->grammar_env());
  ASSERT_TRUE(grammar) << ToString(grammar.error());
  std::vector<engine::Request> requests(2);
  for (engine::Request& request : requests) request = {.prompt = {60, 70, 80}, .max_new_tokens = 8};
  requests[0].sampling.logprobs = 1;
  requests[0].constraint = engine::MakeConstraint(*(*grammar)->NewMatcher());
  const auto written = WriteEach(*engine, std::move(requests), kSilent);
  ASSERT_TRUE(written) << ToString(written.error());
  // a text that its form ends is whole
  EXPECT_THAT(written->at(0).text, testing::MatchesRegex("[ab][ab][ab]"));
  EXPECT_TRUE(written->at(0).is_whole);
  // of random weights each of three tokens is about as likely as any other
  EXPECT_LT(written->at(0).logprob, 3 * -2.0);
  EXPECT_EQ(written->at(1).logprob, 0);
}

TEST_F(WriteAnswersTest, ABadPromptAndAWatchThatStopsItEndIt) {
  const auto engine = Engine();
  auto prompts = Prompts(20);
  prompts[18].clear();
  EXPECT_EQ(WriteAnswers(*engine, prompts, {.max_tokens = 8}, kSilent).error().code, Code::kInvalidArgument);
  const auto other = Engine();
  const auto stop = [](double done) -> Status { return done > 0.4 ? Status(Cancelled("enough")) : Status(); };
  EXPECT_EQ(WriteAnswers(*other, Prompts(20), {.max_tokens = 8}, stop).error().message, "enough");
}

TEST_F(WriteAnswersTest, AStudentWritesWithTheWeightsThatItHas) {
  // given two students
  const auto student = [&](uint64_t seed) {
    return *WholeDecoder::Load(config_, *model::WeightsFromMap(model::TinyWeights(config_, seed)), Memory::kOwn);
  };
  model::ModelFiles files;
  files.tokenizer = tokenizer_;
  files.end_ids = {text::kTinyEnd};
  const AnswerWriter writer = WriterOf(files, text::kTinyEnd, {.max_tokens = 6});
  const std::vector<PromptAnswer> texts{{.prompt = {60, 70, 80}}, {.prompt = {61, 71}}};
  WholeDecoder one = student(7), other = student(8);
  // when they write, then each writes what its logits say, or ends
  const auto written = writer(one, texts, 1);
  ASSERT_TRUE(written) << ToString(written.error());
  const PromptAnswer first{.prompt = texts[0].prompt, .answer = {0}};
  EXPECT_EQ(written->at(0).front(),
            AnswerLogits(one, BatchAnswers({&first, 1}, Reader::kStudent)).argmax().item<int64_t>());
  EXPECT_NE(*written, *writer(other, texts, 1));
}

}  // namespace
}  // namespace troupe::train
