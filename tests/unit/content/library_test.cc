#include "router/content/library.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <thread>

#include "tests/unit/content/sample_set.h"

namespace troupe::content {
namespace {

const std::vector<SlotValue> kValues = {
    {"first_name", "Ann & Bo"}, {"amount", "1250"}, {"until", "2026-12-24"}, {"code", "A/B"}};

TEST(Library, FillsATextOfTheAudienceInItsLanguage) {
  // given
  const auto library = SampleLibrary();
  // when
  const auto english = library->Fill({"birthday", "loyal.en", "user-1", kValues});
  const auto german = library->Fill({"birthday", "loyal.de", "user-1", kValues});
  // then
  ASSERT_TRUE(english) << english.error().message;
  EXPECT_EQ(english->text,
            "<p>Another year with us, Ann &amp; Bo, and we are glad of it. €1,250.00 is the least we can do.</p>");
  EXPECT_EQ(english->output, OutputKind::kHtml);
  EXPECT_EQ(english->variant, "loyal-en-1");
  ASSERT_TRUE(german);
  EXPECT_EQ(
      german->text,
      "<p>Alles Gute zum Geburtstag, Ann &amp; Bo! Wir schenken dir 1.250,00\u00a0€, und das ist nur der Anfang.</p>");
  EXPECT_EQ(german->language, "de");
}

TEST(Library, GivesAUserTheSameTextEachTimeAndOnlyAcceptedOnes) {
  const auto library = SampleLibrary();
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const std::string user = "u" + std::to_string(i);
    const auto first = library->Fill({"birthday", "new.en", user, kValues});
    const auto again = library->Fill({"birthday", "new.en", user, kValues});
    ASSERT_TRUE(first && again);
    EXPECT_EQ(first->text, again->text);
    seen.insert(first->variant);
  }
  EXPECT_EQ(seen, (std::set<std::string>{"new-en-2", "new-en-3"}));
}

TEST(Library, WritesAValueIntoALinkAsAPieceOfIt) {
  const auto library = SampleLibrary();
  for (int i = 0;; ++i) {
    ASSERT_LT(i, 100);
    const auto filled = library->Fill({"birthday", "new.en", std::to_string(i), kValues});
    ASSERT_TRUE(filled);
    if (filled->variant != "new-en-3") continue;
    EXPECT_NE(filled->text.find("?code=A%2FB\""), std::string::npos) << filled->text;
    return;
  }
}

TEST(Library, NothingInAValueIsEverReadAgain) {
  const auto library = SampleLibrary();
  std::vector<SlotValue> values = kValues;
  values[3] = {"code", "{{first_name}}"};
  for (int i = 0; i < 20; ++i) {
    const auto filled = library->Fill({"birthday", "new.en", std::to_string(i), values});
    ASSERT_TRUE(filled);
    EXPECT_EQ(filled->text.find("code=Ann"), std::string::npos);
  }
}

TEST(Library, RefusesAlikeWhateverTextWouldBePicked) {
  const auto library = SampleLibrary();
  const std::vector<std::pair<std::vector<SlotValue>, std::string>> cases = {
      {{{"first_name", "Ann"}, {"until", "2026-12-24"}}, "slot 'amount' has no value and no default; give one"},
      {{{"amount", "1"}, {"until", "soon"}}, "slot 'until': must be a day that exists, such as 2026-11-29"},
      {{{"amount", "1"}, {"until", "2026-12-24"}, {"amont", "1"}}, "there is no slot 'amont'; did you mean 'amount'?"},
      {{{"amount", "1"}, {"until", "2026-12-24"}, {"amount", "1"}}, "slot 'amount' is given twice"},
      {{{"amount", "1"}, {"until", "2026-12-24"}, {"code", "\x1b"}}, "slot 'code': has the control character U+001B"}};
  for (const auto& [values, message] : cases) {
    for (int i = 0; i < 20; ++i) {
      const auto filled = library->Fill({"birthday", "new.en", std::to_string(i), values});
      ASSERT_FALSE(filled);
      EXPECT_EQ(filled.error().code, Code::kInvalidArgument);
      EXPECT_EQ(filled.error().message, message);
    }
  }
}

TEST(Library, SaysWhatIsNotThere) {
  const auto library = SampleLibrary();
  EXPECT_EQ(library->Fill({"birthdays", "new.en", "u", kValues}).error().code, Code::kNotFound);
  EXPECT_EQ(library->Fill({"birthday", "new.de", "u", kValues}).error().code, Code::kNotFound);
  EXPECT_EQ(library->Fill({std::string(1 << 20, 'x'), "../..", "u", kValues}).error().code, Code::kNotFound);
}

TEST(Library, RefusesAKeyThatIsTooLongBeforeItLooksFurther) {
  const std::string longest(Library::kMaxUserBytes, 'u');
  const auto library = SampleLibrary();
  EXPECT_TRUE(library->Fill({"birthday", "new.en", longest, kValues}));
  EXPECT_EQ(library->Fill({"birthday", "new.en", longest + "u", kValues}).error().code, Code::kInvalidArgument);
  EXPECT_EQ(library->Fill({"birthdays", "new.en", longest + "u", kValues}).error().code, Code::kInvalidArgument);
}

TEST(Library, CountsEveryUseWhateverThreadsThereAre) {
  // given
  UseCounts counts;
  const auto library = SampleLibrary(SampleSet(), &counts);
  // when
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) (void)library->Fill({"birthday", "new.en", std::to_string(i), kValues});
    });
  }
  for (std::thread& thread : threads) thread.join();
  // then
  int64_t total = 0;
  for (const auto& [key, count] : counts.Totals()) {
    EXPECT_EQ(count % 4, 0) << key.text;
    total += count;
  }
  EXPECT_EQ(total, 4000);
}

TEST(Release, IsTheSameForTheSameSetInWhateverOrder) {
  // given
  ContentSet set = SampleSet();
  const Release first = SampleRelease(set);
  std::reverse(set.texts.begin(), set.texts.end());
  // when
  const Release second = SampleRelease(set);
  set.texts.back().weight = 0;
  // then
  EXPECT_EQ(first.version, second.version);
  EXPECT_EQ(first.objects, second.objects);
  EXPECT_EQ(first.objects.size(), 8u);
  set.texts[0].weight = 9;
  set.texts[0].state = TextState::kAccepted;
  EXPECT_NE(SampleRelease(set).version, first.version);
}

TEST(Release, NamesAudiencesWithoutATextAndMayLeaveThemOut) {
  // given
  ContentSet set = SampleSet();
  for (Text& text : set.texts) {
    if (text.cell[1] == "de") text.state = TextState::kProposed;
  }
  // when
  const auto refused = MakeRelease(set, Gaps::kRefused);
  const auto partial = MakeRelease(set, Gaps::kLeftOut);
  // then
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("for loyal.de;"), std::string::npos) << refused.error().message;
  ASSERT_TRUE(partial);
  EXPECT_EQ(partial->manifests.size(), 2u);
}

TEST(Audience, TakesNoManifestThatWouldWriteItsOwnHeaders) {
  const Release release = SampleRelease();
  const auto objects = [&](const std::string& digest) { return &release.objects.at(digest + ".json"); };
  Value manifest = Value::parse(release.manifests.at("new.en"));
  EXPECT_TRUE(Audience::Read(Dump(manifest), objects, nullptr));
  manifest["language"] = "en\r\nSet-Cookie: a=b";
  EXPECT_FALSE(Audience::Read(Dump(manifest), objects, nullptr));
}

TEST(Audience, TakesDamagedManifestsAndObjectsWell) {
  // given
  const Release release = SampleRelease();
  const std::string manifest = release.manifests.at("new.en");
  for (unsigned seed = 1; seed <= 2000; ++seed) {
    std::mt19937 random(seed);
    std::map<std::string, std::string> objects = release.objects;
    std::string damaged = manifest;
    std::string& victim = seed % 2 == 0 ? damaged : objects.begin()->second;
    for (int i = 0; i < 3; ++i) victim[random() % victim.size()] = static_cast<char>(random() % 256);
    // when
    const auto audience = Audience::Read(
        damaged,
        [&](const std::string& digest) {
          const auto found = objects.find(digest + ".json");
          return found == objects.end() ? nullptr : &found->second;
        },
        nullptr);
    // then
    if (!audience) {
      EXPECT_EQ(audience.error().code, Code::kDataLoss) << "seed " << seed << ": " << audience.error().message;
    } else {
      (void)(*audience)->Fill("u", kValues);
    }
  }
}

}  // namespace
}  // namespace troupe::content
