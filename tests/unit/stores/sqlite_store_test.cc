// Kept answers in a file: what is particular to it.
#include "router/stores/sqlite_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>

#include "runtime/base/digest.h"
#include "tests/unit/stores/ask.h"

namespace troupe::stores {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class SqliteStoreTest : public testing::Test {
 protected:
  SqliteStoreTest() {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~SqliteStoreTest() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  Status Open() {
    store_.reset();
    TRY_ASSIGN(store_, SqliteStore::Open({.path = path_, .max_bytes = max_bytes_}, clock_,
                                         [this](const std::string& line) { log_.push_back(line); }));
    return {};
  }
  cache::Entry Made(const std::string& text, int64_t ttl_ms = 0) {
    cache::Entry entry{.answer = "\"" + text + "\"", .made_at_ms = clock_.NowMs(), .ttl_ms = ttl_ms};
    entry.answer_digest = Sha256Hex(entry.answer);
    return entry;
  }
  bool Has(const std::string& key) {
    const auto found = Get(*store_, key);
    return found && *found;
  }
  std::string Content() {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void Write(const std::string& content) { std::ofstream(path_, std::ios::binary) << content; }

  const std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("sqlite-" + std::to_string(getpid()));
  const std::filesystem::path path_ = folder_ / "answers.db";
  int64_t max_bytes_ = 1 << 20;
  ManualClock clock_;
  std::vector<std::string> log_;
  std::unique_ptr<SqliteStore> store_;
};

TEST_F(SqliteStoreTest, KeepsToItsSizeAndLetsTheOldestGo) {
  // given
  ASSERT_TRUE(Open());
  const std::string text(4'000, 'x');
  // when
  for (int i = 0; i < 1'000; ++i) ASSERT_TRUE(Put(*store_, std::to_string(i), Made(text)));
  // then
  EXPECT_LE(store_->GetStats().bytes, static_cast<size_t>(max_bytes_));
  EXPECT_LE(std::filesystem::file_size(path_), static_cast<size_t>(max_bytes_) + (512u << 10));
  EXPECT_TRUE(Has("999"));
  EXPECT_TRUE(Has("900"));
  EXPECT_FALSE(Has("0"));
  EXPECT_GT(store_->GetStats().evicted, 700);
}

TEST_F(SqliteStoreTest, WhatIsDeadGoesFirst) {
  // given an old answer, dead ones, and no room
  ASSERT_TRUE(Open());
  ASSERT_TRUE(Put(*store_, "old", Made("worth it")));
  const std::string text(4'000, 'x');
  for (int i = 0; i < 120; ++i) ASSERT_TRUE(Put(*store_, "dead" + std::to_string(i), Made(text, 1'000)));
  clock_.Advance(2'000);
  // when
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(Put(*store_, "new" + std::to_string(i), Made(text)));
  // then
  EXPECT_TRUE(Has("old"));
  EXPECT_TRUE(Has("new199"));
  EXPECT_LE(store_->GetStats().bytes, static_cast<size_t>(max_bytes_));
}

TEST_F(SqliteStoreTest, AFileThatMayBeSmallerNowBecomesSmaller) {
  max_bytes_ = 8 << 20;
  ASSERT_TRUE(Open());
  const std::string text(4'000, 'x');
  for (int i = 0; i < 1'000; ++i) ASSERT_TRUE(Put(*store_, std::to_string(i), Made(text)));
  max_bytes_ = 1 << 20;
  ASSERT_TRUE(Open());
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(Put(*store_, "new" + std::to_string(i), Made(text)));
  store_.reset();
  EXPECT_LE(std::filesystem::file_size(path_), 2u << 20);
}

TEST_F(SqliteStoreTest, AFullDiskIsReadAndWrittenAgainOnceThereIsRoom) {
  // given a file that may not grow, as on a full disk
  max_bytes_ = 64 << 20;
  ASSERT_TRUE(Open());
  ASSERT_TRUE(Put(*store_, "k", Made("x")));
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit full = before;
  full.rlim_cur = 1u << 20;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &full), 0);
  // when
  Status put;
  for (int i = 0; i < 1'000 && put; ++i) put = Put(*store_, std::to_string(i), Made(std::string(10'000, 'x')));
  // then
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().code, Code::kUnavailable) << put.error().message;
  EXPECT_TRUE(Has("k"));
  EXPECT_TRUE(SharePurges(*store_));
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_TRUE(Put(*store_, "new", Made("x")));
  EXPECT_TRUE(Has("new"));
}

TEST_F(SqliteStoreTest, QuestionsAreReadInPiecesTheNewestFirst) {
  // given
  ASSERT_TRUE(Open());
  for (int i = 0; i < 5; ++i) {
    cache::Entry entry = Made("answer", 1'000);
    entry.question = "question " + std::to_string(i);
    entry.partition = "p";
    entry.vector = "12345678";
    ASSERT_TRUE(Put(*store_, std::to_string(i), entry));
    ASSERT_TRUE(Put(*store_, "plain" + std::to_string(i), Made("answer")));
  }
  // when
  const auto first = ReadQuestions(*store_, 0, 3);
  const auto rest = ReadQuestions(*store_, first->before, 3);
  // then
  const auto keys = [](const cache::BackStore::Questions& questions) {
    std::vector<std::string> out;
    for (const auto& question : questions.some) out.push_back(question.key);
    return out;
  };
  EXPECT_THAT(keys(*first), ElementsAre("4", "3", "2"));
  EXPECT_THAT(keys(*rest), ElementsAre("1", "0"));
  EXPECT_EQ(first->some[0].entry.question, "question 4");
  EXPECT_EQ(first->some[0].entry.answer, "");
  EXPECT_EQ(ReadQuestions(*store_, rest->before, 3)->before, 0);
  // and none whose answer is dead
  clock_.Advance(1'000);
  EXPECT_TRUE(ReadQuestions(*store_, 0, 3)->some.empty());
}

TEST_F(SqliteStoreTest, WhatWasLearntIsThereAfterARestart) {
  ASSERT_TRUE(Open());
  const cache::ThresholdState state{.weights = {1}, .wrong = {0}, .squares = {1}};
  ASSERT_TRUE(SaveLearned(*store_, "g/a", {}));
  ASSERT_TRUE(SaveLearned(*store_, "g/a", state));
  ASSERT_TRUE(Open());
  EXPECT_THAT(*ReadLearned(*store_), ElementsAre(testing::Pair("g/a", state)));
}

TEST_F(SqliteStoreTest, ASecondRouterIsRefused) {
  ASSERT_TRUE(Open());
  const auto second = SqliteStore::Open({.path = path_}, clock_, nullptr);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::kUnavailable);
  EXPECT_THAT(second.error().message, HasSubstr("another program holds a lock"));
}

TEST_F(SqliteStoreTest, OnlyItsUserMayReadIt) {
  ASSERT_TRUE(Open());
  struct stat file{};
  ASSERT_EQ(stat(path_.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600u);
}

TEST_F(SqliteStoreTest, AnotherProgramsFileIsLeftAlone) {
  for (const std::string& content : {std::string("dear diary, ") + std::string(2'000, 'x'), std::string("short")}) {
    Write(content);
    const Status opened = Open();
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Code::kFailedPrecondition);
    EXPECT_THAT(opened.error().message, HasSubstr("--cache-store"));
    EXPECT_EQ(Content(), content);
  }
  std::filesystem::remove(path_);
  {
    auto other = journal::Database::Open(path_.string(), journal::Database::Mode::kReadWrite);
    ASSERT_TRUE(other->Execute("CREATE TABLE diary (day)"));
  }
  EXPECT_THAT(Open().error().message, HasSubstr("database of another program"));
}

TEST_F(SqliteStoreTest, ADamagedFileIsMovedAwayAndBegunAnew) {
  // given
  ASSERT_TRUE(Open());
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(Put(*store_, std::to_string(i), Made(std::string(1'000, 'x'))));
  store_.reset();
  std::string content = Content();
  // when all but the first bytes are noise
  std::mt19937 random(3);
  for (size_t i = 100; i < content.size(); ++i) content[i] = static_cast<char>(random());
  Write(content);
  // then
  ASSERT_TRUE(Open());
  EXPECT_FALSE(Has("1"));
  EXPECT_TRUE(Put(*store_, "new", Made("x")));
  EXPECT_TRUE(Has("new"));
  EXPECT_TRUE(std::filesystem::exists(path_.string() + ".damaged"));
  ASSERT_EQ(log_.size(), 1u);
  EXPECT_THAT(log_[0], HasSubstr("begin anew"));
}

TEST_F(SqliteStoreTest, DamageThatIsFoundLaterIsBegunAnewAtTheNextStart) {
  // given
  ASSERT_TRUE(Open());
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(Put(*store_, std::to_string(i), Made(std::string(1'000, 'x'))));
  store_.reset();
  std::string content = Content();
  constexpr size_t kPages = 8 * 4'096;
  for (size_t i = kPages; i < content.size(); ++i) content[i] = '\x7f';
  Write(content);
  ASSERT_TRUE(Open()) << "what is read at the start is whole";
  // when
  int failed = 0;
  for (int i = 0; i < 500; ++i) failed += Get(*store_, std::to_string(i)) ? 0 : 1;
  // then
  EXPECT_GT(failed, 0);
  EXPECT_EQ(SharePurges(*store_).error().code, Code::kDataLoss);
  ASSERT_TRUE(Open());
  EXPECT_TRUE(Put(*store_, "new", Made("x")));
  EXPECT_TRUE(Has("new"));
}

TEST_F(SqliteStoreTest, DamagedAnswersAreNoneAndGo) {
  ASSERT_TRUE(Open());
  ASSERT_TRUE(Put(*store_, "k", Made("x")));
  store_.reset();
  {
    auto database = journal::Database::Open(path_.string(), journal::Database::Mode::kReadWrite);
    ASSERT_TRUE(database->Execute("UPDATE answers SET bytes = x'00ff00ff'"));
  }
  ASSERT_TRUE(Open());
  EXPECT_EQ(*Get(*store_, "k"), std::nullopt);
  EXPECT_EQ(store_->GetStats().misses, 1);
  ASSERT_TRUE(Put(*store_, "k", Made("y")));
  EXPECT_TRUE(Has("k"));
}

TEST_F(SqliteStoreTest, ANewerReleasesFileIsRefused) {
  ASSERT_TRUE(Open());
  store_.reset();
  {
    auto database = journal::Database::Open(path_.string(), journal::Database::Mode::kReadWrite);
    ASSERT_TRUE(database->Execute("PRAGMA user_version = 2"));
  }
  EXPECT_THAT(Open().error().message, HasSubstr("newer release"));
}

}  // namespace
}  // namespace troupe::stores
