// Publishing to a bucket: everything that publishing to a folder promises, over a network that may be gone at any
// request.
#include "router/content/s3/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "router/content/publish.h"
#include "tests/unit/content/s3/fake_server.h"
#include "tests/unit/content/sample_set.h"

namespace troupe::content::s3 {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kPointer = "live/birthday/current";
constexpr const char* kLock = "live/birthday/lock";

Release Version(int number) {
  ContentSet set = SampleSet();
  set.texts[1].text = "<p>Version " + std::to_string(number) + " for {{first_name}}, who gets {{amount}}.</p>";
  return SampleRelease(set);
}

class S3StoreTest : public testing::Test {
 protected:
  // What a reader finds: the version, which must be whole.
  std::string Current() {
    server_.left = std::numeric_limits<int>::max();
    const auto library = Library::Load(*server_.OpenStore(), nullptr);
    EXPECT_TRUE(library) << library.error().message;
    const PublishedSet* set = library ? (*library)->Find("birthday") : nullptr;
    return set == nullptr ? "none" : set->version;
  }
  Result<PublishOutcome> PublishNow(const Release& release) {
    const auto store = server_.OpenStore();
    return Publish(*store, release, server_.clock.NowMs());
  }
  std::map<std::string, std::string> Everything() const {
    std::map<std::string, std::string> all;
    for (const auto& [key, file] : server_.files) {
      if (key != kPointer && key != kLock) all[key] = file.bytes;
    }
    return all;
  }
  int Puts() const {
    return static_cast<int>(std::count_if(server_.requests.begin(), server_.requests.end(),
                                          [](const Request& request) { return request.method == "PUT"; }));
  }

  FakeServer server_;
};

TEST_F(S3StoreTest, IsReadBackWholeAndASecondTimeWritesNothing) {
  // given
  const Release release = SampleRelease();
  // when
  const auto first = PublishNow(release);
  server_.requests.clear();
  const auto again = PublishNow(release);
  // then
  ASSERT_TRUE(first) << first.error().message;
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->written, 0);
  EXPECT_EQ(Puts(), 1) << "the lock";
  EXPECT_EQ(Current(), release.version);
  EXPECT_FALSE(server_.files.contains(kLock));
  EXPECT_THAT(*server_.OpenStore()->Folders(), ElementsAre("birthday"));
}

TEST_F(S3StoreTest, FilesHaveHeadersForBrowsersAndCaches) {
  ASSERT_TRUE(PublishNow(SampleRelease()));
  const std::string manifest = "live/" + ManifestPath("birthday", SampleRelease().version, "new.en");
  EXPECT_EQ(server_.files[manifest].headers["content-type"], "application/json");
  EXPECT_EQ(server_.files[manifest].headers["cache-control"], "public, max-age=31536000, immutable");
  EXPECT_FALSE(server_.files[manifest].headers.contains("content-encoding"));
  EXPECT_EQ(server_.files[manifest + ".gz"].headers["content-encoding"], "gzip");
  EXPECT_EQ(server_.files[manifest + ".gz"].headers["content-type"], "application/json");
  EXPECT_EQ(server_.files[manifest + ".br"].headers["content-encoding"], "br");
  EXPECT_EQ(server_.files[kPointer].headers["content-type"], "application/json");
  EXPECT_EQ(server_.files[kPointer].headers["cache-control"], "public, max-age=30");
  for (const auto& [key, file] : server_.files) {
    if (!key.ends_with(".html")) continue;
    EXPECT_EQ(file.headers.at("content-type"), "text/html; charset=utf-8");
  }
}

TEST_F(S3StoreTest, CutOffAtAnyRequestShowsTheOldVersionOrTheNewOneAndIsEndedByALaterCall) {
  const Release old_one = Version(1);
  const Release new_one = Version(2);
  std::map<std::string, std::string> expected;
  for (int requests = 0;; ++requests) {
    // given
    server_.files.clear();
    ASSERT_TRUE(PublishNow(old_one));
    server_.left = requests;
    // when
    const auto cut_off = PublishNow(new_one);
    // then: with the pointer the new version, before it the old one
    const bool switched = server_.files[kPointer].bytes.find(R"("version":")" + new_one.version) != std::string::npos;
    EXPECT_EQ(Current(), switched ? new_one.version : old_one.version) << "after " << requests << " requests";
    EXPECT_TRUE(switched || !cut_off);
    // when: the lock of one that died is waited for
    server_.clock.Advance(61'000);
    const auto ended = PublishNow(new_one);
    ASSERT_TRUE(ended) << ended.error().message;
    ASSERT_TRUE(Collect(*server_.OpenStore(), "birthday", 2));
    // then: all is as if nothing had happened
    EXPECT_EQ(Current(), new_one.version);
    if (requests == 0) expected = Everything();
    EXPECT_EQ(Everything(), expected) << "after " << requests << " requests";
    if (cut_off) break;
    ASSERT_LT(requests, 1000);
  }
}

TEST_F(S3StoreTest, GoesBackAndForgets) {
  for (int i = 1; i <= 4; ++i) ASSERT_TRUE(PublishNow(Version(i)));
  const auto store = server_.OpenStore();
  ASSERT_TRUE(Rollback(*store, "birthday", std::nullopt, 9));
  EXPECT_EQ(Current(), Version(3).version);
  EXPECT_GT(*Collect(*store, "birthday", 2), 0);
  EXPECT_EQ(*Collect(*store, "birthday", 2), 0);
  EXPECT_EQ(ReadHistory(*store, "birthday")->size(), 2u);
  EXPECT_EQ(Current(), Version(3).version);
}

TEST_F(S3StoreTest, TwoPublishersDoNotMix) {
  // given
  auto first = server_.OpenStore();
  auto held = first->Lock("birthday");
  ASSERT_TRUE(held) << held.error().message;
  server_.clock.Advance(59'000);
  // when
  const auto second = PublishNow(Version(2));
  // then
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::kFailedPrecondition);
  EXPECT_THAT(second.error().message, HasSubstr("somebody else publishes here for 59 s"));
  // and whoever goes on writing keeps it
  ASSERT_TRUE(first->Write("birthday/objects/x.json", "{}"));
  server_.clock.Advance(59'000);
  EXPECT_FALSE(PublishNow(Version(2)));
  // when the first one is held up for longer, then the second may, and the first notices
  server_.clock.Advance(2'000);
  ASSERT_TRUE(PublishNow(Version(2)));
  const auto late = first->Write("birthday/objects/y.json", "{}");
  ASSERT_FALSE(late);
  EXPECT_THAT(late.error().message, HasSubstr("was held up"));
  held->reset();
  EXPECT_EQ(Current(), Version(2).version);
}

TEST_F(S3StoreTest, APointerThatSomebodyElseWroteIsNotOverwritten) {
  // given a server whose lock somebody ignored
  ASSERT_TRUE(PublishNow(Version(1)));
  const auto store = server_.OpenStore();
  const auto history = ReadHistory(*store, "birthday");
  ASSERT_TRUE(PublishNow(Version(2)));
  // when
  const auto lost = WriteHistory(*store, "birthday", *history);
  // then
  ASSERT_FALSE(lost);
  EXPECT_THAT(lost.error().message, HasSubstr("nothing of theirs was overwritten"));
  EXPECT_EQ(Current(), Version(2).version);
}

TEST_F(S3StoreTest, AWriteWhoseAnswerIsLostCountsAsWritten) {
  // given
  const auto loses_answer = [this](const Request& request) -> Result<Response> {
    (void)server_.Answer(request);
    return Unavailable("broke off");
  };
  for (int request = 0; request < 60; ++request) {
    server_.files.clear();
    server_.faults.assign(static_cast<size_t>(request),
                          [this](const Request& r) -> Result<Response> { return server_.Answer(r); });
    server_.faults.emplace_back(loses_answer);
    // when
    const auto published = PublishNow(Version(1));
    // then
    ASSERT_TRUE(published) << "answer " << request << ": " << published.error().message;
    server_.faults.clear();
    EXPECT_EQ(Current(), Version(1).version);
    EXPECT_FALSE(server_.files.contains(kLock));
  }
}

TEST_F(S3StoreTest, AServerWithoutConditionsIsWrittenToAllTheSame) {
  server_.knows_conditions = false;
  ASSERT_TRUE(PublishNow(Version(1)));
  ASSERT_TRUE(PublishNow(Version(2)));
  EXPECT_EQ(Current(), Version(2).version);
}

}  // namespace
}  // namespace troupe::content::s3
