// Everything that can be wrong with a journal is found and named.
#include "router/journal/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>

#include "router/journal/sqlite_journal.h"
#include "router/journal/sqlite_schema.h"
#include "runtime/base/id.h"
#include "tests/support/places.h"

namespace troupe::journal {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::HasSubstr;

class CheckTest : public testing::Test {
 protected:
  CheckTest() : folder_(fs::temp_directory_path() / ("troupe-check-" + NewUuid7())) {
    fs::create_directories(folder_);
    const std::string golden = "tests/unit/journal/golden/v" + std::to_string(kSchemaVersion);
    fs::copy_file(SourcePath(golden + "/journal.db"), folder_ / "journal.db");
  }
  ~CheckTest() override { fs::remove_all(folder_); }

  void Sql(const std::string& sql) {
    sqlite3* raw = nullptr;
    ASSERT_EQ(sqlite3_open((folder_ / "journal.db").c_str(), &raw), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(raw, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(raw);
    sqlite3_close(raw);
  }
  std::vector<std::string> Problems() {
    const auto report = CheckSqlite(folder_);
    EXPECT_TRUE(report) << report.error().message;
    return report ? report->problems : std::vector<std::string>();
  }

  const fs::path folder_;
};

TEST_F(CheckTest, CountsWhatThereIs) {
  const auto report = CheckSqlite(folder_);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->problem_count, 0) << report->problems.front();
  EXPECT_EQ(report->tasks, 8);
  EXPECT_EQ(report->running, 2);
  EXPECT_GT(report->payloads, 2);
  EXPECT_EQ(report->graph_versions, 1);
  EXPECT_GT(report->records, 30);
}

TEST_F(CheckTest, FindsAGap) {
  Sql("DELETE FROM records WHERE id = (1 << 24) + 3");
  EXPECT_THAT(Problems(), Contains(HasSubstr("a gap before record 4 of task")));
}

TEST_F(CheckTest, FindsAMissingEnd) {
  Sql("DELETE FROM records WHERE id = (SELECT max(id) FROM records WHERE id < (2 << 24))");
  EXPECT_THAT(Problems(), Contains(HasSubstr("its records do not say so")));
}

TEST_F(CheckTest, FindsRecordsWithoutATaskAndTasksWithoutRecords) {
  Sql("UPDATE tasks SET key = 99 WHERE key = 1");
  EXPECT_THAT(Problems(), Contains(HasSubstr("a record of task number 1, which is not there")));
  EXPECT_THAT(Problems(), Contains(HasSubstr("has no records")));
}

TEST_F(CheckTest, FindsWhatIsWrongWithPayloads) {
  Sql("UPDATE payloads SET bytes = x'00' WHERE sha256 = (SELECT min(sha256) FROM payloads)");
  EXPECT_THAT(Problems(), Contains(HasSubstr("is not what its name says")));
  Sql("DELETE FROM payloads WHERE sha256 = (SELECT min(sha256) FROM payloads)");
  EXPECT_THAT(Problems(), Contains(HasSubstr("is missing; records name it")));
  Sql("INSERT INTO payloads VALUES ('feed', x'00')");
  EXPECT_THAT(Problems(), Contains(HasSubstr("payload feed is named by no record")));
  Sql("UPDATE payload_uses SET uses = uses + 1");
  EXPECT_THAT(Problems(), Contains(HasSubstr("times, records name it")));
  Sql("DELETE FROM payload_uses");
  EXPECT_THAT(Problems(), Contains(HasSubstr("is not counted")));
}

TEST_F(CheckTest, FindsAMissingGraphVersion) {
  Sql("DELETE FROM graphs");
  EXPECT_THAT(Problems(), Contains(HasSubstr("of graph golden, which is not there")));
}

TEST_F(CheckTest, FindsARecordThatCannotBeRead) {
  Sql("UPDATE records SET bytes = x'ffffff' WHERE id = (1 << 24) + 2");
  EXPECT_THAT(Problems(), Contains(HasSubstr("record 2 of task")));
}

TEST_F(CheckTest, FindsDamageOfTheDatabase) {
  // given a file with its middle overwritten
  std::fstream file(folder_ / "journal.db", std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(fs::file_size(folder_ / "journal.db") / 2 / 1024 * 1024));
  file << std::string(2048, '\x55');
  file.close();
  // then that is said, one way or the other
  const auto report = CheckSqlite(folder_);
  if (report) {
    EXPECT_GT(report->problem_count, 0);
  } else {
    EXPECT_EQ(report.error().code, Code::kDataLoss);
  }
}

TEST_F(CheckTest, RefusesAFolderThatIsInUseOrHoldsNoJournal) {
  const auto journal = OpenSqlite(folder_);
  ASSERT_TRUE(journal);
  const auto used = CheckSqlite(folder_);
  ASSERT_FALSE(used);
  EXPECT_THAT(used.error().message, HasSubstr("process " + std::to_string(getpid())));
  const auto none = CheckSqlite(folder_ / "nowhere");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Code::kNotFound);
  EXPECT_FALSE(fs::exists(folder_ / "nowhere"));
}

}  // namespace
}  // namespace troupe::journal
