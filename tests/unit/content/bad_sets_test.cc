// Every file of bad/ is wrong in its own way; FILE.expected beside it says what lint tells, word by word. To write the
// .expected files anew after a change of words: TROUPE_UPDATE_EXPECTED=1 tests/content_test, and read the diff.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "router/content/parse.h"
#include "tests/support/places.h"

namespace troupe::content {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = SourcePath("tests/unit/content");

std::vector<std::string> BadSets() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kFolder / "bad")) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string ReadText(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

// Findings one a line, the set's own file without its folder, which is another one on each machine.
std::string Told(const std::vector<kind::Finding>& findings) {
  std::string text;
  for (kind::Finding finding : findings) {
    finding.file = fs::path(finding.file).filename().string();
    text += kind::ToString(finding) + "\n";
  }
  return text;
}

class BadSet : public testing::TestWithParam<std::string> {};

TEST_P(BadSet, IsRefusedWithEveryFindingAtItsPlace) {
  // given
  const fs::path path = kFolder / "bad" / (GetParam() + ".yaml");
  const fs::path expected_path = kFolder / "bad" / (GetParam() + ".expected");
  // when
  const ParsedSet parsed = LoadContentSet(path.string());
  // then
  const std::string told = Told(parsed.findings);
  if (std::getenv("TROUPE_UPDATE_EXPECTED") != nullptr) std::ofstream(expected_path) << told;
  EXPECT_EQ(parsed.set, nullptr) << "it was taken as correct";
  EXPECT_EQ(told, ReadText(expected_path));
}

INSTANTIATE_TEST_SUITE_P(All, BadSet, testing::ValuesIn(BadSets()), [](const auto& test) {
  std::string name = test.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(GoodSet, IsTakenWholeWithWarningsForWhatIsOnlyProposed) {
  // when
  const ParsedSet parsed = LoadContentSet((kFolder / "good/birthday.yaml").string());
  // then
  EXPECT_EQ(Told(parsed.findings), "");
  ASSERT_NE(parsed.set, nullptr);
  const ContentSet& set = *parsed.set;
  EXPECT_EQ(set.name, "birthday");
  EXPECT_EQ(set.cells, (std::vector<Cell>{{"new", "en"}, {"loyal", "en"}, {"loyal", "de"}}));
  EXPECT_EQ(AudienceName(set.cells[2]), "loyal.de");
  EXPECT_EQ(LanguageOf(set, set.cells[2]), "de");
  EXPECT_EQ(set.writer->prompt, "Write a birthday greeting for {{ segment }}.\n");
  ASSERT_EQ(set.texts.size(), 6u);
  EXPECT_EQ(set.texts[1].weight, 3);
  EXPECT_EQ(set.texts[1].state, TextState::kAccepted);
  EXPECT_EQ(set.texts[1].reviewer, "anna");
  EXPECT_EQ(FindSlot(set.slots, "until")->fallback, std::nullopt);
  EXPECT_EQ(FindSlot(set.slots, "code")->fallback, "");
}

TEST(HostileSet, RandomDamageIsRefusedOrTakenButNeverHarmful) {
  // given
  const std::string seed_text = ReadText(kFolder / "good/birthday.yaml");
  const std::string seed_texts = ReadText(kFolder / "good/birthday.texts.yaml");
  for (unsigned seed = 1; seed <= 1500; ++seed) {
    std::mt19937 random(seed);
    ContentSource source{.yaml = seed_text, .file_name = "x.yaml"};
    std::string texts = seed_texts;
    std::string& victim = seed % 2 == 0 ? source.yaml : texts;
    for (int i = 0; i < 4; ++i) {
      const size_t at = random() % victim.size();
      if (random() % 3 == 0)
        victim.erase(at, random() % 20);
      else
        victim.insert(at, 1, static_cast<char>(random() % 256));
    }
    source.files = {{"birthday.texts.yaml", texts}, {"birthday.j2", "x"}};
    // when
    const ParsedSet parsed = ParseContentSet(source);
    // then
    const bool says_why = std::any_of(parsed.findings.begin(), parsed.findings.end(), [](const auto& finding) {
      return finding.severity == kind::Severity::kError && !finding.message.empty();
    });
    EXPECT_NE(parsed.set != nullptr, says_why) << "seed " << seed;
  }
}

}  // namespace
}  // namespace troupe::content
