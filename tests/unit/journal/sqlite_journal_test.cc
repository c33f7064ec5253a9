#include "router/journal/sqlite_journal.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>

#include "runtime/base/id.h"
#include "tests/support/eventually.h"
#include "tests/unit/journal/told.h"

namespace troupe::journal {
namespace {

namespace fs = std::filesystem;

class SqliteJournalTest : public testing::Test {
 protected:
  SqliteJournalTest() : folder_(fs::temp_directory_path() / ("troupe-journal-" + NewUuid7())) {}
  ~SqliteJournalTest() override { fs::remove_all(folder_); }

  std::unique_ptr<Journal> Open(const SqliteOptions& options = {}) {
    Result<std::unique_ptr<Journal>> opened = OpenSqlite(folder_, options);
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? std::move(*opened) : nullptr;
  }
  Entry Record(TaskKey task, int64_t sequence, std::string bytes = "bytes") {
    return {.task = task, .sequence = sequence, .bytes = std::move(bytes), .waiter = told_};
  }
  Entry First(TaskKey task, const std::string& uuid, const std::string& request_id = "") {
    Entry entry = Record(task, 1);
    entry.accepted = NewTask{.uuid = uuid,
                             .request_id = request_id,
                             .request_digest = "d",
                             .graph = "g",
                             .version = "v",
                             .accepted_ms = 1000 + task,
                             .labels = {{"team", task % 2 ? "odd" : "even"}}};
    return entry;
  }
  Entry Last(TaskKey task, int64_t sequence) {
    Entry entry = Record(task, sequence);
    entry.ended = EndedTask{core::TaskStatus::kDone, 2000};
    return entry;
  }
  void Sql(const std::string& sql) {
    sqlite3* raw = nullptr;
    ASSERT_EQ(sqlite3_open((folder_ / "journal.db").c_str(), &raw), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(raw, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(raw);
    sqlite3_close(raw);
  }

  const fs::path folder_;
  const std::shared_ptr<Told> told_ = std::make_shared<Told>();
};

TEST_F(SqliteJournalTest, TellsInTheOrderOfAppendingAndInGroups) {
  // given a journal
  const auto journal = Open();
  // when many records are appended at once
  constexpr int kRecords = 2000;
  journal->Append(First(1, "u1"));
  for (int i = 2; i <= kRecords; ++i) journal->Append(Record(1, i));
  // then all are told, in order, with far fewer flushes than records
  const std::vector<int64_t> told = told_->Wait(kRecords);
  ASSERT_EQ(told.size(), static_cast<size_t>(kRecords));
  for (int i = 0; i < kRecords; ++i) ASSERT_EQ(told[i], i + 1);
  EXPECT_LT(journal->GetStats().groups, kRecords / 4);
  EXPECT_EQ(journal->GetStats().records, kRecords);
}

TEST_F(SqliteJournalTest, WhatWasToldIsThereAfterACrash) {
  // given records that were told to be durable
  const auto journal = Open();
  journal->Append(First(1, "u1", "req-1"));
  Entry large = Record(1, 2, "second");
  large.blobs = {{"sha", "{\"large\":1}"}};
  journal->Append(std::move(large));
  told_->Wait(2);
  // when the router dies: its files as they are on disk at that moment, under a new one
  const fs::path copy = folder_ / "copy";
  fs::create_directories(copy);
  for (const char* name : {"journal.db", "journal.db-wal"}) fs::copy_file(folder_ / name, copy / name);
  Result<std::unique_ptr<Journal>> reopened = OpenSqlite(copy);
  // then all is there
  ASSERT_TRUE(reopened) << reopened.error().message;
  const auto unfinished = (*reopened)->Unfinished();
  ASSERT_TRUE(unfinished);
  ASSERT_EQ(unfinished->size(), 1u);
  EXPECT_EQ((*unfinished)[0].task.uuid, "u1");
  EXPECT_EQ((*unfinished)[0].task.labels.at("team"), "odd");
  const auto records = (*reopened)->ReadRecords(1, 0, 10, 1 << 20);
  ASSERT_TRUE(records);
  ASSERT_EQ(records->size(), 2u);
  EXPECT_EQ((*records)[1].bytes, "second");
  EXPECT_EQ((*reopened)->ReadBlob("sha").value(), "{\"large\":1}");
  EXPECT_EQ((*reopened)->FindRequest("req-1").value()->key, 1);
  EXPECT_EQ((*reopened)->LastKey().value(), 1);
}

TEST_F(SqliteJournalTest, FindsAndListsTasks) {
  // given five tasks, two of them ended
  const auto journal = Open();
  for (TaskKey key = 1; key <= 5; ++key) journal->Append(First(key, "u" + std::to_string(key)));
  journal->Append(Last(2, 2));
  journal->Append(Last(3, 2));
  told_->Wait(7);
  // when they are looked for, then each filter holds
  EXPECT_EQ(journal->Unfinished()->size(), 3u);
  EXPECT_EQ(journal->FindTask("u2").value()->last_sequence, 2);
  EXPECT_EQ(journal->FindTask("u2").value()->status, core::TaskStatus::kDone);
  EXPECT_FALSE(journal->FindTask("other").value());
  const auto keys = [&](const TaskFilter& filter) {
    std::vector<TaskKey> out;
    const std::vector<TaskRow> rows = journal->ListTasks(filter).value();
    for (const TaskRow& row : rows) out.push_back(row.key);
    return out;
  };
  EXPECT_EQ(keys({}), (std::vector<TaskKey>{5, 4, 3, 2, 1}));
  EXPECT_EQ(keys({.before = 4, .limit = 2}), (std::vector<TaskKey>{3, 2}));
  EXPECT_EQ(keys({.status = core::TaskStatus::kDone}), (std::vector<TaskKey>{3, 2}));
  EXPECT_EQ(keys({.graph = "other"}), std::vector<TaskKey>{});
  EXPECT_EQ(keys({.labels = {{"team", "odd"}}}), (std::vector<TaskKey>{5, 3, 1}));
}

TEST_F(SqliteJournalTest, KeepsGraphsAndTheCurrentVersion) {
  // given a graph applied, changed, and changed back
  const auto journal = Open();
  ASSERT_TRUE(journal->SaveGraph({.name = "g", .version = "1", .source = "a", .applied_ms = 1, .current = true}));
  ASSERT_TRUE(journal->SaveGraph({.name = "g", .version = "2", .source = "b", .applied_ms = 2, .current = true}));
  ASSERT_TRUE(journal->SaveGraph({.name = "g", .version = "1", .source = "a", .applied_ms = 3, .current = true}));
  // when they are read, then both are there and one is current
  const auto graphs = journal->ReadGraphs();
  ASSERT_EQ(graphs->size(), 2u);
  for (const GraphRow& row : *graphs) EXPECT_EQ(row.current, row.version == "1");
}

TEST_F(SqliteJournalTest, KeepsWhatHappenedToGraphs) {
  {
    const auto journal = Open();
    ASSERT_TRUE(journal->SaveGraph({.name = "g", .version = "1", .source = "a", .current = true}, "one"));
    ASSERT_TRUE(journal->SaveGraph({.name = "g", .version = "2", .source = "b", .current = false}, "two"));
    // without a version only what happened is written
    ASSERT_TRUE(journal->SaveGraph({.name = "g"}, "three"));
  }
  const auto journal = Open();
  EXPECT_EQ(*journal->ReadGraphEvents(), (std::vector<std::string>{"one", "two", "three"}));
  const auto graphs = journal->ReadGraphs();
  ASSERT_EQ(graphs->size(), 2u);
  for (const GraphRow& row : *graphs) EXPECT_EQ(row.current, row.version == "1");
}

TEST_F(SqliteJournalTest, CountsHowTasksEndedOnEachVersion) {
  // given six tasks of "g", two of which are on another version, one failed and one runs
  const auto journal = Open();
  for (TaskKey key = 1; key <= 6; ++key) {
    Entry first = First(key, "u" + std::to_string(key));
    if (key % 2 == 0) first.accepted->version = "w";
    journal->Append(std::move(first));
    if (key == 6) continue;
    Entry last = Last(key, 2);
    if (key == 4) last.ended->status = core::TaskStatus::kFailed;
    last.ended->students = {.answers = key, .unsure = 2, .checked = 3, .differing = 1};
    journal->Append(std::move(last));
  }
  told_->Wait(11);
  // when those after the first are counted, then each is there once and the one that runs is not
  std::map<std::pair<std::string, core::TaskStatus>, int64_t> counts;
  const auto counted = journal->CountEnded("g", 1);
  for (const VersionCount& count : *counted) counts[{count.version, count.status}] = count.tasks;
  // with what their students did, of tasks that ended in the group of their beginning or later
  for (const VersionCount& count : *counted) {
    if (count.version != "v") continue;
    EXPECT_EQ(count.students, (core::StudentTally{.answers = 3 + 5, .unsure = 4, .checked = 6, .differing = 2}));
  }
  const std::map<std::pair<std::string, core::TaskStatus>, int64_t> expected = {
      {{"v", core::TaskStatus::kDone}, 2}, {{"w", core::TaskStatus::kDone}, 1}, {{"w", core::TaskStatus::kFailed}, 1}};
  EXPECT_EQ(counts, expected);
  EXPECT_TRUE(journal->CountEnded("other", 0)->empty());
}

TEST_F(SqliteJournalTest, RecordsThatNobodyWaitsForShareAFlush) {
  // given records that nobody waits for, in a journal that lingers long
  const auto journal = Open({.linger_ms = 60'000});
  Entry first = First(1, "u1");
  first.urgent = false;
  journal->Append(std::move(first));
  for (int i = 2; i <= 100; ++i) {
    Entry entry = Record(1, i);
    entry.urgent = false;
    journal->Append(std::move(entry));
  }
  EXPECT_EQ(told_->size(), 0u);
  // when somebody waits after all, then all are written together
  journal->Hurry();
  told_->Wait(100);
  EXPECT_EQ(journal->GetStats().groups, 1);
  // and closing does not linger
  Entry last = Record(1, 101);
  last.urgent = false;
  journal->Append(std::move(last));
  ASSERT_TRUE(journal->Close());
  EXPECT_EQ(journal->GetStats().records, 101);
}

TEST_F(SqliteJournalTest, RelaxedIsToldAtOnceAndWrittenAllTheSame) {
  const auto journal = Open();
  Entry entry = First(1, "u1");
  entry.durability = Durability::kRelaxed;
  // when a relaxed record is appended, then it is told before Append returns
  journal->Append(std::move(entry));
  EXPECT_EQ(told_->size(), 1u);
  ASSERT_TRUE(journal->Close());
  EXPECT_EQ(journal->Unfinished()->size(), 1u);
}

TEST_F(SqliteJournalTest, RefusesAFolderThatAnotherRouterHas) {
  const auto journal = Open();
  const auto second = OpenSqlite(folder_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::kFailedPrecondition);
  EXPECT_NE(second.error().message.find("another router (process " + std::to_string(getpid())), std::string::npos)
      << second.error().message;
}

TEST_F(SqliteJournalTest, RefusesANewerSchemaADamagedFileAndAStrangeDatabase) {
  Open().reset();
  Sql("UPDATE meta SET value = 99 WHERE name = 'schema'");
  auto opened = OpenSqlite(folder_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kFailedPrecondition);
  EXPECT_NE(opened.error().message.find("newer release"), std::string::npos);

  Sql("DROP TABLE meta");
  opened = OpenSqlite(folder_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kDataLoss);

  fs::remove(folder_ / "journal.db-wal");
  std::ofstream(folder_ / "journal.db", std::ios::trunc) << std::string(8192, 'x');
  opened = OpenSqlite(folder_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kDataLoss);
  EXPECT_NE(opened.error().message.find("journal.db"), std::string::npos);
}

TEST_F(SqliteJournalTest, RefusesAFolderThatCannotBe) {
  fs::create_directories(folder_);
  std::ofstream(folder_ / "file") << "x";
  const auto opened = OpenSqlite(folder_ / "file" / "data");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kFailedPrecondition);
}

TEST_F(SqliteJournalTest, AFullDiskDelaysAndLosesNothing) {
  // given a journal that may have few pages
  const auto journal = Open({.retry_ms = 1, .max_pages = 40});
  journal->Append(First(1, "u1"));
  told_->Wait(1);
  // when more is appended than fits
  journal->Append(Record(1, 2, std::string(400'000, 'x')));
  journal->Append(Record(1, 3));
  // then new tasks are refused with the reason
  ASSERT_TRUE(Eventually("new tasks are refused", [&] { return !journal->Health(); }));
  const Status health = journal->Health();
  ASSERT_FALSE(health);
  EXPECT_EQ(health.error().code, Code::kUnavailable);
  EXPECT_NE(health.error().message.find("full"), std::string::npos) << health.error().message;
  // and nothing that is not on disk was told
  EXPECT_EQ(told_->size(), 1u);
  EXPECT_FALSE(journal->SaveGraph({.name = "g", .version = "1", .source = "a"}));
  EXPECT_FALSE(journal->Close());
}

}  // namespace
}  // namespace troupe::journal
