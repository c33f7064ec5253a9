#include "router/content/publish.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>

#include "runtime/base/digest.h"
#include "tests/support/temp_folder.h"
#include "tests/unit/content/sample_set.h"

namespace troupe::content {
namespace {

namespace fs = std::filesystem;

// A folder whose power goes at the nth change: that one and all after it are lost, and a half-written file may stay.
class FailingStore final : public Store {
 public:
  FailingStore(FolderStore& inner, int changes) : inner_(inner), left_(changes) {}
  Status Write(const std::string& name, std::string_view bytes) override {
    if (left_ <= 0) {
      if (left_-- == 0) (void)inner_.Write(name + ".part", bytes.substr(0, bytes.size() / 2));
      return Unavailable("the power is gone");
    }
    --left_;
    return inner_.Write(name, bytes);
  }
  Status Remove(const std::string& name) override {
    if (left_-- <= 0) return Unavailable("the power is gone");
    return inner_.Remove(name);
  }
  Result<std::optional<std::string>> Read(const std::string& name) const override { return inner_.Read(name); }
  Result<std::vector<std::string>> List(const std::string& folder) const override { return inner_.List(folder); }
  Result<std::vector<std::string>> Folders() const override { return inner_.Folders(); }
  Result<std::unique_ptr<Held>> Lock(const std::string& set) override { return inner_.Lock(set); }

 private:
  FolderStore& inner_;
  int left_;
};

class PublishTest : public testing::Test {
 protected:
  // The set with another text in place of its first accepted one.
  static Release Version(int number) {
    ContentSet set = SampleSet();
    set.texts[1].text = "<p>Version " + std::to_string(number) + " for {{first_name}}, who gets {{amount}}.</p>";
    return SampleRelease(set);
  }
  // What a reader finds: the version, which must be whole.
  static std::string Current(const Store& store) {
    const auto library = Library::Load(store, nullptr);
    EXPECT_TRUE(library) << library.error().message;
    const PublishedSet* set = library ? (*library)->Find("birthday") : nullptr;
    if (set == nullptr) return "none";
    EXPECT_EQ(set->audiences.size(), 3u);
    return set->version;
  }
  static std::map<std::string, std::string> Everything(const Store& store) {
    std::map<std::string, std::string> files;
    const std::vector<std::string> names = *store.List("birthday");
    for (const std::string& name : names) files[name] = **store.Read(name);
    files.erase("birthday/current");
    return files;
  }

  const TempFolder folder_;
  const fs::path& root_ = folder_.path;
  FolderStore store_{root_};
};

TEST_F(PublishTest, IsReadBackWholeAndASecondTimeWritesNothing) {
  // given
  const Release release = SampleRelease();
  // when
  const auto first = Publish(store_, release, 1000);
  const auto again = Publish(store_, release, 2000);
  // then
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->before, "");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->written, 0);
  EXPECT_EQ(Current(store_), release.version);
  EXPECT_EQ(*ReadHistory(store_, "birthday"), (std::vector<Published>{{release.version, 1000}}));
}

TEST_F(PublishTest, KeepsCompressedFormsThatUnpackToTheSame) {
  // given
  ASSERT_TRUE(Publish(store_, SampleRelease(), 1));
  const auto library = Library::Load(store_, nullptr);
  const StoredFile& manifest = (*library)->Find("birthday")->manifests.at("new.en");
  ASSERT_FALSE(manifest.gzip.empty());
  ASSERT_FALSE(manifest.brotli.empty());
  // when
  std::string unpacked(manifest.bytes.size(), '\0');
  z_stream stream{};
  ASSERT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(manifest.gzip.data()));
  stream.avail_in = static_cast<uInt>(manifest.gzip.size());
  stream.next_out = reinterpret_cast<Bytef*>(unpacked.data());
  stream.avail_out = static_cast<uInt>(unpacked.size());
  // then
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  inflateEnd(&stream);
  EXPECT_EQ(unpacked, manifest.bytes);
}

TEST_F(PublishTest, CutOffAtAnyWriteShowsTheOldVersionOrTheNewOneAndIsEndedByTheNextCall) {
  const Release old_one = Version(1);
  const Release new_one = Version(2);
  std::map<std::string, std::string> expected;
  for (int changes = 0;; ++changes) {
    // given
    fs::remove_all(root_);
    fs::create_directories(root_);
    ASSERT_TRUE(Publish(store_, old_one, 1));
    FailingStore failing(store_, changes);
    // when
    const auto cut_off = Publish(failing, new_one, 2);
    // then: a reader sees a whole version, and only with the pointer the new one
    EXPECT_EQ(Current(store_), cut_off ? new_one.version : old_one.version) << "after " << changes << " changes";
    // when
    const auto ended = Publish(store_, new_one, 3);
    ASSERT_TRUE(ended) << ended.error().message;
    ASSERT_TRUE(Collect(store_, "birthday", 2));
    // then: all is as if nothing had happened
    EXPECT_EQ(Current(store_), new_one.version);
    if (changes == 0) expected = Everything(store_);
    EXPECT_EQ(Everything(store_), expected) << "after " << changes << " changes";
    if (cut_off) break;
    ASSERT_LT(changes, 1000);
  }
}

TEST_F(PublishTest, CollectingCutOffAtAnyChangeLosesNothingThatIsNamed) {
  for (int changes = 0;; ++changes) {
    // given
    fs::remove_all(root_);
    fs::create_directories(root_);
    for (int i = 1; i <= 4; ++i) ASSERT_TRUE(Publish(store_, Version(i), i));
    FailingStore failing(store_, changes);
    // when
    const auto cut_off = Collect(failing, "birthday", 2);
    // then
    EXPECT_EQ(Current(store_), Version(4).version);
    // when
    ASSERT_TRUE(Collect(store_, "birthday", 2));
    // then: what is kept can be gone back to, and nothing else is left
    EXPECT_EQ(*Collect(store_, "birthday", 2), 0);
    ASSERT_EQ(ReadHistory(store_, "birthday")->size(), 2u);
    ASSERT_TRUE(Rollback(store_, "birthday", std::nullopt, 9));
    EXPECT_EQ(Current(store_), Version(3).version);
    if (cut_off) {
      EXPECT_GT(*cut_off, 0);
      break;
    }
    ASSERT_LT(changes, 1000);
  }
}

TEST_F(PublishTest, RollbackGoesBackAndForthAndToAVersionByName) {
  // given
  for (int i = 1; i <= 3; ++i) ASSERT_TRUE(Publish(store_, Version(i), i));
  // when, then
  EXPECT_EQ(Rollback(store_, "birthday", std::nullopt, 10)->version, Version(2).version);
  EXPECT_EQ(Current(store_), Version(2).version);
  EXPECT_EQ(Rollback(store_, "birthday", std::nullopt, 11)->version, Version(3).version);
  EXPECT_EQ(Rollback(store_, "birthday", Version(1).version, 12)->version, Version(1).version);
  EXPECT_EQ(ReadHistory(store_, "birthday")->front(), (Published{Version(1).version, 12}));
  const auto unknown = Rollback(store_, "birthday", "0123456789abcdef", 13);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, Code::kNotFound);
  EXPECT_NE(unknown.error().message.find("kept are " + Version(1).version), std::string::npos);
  EXPECT_EQ(Rollback(store_, "wedding", std::nullopt, 13).error().code, Code::kNotFound);
}

TEST_F(PublishTest, TwoPublishersDoNotMix) {
  const auto held = store_.Lock("birthday");
  ASSERT_TRUE(held);
  EXPECT_EQ(Publish(store_, SampleRelease(), 1).error().code, Code::kFailedPrecondition);
  EXPECT_EQ(Collect(store_, "birthday", 1).error().code, Code::kFailedPrecondition);
}

TEST_F(PublishTest, DamageOnDiskIsFoundAndNamed) {
  // given
  ASSERT_TRUE(Publish(store_, SampleRelease(), 1));
  const std::string object = "birthday/objects/" + SampleRelease().objects.begin()->first;
  ASSERT_TRUE(store_.Write(object, "tampered"));
  // when
  const auto library = Library::Load(store_, nullptr);
  // then
  ASSERT_FALSE(library);
  EXPECT_EQ(library.error().code, Code::kDataLoss);
  EXPECT_NE(library.error().message.find(object), std::string::npos);
  // and publishing again mends it
  ASSERT_TRUE(Publish(store_, SampleRelease(), 2));
  EXPECT_EQ(Current(store_), SampleRelease().version);
}

TEST_F(PublishTest, AManifestThatCannotBeReadStopsCollecting) {
  ASSERT_TRUE(Publish(store_, Version(1), 1));
  ASSERT_TRUE(Publish(store_, Version(2), 2));
  ASSERT_TRUE(store_.Write(ManifestPath("birthday", Version(1).version, "new.en"), "{"));
  const auto before = Everything(store_);
  EXPECT_EQ(Collect(store_, "birthday", 2).error().code, Code::kDataLoss);
  EXPECT_EQ(Everything(store_), before);
}

}  // namespace
}  // namespace troupe::content
