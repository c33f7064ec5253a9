#include "runtime/train/answer_texts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include "tests/support/temp_folder.h"
#include "tests/unit/train/tiny_answers.h"

namespace troupe::train {
namespace {

std::vector<PromptAnswer> Some() {
  std::vector<PromptAnswer> texts = TinyAnswers(300, 4);
  for (size_t i = 0; i < texts.size(); i += 3) texts[i].shown = {9, 9, static_cast<int32_t>(i)};
  return texts;
}

void ExpectSame(const PromptAnswer& one, const PromptAnswer& other) {
  EXPECT_EQ(one.prompt, other.prompt);
  EXPECT_EQ(one.answer, other.answer);
  EXPECT_EQ(one.shown, other.shown);
}

Result<AnswerTexts> OnDisk(const std::filesystem::path& folder, const std::vector<PromptAnswer>& texts) {
  TRY_ASSIGN(AnswerTextsFile file, AnswerTextsFile::In(folder));
  for (const PromptAnswer& text : texts) TRY(file.Add(text));
  return file.Finish();
}

TEST(AnswerTexts, AreGivenBackFromMemoryAndFromDisk) {
  const TempFolder folder;
  const std::vector<PromptAnswer> texts = Some();
  const auto stored = OnDisk(folder.path, texts);
  ASSERT_TRUE(stored) << ToString(stored.error());
  for (const AnswerTexts& all : {AnswerTexts(texts), *stored}) {
    ASSERT_EQ(all.size(), texts.size());
    for (size_t i = 0; i < texts.size(); ++i) {
      ExpectSame(all.At(i), texts[i]);
      EXPECT_EQ(all.AnswerLength(i), texts[i].answer.size());
      EXPECT_EQ(all.Lengths()[i], texts[i].prompt.size() + texts[i].answer.size());
    }
  }
  // nothing is left of them on disk
  EXPECT_TRUE(std::filesystem::is_empty(folder.path));
}

TEST(AnswerTexts, SomeOfThemAreASetOfTheirOwnThatOutlivesTheOthers) {
  const TempFolder folder;
  const std::vector<PromptAnswer> texts = Some();
  const std::vector<size_t> picked{7, 3, 299};
  const AnswerTexts some = [&] { return OnDisk(folder.path, texts)->Of(picked); }();
  ASSERT_EQ(some.size(), 3u);
  for (size_t i = 0; i < picked.size(); ++i) ExpectSame(some.At(i), texts[picked[i]]);
  const std::vector<size_t> last_first{2, 0};
  ExpectSame(some.At(last_first).front(), texts[299]);
  ExpectSame(some.At(last_first).back(), texts[7]);
}

TEST(AnswerTexts, NoneAreNone) {
  const TempFolder folder;
  const auto none = OnDisk(folder.path, {});
  ASSERT_TRUE(none) << ToString(none.error());
  EXPECT_TRUE(none->empty());
  EXPECT_EQ(AnswerTextsFile::In(folder.path / "away").error().code, Code::kInternal);
}

TEST(AnswerTexts, AFullDiskIsToldWithWhatToDo) {
  const TempFolder folder;
  // given files that may not grow, which are as a full disk
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 1024;
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  const auto stored = OnDisk(folder.path, Some());
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, handler);
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().code, Code::kResourceExhausted);
  EXPECT_THAT(stored.error().message, testing::HasSubstr("make room"));
}

}  // namespace
}  // namespace troupe::train
