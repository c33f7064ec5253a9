// A disk that is full, read-only or locked by somebody else: new work is refused with the reason, what was taken in
// waits and loses nothing, and all goes on by itself once the cause is gone.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <mutex>

#include "router/journal/sqlite_journal.h"
#include "runtime/base/id.h"
#include "tests/support/eventually.h"
#include "tests/unit/journal/fake_disk.h"
#include "tests/unit/journal/told.h"

namespace troupe::journal {
namespace {

namespace fs = std::filesystem;

class DiskFaults : public testing::Test {
 protected:
  DiskFaults() : folder_(fs::temp_directory_path() / ("troupe-faults-" + NewUuid7())) {}
  ~DiskFaults() override {
    journal_.reset();
    fs::remove_all(folder_);
  }

  void Open(const std::string& vfs) {
    SqliteOptions options{.retry_ms = 1, .lock_wait_ms = 1, .vfs = vfs};
    options.log = [this](const std::string& line) {
      const std::lock_guard lock(mutex_);
      log_.push_back(line);
    };
    auto opened = OpenSqlite(folder_, options);
    ASSERT_TRUE(opened) << opened.error().message;
    journal_ = std::move(*opened);
    Entry first = Record(1);
    first.accepted = NewTask{.uuid = "u1", .graph = "g", .version = "v"};
    journal_->Append(std::move(first));
    told_->Wait(1);
  }

  Entry Record(int64_t sequence, std::string bytes = "bytes") {
    return {.task = 1, .sequence = sequence, .bytes = std::move(bytes), .waiter = told_};
  }
  // The reason, once there is one.
  Error Refused() {
    Status health;
    EXPECT_TRUE(Eventually("new work is refused", [&] { return !(health = journal_->Health()); }));
    return health ? Error() : health.error();
  }
  testing::AssertionResult GoesOn() {
    return Eventually("the journal is written again", [&] { return journal_->Health().has_value(); });
  }
  // After the fault: everything appended was told once, in order, and is there; the log has two lines.
  void ExpectAllThere(int64_t records) {
    told_->Wait(static_cast<size_t>(records));
    EXPECT_TRUE(GoesOn());
    const auto rows = journal_->ReadRecords(1, 0, 1000, 1 << 26);
    ASSERT_TRUE(rows) << rows.error().message;
    EXPECT_EQ(rows->size(), static_cast<size_t>(records));
    const std::vector<int64_t> told = told_->Wait(static_cast<size_t>(records));
    for (size_t i = 0; i < told.size(); ++i) EXPECT_EQ(told[i], static_cast<int64_t>(i) + 1);
    ASSERT_TRUE(journal_->Close());
    const std::lock_guard lock(mutex_);
    ASSERT_EQ(log_.size(), 2u) << log_.back();
    EXPECT_NE(log_[0].find("refused"), std::string::npos) << log_[0];
    EXPECT_NE(log_[1].find("written again"), std::string::npos) << log_[1];
  }

  const fs::path folder_;
  const std::shared_ptr<Told> told_ = std::make_shared<Told>();
  std::mutex mutex_;
  std::vector<std::string> log_;
  std::unique_ptr<Journal> journal_;
};

TEST_F(DiskFaults, AFullDiskDelaysUntilThereIsRoom) {
  FakeDisk disk(1);
  Open(disk.vfs());
  // given a disk with little room left
  disk.SetCapacity(200'000);
  // when more is appended than fits
  journal_->Append(Record(2, std::string(400'000, 'x')));
  journal_->Append(Record(3));
  // then new work is refused with the reason, and nobody is told what is not so
  const Error error = Refused();
  EXPECT_EQ(error.code, Code::kUnavailable);
  EXPECT_NE(error.message.find("full"), std::string::npos) << error.message;
  EXPECT_FALSE(journal_->SaveGraph({.name = "g", .version = "1", .source = "a"}));
  EXPECT_EQ(told_->size(), 1u);
  // and all goes on once there is room
  disk.SetCapacity(0);
  ExpectAllThere(3);
  journal_.reset();
}

TEST_F(DiskFaults, AReadOnlyDiskDelaysUntilItIsWritable) {
  FakeDisk disk(1);
  Open(disk.vfs());
  disk.SetReadOnly(true);
  journal_->Append(Record(2));
  const Error error = Refused();
  EXPECT_EQ(error.code, Code::kUnavailable);
  EXPECT_NE(error.message.find("journal.db"), std::string::npos) << error.message;
  journal_->Append(Record(3));
  EXPECT_EQ(told_->size(), 1u);
  disk.SetReadOnly(false);
  ExpectAllThere(3);
  journal_.reset();
}

TEST_F(DiskFaults, AJournalThatCannotBeWrittenIsNotOpened) {
  FakeDisk disk(1);
  Open(disk.vfs());
  journal_.reset();
  disk.SetReadOnly(true);
  EXPECT_FALSE(OpenSqlite(folder_, {.vfs = disk.vfs()}));
  disk.SetReadOnly(false);
  EXPECT_TRUE(OpenSqlite(folder_, {.vfs = disk.vfs()}));
}

TEST_F(DiskFaults, ALockOfAnotherProgramDelaysUntilItIsLetGo) {
  Open("");
  // given another program that holds the file
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open((folder_ / "journal.db").c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  // when records come in
  journal_->Append(Record(2));
  // then new work is refused with the reason
  const Error error = Refused();
  EXPECT_EQ(error.code, Code::kUnavailable);
  EXPECT_NE(error.message.find("another program"), std::string::npos) << error.message;
  // and all goes on once it lets go
  ASSERT_EQ(sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr), SQLITE_OK);
  ExpectAllThere(2);
  sqlite3_close(other);
}

TEST_F(DiskFaults, AGraphThatCannotBeSavedDoesNotKeepWorkAway) {
  FakeDisk disk(1);
  Open(disk.vfs());
  // given a graph that could not be saved, and nothing else to write
  disk.SetReadOnly(true);
  EXPECT_FALSE(journal_->SaveGraph({.name = "g", .version = "1", .source = "a"}));
  // when it was tried again, and again
  const int64_t refused = disk.refused();
  EXPECT_TRUE(Eventually("writing is tried", [&] { return disk.refused() > refused + 3; }));
  EXPECT_FALSE(journal_->Health());
  // when the disk is writable again, then it is found out without new work
  disk.SetReadOnly(false);
  EXPECT_TRUE(GoesOn());
  EXPECT_TRUE(journal_->SaveGraph({.name = "g", .version = "1", .source = "a"}));
  journal_->Append(Record(2));
  ExpectAllThere(2);
  journal_.reset();
}

TEST_F(DiskFaults, ClosingWhileTheDiskFailsSaysWhatIsLeft) {
  FakeDisk disk(1);
  Open(disk.vfs());
  disk.SetReadOnly(true);
  journal_->Append(Record(2));
  Refused();
  EXPECT_FALSE(journal_->Close());
  EXPECT_EQ(told_->size(), 1u);
  disk.SetReadOnly(false);
  journal_.reset();
}

}  // namespace
}  // namespace troupe::journal
