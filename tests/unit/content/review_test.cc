#include "router/content/review.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "router/content/review_page.h"
#include "router/content/texts_file.h"
#include "tests/support/temp_folder.h"
#include "tests/unit/content/sample_set.h"

namespace troupe::content {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

const Reviewer kAnna{"anna", "2026-11-29 08:51:07 UTC", "nice"};

const Text& Find(const ContentSet& set, const std::string& id) { return **FindText(const_cast<ContentSet&>(set), id); }

TEST(Review, NamesWhoDecidedAndWhen) {
  ContentSet set = SampleSet();
  ASSERT_TRUE(Accept(set, "loyal-de-2", kAnna));
  EXPECT_EQ(Find(set, "loyal-de-2").state, TextState::kAccepted);
  EXPECT_EQ(Find(set, "loyal-de-2").reviewer, "anna");
  EXPECT_EQ(Find(set, "loyal-de-2").reviewed, kAnna.time);
  EXPECT_EQ(Find(set, "loyal-de-2").note, "nice");
  ASSERT_TRUE(Reject(set, "loyal-de-2", kAnna));
  EXPECT_EQ(Find(set, "loyal-de-2").state, TextState::kRejected);
  EXPECT_EQ(Accept(set, "nobody", kAnna).error().code, Code::kNotFound);
}

TEST(Review, ATextWithSomethingWrongIsNotAccepted) {
  ContentSet set = SampleSet();
  const std::string before = TextsYaml(set);
  const std::string old = Find(set, "loyal-de-2").text;
  EXPECT_THAT(Edit(set, "loyal-de-2", old, "<p>{{first_name}}, no amount for you today.</p>", kAnna).error().message,
              HasSubstr("lacks {{amount}}"));
  const std::string sibling = Find(set, "loyal-de-1").text;
  EXPECT_THAT(Edit(set, "loyal-de-2", old, sibling, kAnna).error().message, HasSubstr("like 'loyal-de-1'"));
  EXPECT_THAT(Edit(set, "loyal-de-2", "something else", sibling, kAnna).error().message, HasSubstr("meanwhile"));
  EXPECT_EQ(TextsYaml(set), before);
  ASSERT_TRUE(Edit(set, "loyal-de-2", old, "<p>{{first_name}}, nimm {{amount}} und feiere das Leben.</p>", kAnna));
  EXPECT_EQ(Find(set, "loyal-de-2").state, TextState::kAccepted);
}

TEST(Review, AcceptsAllThatPassAndNoOthers) {
  ContentSet set = SampleSet();
  set.texts.push_back({.id = "loyal-en-2", .cell = {"loyal", "en"}, .text = "<p>Nothing for anybody here.</p>"});
  set.texts.push_back({.id = "loyal-en-3",
                       .cell = {"loyal", "en"},
                       .text = "<p>Cheers to you, {{first_name}}: take {{amount}} and dance.</p>"});
  EXPECT_EQ(AcceptAllPassing(set, kAnna), 2);
  EXPECT_EQ(Find(set, "loyal-de-2").state, TextState::kAccepted);
  EXPECT_EQ(Find(set, "loyal-en-2").state, TextState::kProposed);
  EXPECT_EQ(Find(set, "new-en-1").state, TextState::kRejected);
}

TEST(Review, OnlyWhatWasAcceptedIsPublished) {
  ContentSet set = SampleSet();
  const std::string proposed = Find(set, "loyal-de-2").text;
  const auto publishes = [&](const std::string& text) {
    for (const auto& [name, object] : SampleRelease(set).objects) {
      if (name.ends_with(".html") && object == text) return true;
    }
    return false;
  };
  EXPECT_FALSE(publishes(proposed));
  ASSERT_TRUE(Accept(set, "loyal-de-2", kAnna));
  EXPECT_TRUE(publishes(proposed));
  ASSERT_TRUE(Reject(set, "loyal-de-2", kAnna));
  EXPECT_FALSE(publishes(proposed));
}

TEST(ReviewPage, TakesTextsForHostile) {
  ContentSet set = SampleSet();
  set.texts = {{.id = "t1",
                .cell = {"new", "en"},
                .text = "<script>alert(1)</script>\u202e\x1b[31m {{nobody}} \xff",
                .writer = "<b>w</b>",
                .note = "\"><img src=x>"}};
  const std::string page = ReviewPage(set, "a'<i>.yaml");
  for (const char* bad : {"<script", "<img", "<b>", "<i>", "\x1b", "\u202e", "\xff"}) {
    EXPECT_THAT(page, Not(HasSubstr(bad)));
  }
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;"));
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  // a good one shows made-up values
  EXPECT_THAT(ReviewPage(SampleSet(), "s.yaml"), HasSubstr("<mark>Anna</mark>"));
}

class TextsFileTest : public testing::Test {
 protected:
  TextsFileTest() { fs::copy(SourcePath("tests/unit/content/good"), folder_.path); }

  std::string Read() const { return ReadAll(texts_); }

  const TempFolder folder_;
  const fs::path texts_ = folder_.path / "birthday.texts.yaml";
  const std::string set_ = (folder_.path / "birthday.yaml").string();
};

TEST_F(TextsFileTest, ReadsBackAsItWasWritten) {
  ASSERT_TRUE(ChangeTexts(set_, [](ContentSet& set) -> Status {
    TRY(Reject(set, "loyal-de-2", {"zoë: \"x\"", "2026-11-29 08:51:07 UTC", "- a\n# b: {c}"}));
    set.texts.push_back({.id = "loyal-en-7",
                         .cell = {"loyal", "en"},
                         .text = "<p>\tTabs, 'quotes', \"more\", \\ and: # - [x] {{first_name}}\n{{amount}} 🎉</p>",
                         .weight = 3,
                         .writer = "w@1"});
    return {};
  }));
  const auto again = LoadGoodSet(set_);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(TextsYaml(**again), Read());
  EXPECT_EQ(Find(**again, "loyal-de-2").reviewer, "zoë: \"x\"");
  EXPECT_EQ(Find(**again, "loyal-de-2").note, "- a\n# b: {c}");
  EXPECT_EQ(Find(**again, "loyal-en-7").text,
            "<p>\tTabs, 'quotes', \"more\", \\ and: # - [x] {{first_name}}\n{{amount}} 🎉</p>");
  EXPECT_EQ(Find(**again, "loyal-en-7").weight, 3);
  EXPECT_EQ((*again)->texts.size(), 7u);
}

TEST_F(TextsFileTest, AChangeThatFailsOrChangesNothingWritesNothing) {
  const std::string before = Read();
  EXPECT_FALSE(ChangeTexts(set_, [](ContentSet& set) -> Status {
    set.texts.clear();
    return Invalid("no");
  }));
  EXPECT_TRUE(ChangeTexts(set_, [](ContentSet&) { return Status(); }));
  EXPECT_EQ(Read(), before);
}

TEST_F(TextsFileTest, AFileThatIsNotThereYetIsMade) {
  fs::remove(texts_);
  ASSERT_TRUE(LoadGoodSet(set_));
  ASSERT_TRUE(ChangeTexts(set_, [](ContentSet& set) -> Status {
    set.texts.push_back({.id = "new-en-1", .cell = {"new", "en"}, .text = "Hello {{first_name}}: {{amount}}, now."});
    return {};
  }));
  EXPECT_EQ((*LoadGoodSet(set_))->texts.size(), 1u);
}

TEST_F(TextsFileTest, ChangesSideBySideAreAllThere) {
  constexpr int kEach = 25;
  const auto add = [this](const std::string& stem) {
    for (int i = 0; i < kEach; ++i) {
      const auto changed = ChangeTexts(set_, [&](ContentSet& set) -> Status {
        set.texts.push_back({.id = stem + std::to_string(i), .cell = {"new", "en"}, .text = "Hi {{first_name}}"});
        return {};
      });
      EXPECT_TRUE(changed) << changed.error().message;
    }
  };
  std::thread one(add, "one-");
  std::thread two(add, "two-");
  one.join();
  two.join();
  EXPECT_EQ((*LoadGoodSet(set_))->texts.size(), 6u + 2 * kEach);
}

}  // namespace
}  // namespace troupe::content
