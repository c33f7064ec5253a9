#include "router/journal/gather_vfs.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <optional>

#include "router/journal/sqlite.h"

namespace troupe::journal {
namespace {

// Counts what reaches the file system below.
struct Counted {
  sqlite3_vfs vfs{};
  int writes = 0;
  int syncs = 0;
  bool full = false;
};
Counted counted;

// The machine's own file system, with its methods replaced where we look on.
int OpenCounted(sqlite3_vfs*, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  static sqlite3_vfs* const real = sqlite3_vfs_find("unix");
  static const sqlite3_io_methods* methods = nullptr;
  static sqlite3_io_methods replaced;
  const int opened = real->xOpen(real, path, file, flags, out_flags);
  if (opened != SQLITE_OK || (flags & SQLITE_OPEN_WAL) == 0) return opened;
  methods = file->pMethods;
  replaced = *methods;
  replaced.xWrite = [](sqlite3_file* f, const void* bytes, int size, sqlite3_int64 offset) {
    if (counted.full) return SQLITE_FULL;
    ++counted.writes;
    return methods->xWrite(f, bytes, size, offset);
  };
  replaced.xSync = [](sqlite3_file* f, int how) {
    ++counted.syncs;
    return methods->xSync(f, how);
  };
  file->pMethods = &replaced;
  return opened;
}

class GatherWritesTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder_);
    if (counted.vfs.zName == nullptr) {
      counted.vfs = *sqlite3_vfs_find("unix");
      counted.vfs.zName = "counted";
      counted.vfs.pNext = nullptr;
      counted.vfs.xOpen = OpenCounted;
      ASSERT_EQ(sqlite3_vfs_register(&counted.vfs, 0), SQLITE_OK);
    }
    auto vfs = GatherWrites("counted");
    ASSERT_TRUE(vfs) << vfs.error().message;
    Open(*vfs);
    ASSERT_TRUE(database_->Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (x BLOB)"));
    counted.writes = counted.syncs = 0;
    counted.full = false;
  }
  void TearDown() override {
    database_.reset();
    std::filesystem::remove_all(folder_);
  }
  void Open(const std::string& vfs) {
    auto database = Database::Open(path(), Database::Mode::kReadWrite, vfs);
    ASSERT_TRUE(database) << database.error().message;
    database_.emplace(std::move(*database));
  }
  std::string path() const { return (folder_ / "a.db").string(); }
  int64_t Count(Database& database) {
    auto count = database.Prepare("SELECT count(*) FROM t");
    EXPECT_TRUE(count);
    EXPECT_TRUE(count->Step().value_or(false));
    return count->Integer(0);
  }

  const std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("gather-" + std::to_string(getpid()));
  std::optional<Database> database_;
};

constexpr char kTwentyPages[] = "BEGIN; INSERT INTO t VALUES (zeroblob(80000)); COMMIT";

TEST_F(GatherWritesTest, AGroupIsOneWriteAndOneSync) {
  // when
  ASSERT_TRUE(database_->Execute(kTwentyPages));
  // then, where SQLite alone makes more than forty
  EXPECT_LE(counted.writes, 2);
  EXPECT_EQ(counted.syncs, 1);
}

TEST_F(GatherWritesTest, WhatWasCommittedIsThereForOthers) {
  // given
  ASSERT_TRUE(database_->Execute(kTwentyPages));
  // then another connection, which reads the file itself, sees it
  auto other = Database::Open(path(), Database::Mode::kReadOnly);
  ASSERT_TRUE(other);
  EXPECT_EQ(Count(*other), 1);
  // and so does one that opens it after everything was let go of
  database_.reset();
  auto again = Database::Open(path(), Database::Mode::kReadOnly);
  ASSERT_TRUE(again);
  EXPECT_EQ(Count(*again), 1);
}

TEST_F(GatherWritesTest, AGroupLargerThanMemoryAllowsIsReadBackBeforeItsEnd) {
  // given a cache so small that pages go to the log before the commit, and come back
  ASSERT_TRUE(database_->Execute("PRAGMA cache_size = 5; BEGIN"));
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(database_->Execute("INSERT INTO t VALUES (randomblob(50000))"));
  ASSERT_TRUE(database_->Execute("UPDATE t SET x = zeroblob(50001) WHERE rowid % 2 = 0; COMMIT"));
  // then
  auto check = database_->Prepare("SELECT count(*), sum(length(x)) FROM t");
  ASSERT_TRUE(check && check->Step().value_or(false));
  EXPECT_EQ(check->Integer(0), 40);
  EXPECT_EQ(check->Integer(1), 20 * 50000 + 20 * 50001);
}

TEST_F(GatherWritesTest, AFullDiskIsAnErrorAndTheNextGroupGoesThrough) {
  // given
  ASSERT_TRUE(database_->Execute(kTwentyPages));
  counted.full = true;
  // when
  const Status failed = database_->Execute(kTwentyPages);
  // then
  ASSERT_FALSE(failed);
  (void)database_->Execute("ROLLBACK");
  EXPECT_EQ(Count(*database_), 1);
  // and once there is room again
  counted.full = false;
  EXPECT_TRUE(database_->Execute(kTwentyPages));
  auto other = Database::Open(path(), Database::Mode::kReadOnly);
  ASSERT_TRUE(other);
  EXPECT_EQ(Count(*other), 2);
}

TEST_F(GatherWritesTest, AFileSystemThatIsNotThereIsNamed) {
  const auto vfs = GatherWrites("nowhere");
  ASSERT_FALSE(vfs);
  EXPECT_NE(vfs.error().message.find("nowhere"), std::string::npos);
}

}  // namespace
}  // namespace troupe::journal
