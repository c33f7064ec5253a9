#include "runtime/hub/store.h"

#include <gtest/gtest.h>

#include "runtime/base/digest.h"
#include "runtime/hub/manifest.h"
#include "tests/support/temp_folder.h"

namespace troupe::hub {
namespace {

class ModelStore : public testing::Test {
 protected:
  // Puts files in as blobs and makes an entry of them.
  Entry Put(const std::string& source, const std::vector<std::pair<std::string, std::string>>& files) {
    Entry entry{ParseSource(source).value(), "commit", "host", 5, {}, ""};
    for (const auto& [name, content] : files) {
      const std::string sha256 = Sha256Hex(content);
      WriteAll(folder_.path / "incoming", content);
      EXPECT_TRUE(store_.AddBlob(folder_.path / "incoming", sha256));
      entry.files.push_back({name, static_cast<int64_t>(content.size()), sha256});
    }
    const Status done = store_.Commit(entry);
    EXPECT_TRUE(done) << done.error().message;
    return entry;
  }
  std::vector<std::string> Verify(const Entry& entry) {
    return store_.Verify(entry, [](int64_t) { return true; }).value();
  }

  TempFolder folder_;
  Store store_{folder_.path};
  const Source source_ = ParseSource("hf:o/n@main").value();
};

TEST_F(ModelStore, AnEntryIsReadUnderItsReadableNames) {
  EXPECT_FALSE(store_.Find(source_));
  const Entry entry = Put("hf:o/n@main", {{"config.json", "{}"}, {"1_Pooling/config.json", "{1}"}});
  EXPECT_EQ(ReadAll(LocalPath(source_, folder_.path) / "config.json"), "{}");
  EXPECT_EQ(ReadAll(LocalPath(source_, folder_.path) / "1_Pooling/config.json"), "{1}");
  ASSERT_TRUE(store_.Find(source_));
  EXPECT_EQ(ToJson(*store_.Find(source_)), ToJson(entry));
  // links are relative: the cache may be moved
  EXPECT_TRUE(std::filesystem::read_symlink(LocalPath(source_, folder_.path) / "config.json").is_relative());
}

TEST_F(ModelStore, ContentIsKeptOnceAndRemovedWithItsLastUser) {
  Put("hf:o/n@main", {{"config.json", "{}"}, {"model.safetensors", "weights"}});
  Put("hf:o/n@v2", {{"config.json", "{}"}, {"model.safetensors", "newer weights"}});
  EXPECT_EQ(store_.List().size(), 2u);
  EXPECT_EQ(store_.Remove(source_).value(), 7);
  EXPECT_FALSE(store_.Find(source_));
  EXPECT_TRUE(store_.Find(ParseSource("hf:o/n@v2").value()));
  EXPECT_EQ(store_.Remove(ParseSource("hf:o/n@v2").value()).value(), 15);
  EXPECT_FALSE(std::filesystem::exists(folder_.path / "hf"));
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path / "blobs"));
  EXPECT_EQ(store_.Remove(source_).error().code, Code::kNotFound);
}

TEST_F(ModelStore, ANewerPullTakesTheOldOnesPlace) {
  Put("hf:o/n@main", {{"a.json", "1"}, {"b.json", "2"}});
  Put("hf:o/n@main", {{"a.json", "3"}});
  EXPECT_EQ(ReadAll(LocalPath(source_, folder_.path) / "a.json"), "3");
  EXPECT_FALSE(std::filesystem::exists(LocalPath(source_, folder_.path) / "b.json"));
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path / "staging"));
}

TEST_F(ModelStore, DamageIsFoundAndThrownAway) {
  const Entry entry = Put("hf:o/n@main", {{"a.json", "one"}, {"b.json", "two"}});
  EXPECT_TRUE(Verify(entry).empty());
  std::filesystem::permissions(store_.BlobPath(Sha256Hex("two")), std::filesystem::perms::owner_all);
  WriteAll(store_.BlobPath(Sha256Hex("two")), "tow");  // the same length
  EXPECT_TRUE(store_.Find(source_));
  EXPECT_EQ(Verify(entry), std::vector<std::string>{"b.json"});
  store_.Discard(entry, {"b.json"});
  EXPECT_FALSE(store_.Find(source_)) << "the next pull fetches it";
  EXPECT_EQ(Verify(entry), std::vector<std::string>{"b.json"});
}

TEST_F(ModelStore, AnEntryWithoutAllItsBlobsDoesNotAppear) {
  Entry entry{source_, "c", "h", 5, {{"a.json", 3, Sha256Hex("one")}}, ""};
  EXPECT_EQ(store_.Commit(entry).error().code, Code::kAborted);
  EXPECT_FALSE(std::filesystem::exists(LocalPath(source_, folder_.path)));
}

TEST_F(ModelStore, ManifestsThatWereTamperedWithAreNotFollowed) {
  const Entry entry = Put("hf:o/n@main", {{"a.json", "one"}});
  const std::string good = ToJson(entry);
  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{{"a.json", "../../a.json"},
                                                        {"hf:o/n@main", "hf:o/n@other"},
                                                        {Sha256Hex("one"), "../../../etc/passwd"},
                                                        {"\"bytes\": 3", "\"bytes\": -3"}}) {
    std::string bad = good;
    bad.replace(bad.find(from), from.size(), to);
    WriteAll(LocalPath(source_, folder_.path) / kManifest, bad);
    EXPECT_FALSE(store_.Find(source_)) << to;
  }
}

TEST_F(ModelStore, UnfinishedDownloadsGoUnlessTheyGoOn) {
  WriteAll(store_.PartialPath({Expected::Kind::kSha256, std::string(64, 'a')}), "12345");
  const auto busy = store_.PartialPath({Expected::Kind::kSha256, std::string(64, 'b')});
  WriteAll(busy, "123");
  const auto lock = FileLock::Try(busy, FileLock::Mode::kExclusive).value();
  EXPECT_EQ(store_.RemoveUnfinished(), 5);
  EXPECT_TRUE(std::filesystem::exists(busy));
}

TEST_F(ModelStore, TheModelsDigestIsTheOneThatAgentsCheck) {
  const std::vector<StoredFile> one = {{"m/config.json", 1, "c"}, {"m/model.safetensors", 1, "w"}};
  EXPECT_EQ(ModelDigest(one, "m"), "w");
  EXPECT_EQ(ModelDigest({{"a.gguf", 1, "g"}}, "a.gguf"), "g");
  const std::vector<StoredFile> two = {
      {"model-2.safetensors", 1, "b"}, {"model-1.safetensors", 1, "a"}, {"x/y.safetensors", 1, "z"}};
  EXPECT_EQ(ModelDigest(two, ""), Sha256Hex("ab"));
  EXPECT_EQ(ModelDigest(two, "none"), "");
}

}  // namespace
}  // namespace troupe::hub
