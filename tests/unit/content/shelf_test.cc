#include "router/content/shelf.h"

#include <gtest/gtest.h>

#include "router/content/publish.h"
#include "runtime/base/write_file.h"
#include "tests/support/temp_folder.h"
#include "tests/unit/content/sample_set.h"

namespace troupe::content {
namespace {

class ShelfTest : public testing::Test {
 protected:
  std::string Publish(int64_t more_weight) {
    ContentSet set = SampleSet();
    for (Text& text : set.texts) text.weight += more_weight;
    const auto published = content::Publish(store_, SampleRelease(set), 1'700'000'000'000);
    EXPECT_TRUE(published) << published.error().message;
    return published ? published->version : "";
  }
  std::unique_ptr<Shelf> Open() {
    auto shelf = Shelf::Open(store_, counts_, [this](const std::string& note) { notes_.push_back(note); });
    EXPECT_TRUE(shelf) << shelf.error().message;
    return shelf ? std::move(*shelf) : nullptr;
  }

  const TempFolder folder_;
  FolderStore store_{folder_.path};
  UseCounts counts_;
  std::vector<std::string> notes_;
};

TEST_F(ShelfTest, HasTheNewVersionOnceItLooksAndWhoHoldsTheOldOneKeepsIt) {
  // given
  const std::string first = Publish(0);
  const auto shelf = Open();
  ASSERT_NE(shelf, nullptr);
  const auto held = shelf->library();
  // when
  const std::string second = Publish(1);
  shelf->LookAgain();
  shelf->LookAgain();
  // then
  EXPECT_EQ(held->Find("birthday")->version, first);
  EXPECT_EQ(shelf->library()->Find("birthday")->version, second);
  EXPECT_EQ(notes_, std::vector<std::string>{"serves birthday@" + second});
}

TEST_F(ShelfTest, GoesOnWithWhatItHasWhileTheStoreIsDamagedAndSaysSoOnce) {
  // given
  const std::string version = Publish(0);
  const auto shelf = Open();
  ASSERT_NE(shelf, nullptr);
  const std::filesystem::path current = folder_.path / CurrentPath("birthday");
  const std::string whole = **store_.Read(CurrentPath("birthday"));
  // when
  ASSERT_TRUE(WriteFile(current, "damaged"));
  shelf->LookAgain();
  shelf->LookAgain();
  // then
  EXPECT_EQ(shelf->library()->Find("birthday")->version, version);
  ASSERT_EQ(notes_.size(), 1u);
  EXPECT_NE(notes_[0].find("goes on serving what it has"), std::string::npos);
  // and when it is whole again there is nothing new
  ASSERT_TRUE(WriteFile(current, whole));
  shelf->LookAgain();
  EXPECT_EQ(notes_.size(), 1u);
}

}  // namespace
}  // namespace troupe::content
