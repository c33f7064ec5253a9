// What is over goes when it is told to go, and nothing else does.
#include "router/journal/retention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <random>
#include <thread>

#include "router/journal/check.h"
#include "router/journal/sqlite_journal.h"
#include "runtime/base/digest.h"
#include "runtime/base/id.h"
#include "tests/support/eventually.h"
#include "tests/unit/journal/fake_disk.h"
#include "tests/unit/journal/told.h"
#include "troupe/v1/journal.pb.h"

namespace troupe::journal {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

// Stands still until it is moved, whoever looks at it.
class TestClock final : public Clock {
 public:
  UnixMs NowMs() const override { return now_ms_; }
  int64_t MonotonicNs() const override { return now_ms_ * 1'000'000; }
  void Set(UnixMs now_ms) { now_ms_ = now_ms; }

 private:
  std::atomic<UnixMs> now_ms_{1'000'000};
};

class RetentionTest : public testing::Test {
 protected:
  RetentionTest() : folder_(fs::temp_directory_path() / ("troupe-retention-" + NewUuid7())) {}
  ~RetentionTest() override {
    journal_.reset();
    fs::remove_all(folder_);
  }

  void Open(const RetentionOptions& retention, const std::string& vfs = "") {
    journal_.reset();
    auto opened = OpenSqlite(folder_, {.retry_ms = 1, .retention = retention, .clock = &clock_, .vfs = vfs});
    ASSERT_TRUE(opened) << opened.error().message;
    journal_ = std::move(*opened);
  }

  // One record of a task; `payload` large enough to be stored apart, or empty.
  Entry Record(TaskKey task, int64_t sequence, const std::string& payload = "") {
    v1::Record message;
    message.set_task_id(Uuid(task));
    message.set_sequence(sequence);
    Entry entry{.task = task, .sequence = sequence, .waiter = told_};
    // Named twice, as an output and as the next step's input are.
    for (int i = 0; i < (payload.empty() ? 0 : 2); ++i) {
      entry.blobs.push_back({Sha256Hex(payload), payload});
      message.add_decisions()->mutable_start_step()->mutable_input()->set_sha256(entry.blobs.back().sha256);
    }
    entry.bytes = message.SerializeAsString();
    return entry;
  }
  Entry First(TaskKey task, const std::string& version = "v1", const std::string& payload = "") {
    Entry entry = Record(task, 1, payload);
    entry.accepted =
        NewTask{.uuid = Uuid(task), .request_id = "r" + std::to_string(task), .graph = "g", .version = version};
    return entry;
  }
  Entry Last(TaskKey task, int64_t sequence, UnixMs ended_ms) {
    Entry entry = Record(task, sequence);
    v1::Record message;
    message.ParseFromString(entry.bytes);
    message.add_decisions()->mutable_finish_task();
    entry.bytes = message.SerializeAsString();
    entry.ended = EndedTask{core::TaskStatus::kDone, ended_ms};
    return entry;
  }
  void Append(Entry entry) {
    journal_->Append(std::move(entry));
    ++appended_;
  }
  // A task with two records.
  void AppendTask(TaskKey task, UnixMs ended_ms, const std::string& version = "v1", const std::string& payload = "") {
    Append(First(task, version, payload));
    Append(Last(task, 2, ended_ms));
  }
  void Written() { told_->Wait(appended_); }

  static std::string Uuid(TaskKey task) { return "task-" + std::to_string(task); }
  std::vector<TaskKey> Keys() {
    std::vector<TaskKey> keys;
    const auto rows = journal_->ListTasks({.limit = 100'000});
    for (const TaskRow& row : *rows) keys.push_back(row.key);
    return keys;
  }
  int64_t Ask(const std::string& sql) {
    sqlite3* raw = nullptr;
    sqlite3_open((folder_ / "journal.db").c_str(), &raw);
    int64_t answer = -1;
    sqlite3_exec(
        raw, sql.c_str(),
        [](void* out, int, char** values, char**) {
          *static_cast<int64_t*>(out) = values[0] == nullptr ? 0 : atoll(values[0]);
          return 0;
        },
        &answer, nullptr);
    sqlite3_close(raw);
    return answer;
  }
  // Closes and looks at everything.
  void ExpectWhole(const std::string& vfs = "") {
    ASSERT_TRUE(!journal_ || journal_->Close());
    journal_.reset();
    const auto report = CheckSqlite(folder_, vfs);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_THAT(report->problems, ElementsAre());
  }
  void SaveGraph(const std::string& version, UnixMs applied_ms) {
    ASSERT_TRUE(journal_->SaveGraph(
        {.name = "g", .version = version, .source = "s", .applied_ms = applied_ms, .current = true}));
  }

  const fs::path folder_;
  TestClock clock_;
  const std::shared_ptr<Told> told_ = std::make_shared<Told>();
  size_t appended_ = 0;
  std::unique_ptr<Journal> journal_;
};

TEST_F(RetentionTest, ForEverByDefault) {
  Open({.pause_ms = 1});
  SaveGraph("v1", 1);
  AppendTask(1, 10);
  Written();
  clock_.Set(1'000'000'000'000);
  AppendTask(2, 20);
  Written();
  EXPECT_THAT(Keys(), ElementsAre(2, 1));
  ExpectWhole();
}

TEST_F(RetentionTest, WhatEndedLongAgoGoes) {
  // given tasks that ended at different times, and one that runs
  Open({.max_age_ms = 1000, .pause_ms = 1});
  SaveGraph("v1", 1);
  clock_.Set(10'000);
  AppendTask(1, 9'500, "v1", std::string(5000, 'a'));
  Append(First(2, "v1", std::string(5000, 'b')));
  AppendTask(3, 9'900, "v1", std::string(5000, 'a'));
  Written();
  EXPECT_THAT(Keys(), ElementsAre(3, 2, 1));
  // when time passes beyond the end of the first
  clock_.Set(10'600);
  ASSERT_TRUE(Eventually("two tasks are left", [&] { return Keys().size() == 2; }));
  // then it is gone with its records and its request; a payload that another task names is not
  EXPECT_THAT(Keys(), ElementsAre(3, 2));
  EXPECT_FALSE(*journal_->FindTask(Uuid(1)));
  EXPECT_FALSE(*journal_->FindRequest("r1"));
  ASSERT_TRUE(Eventually("its records are gone", [&] { return journal_->ReadRecords(1, 0, 10, 1000)->empty(); }));
  EXPECT_TRUE(journal_->ReadBlob(Sha256Hex(std::string(5000, 'a'))));
  // and with the last task that names it the payload goes; the running task stays
  clock_.Set(20'000);
  ASSERT_TRUE(Eventually("its payload is gone", [&] { return !journal_->ReadBlob(Sha256Hex(std::string(5000, 'a'))); }));
  EXPECT_THAT(Keys(), ElementsAre(2));
  EXPECT_TRUE(journal_->ReadBlob(Sha256Hex(std::string(5000, 'b'))));
  ExpectWhole();
}

TEST_F(RetentionTest, TheNewestSoManyStay) {
  Open({.max_tasks = 10, .pause_ms = 1});
  SaveGraph("v1", 1);
  Append(First(1));
  for (TaskKey task = 2; task <= 300; ++task) AppendTask(task, task);
  Written();
  ASSERT_TRUE(Eventually("eleven tasks are left", [&] { return Keys().size() == 11; }));
  EXPECT_THAT(Keys(), ElementsAre(300, 299, 298, 297, 296, 295, 294, 293, 292, 291, 1));
  ASSERT_TRUE(Eventually("21 records are left", [&] { return Ask("SELECT count(*) FROM records") == 21; }));
  EXPECT_EQ(Ask("SELECT count(*) FROM removals"), 0);
  ExpectWhole();
}

TEST_F(RetentionTest, ATaskWithManyRecordsGoesBitByBit) {
  Open({.max_age_ms = 1000, .pause_ms = 1});
  SaveGraph("v1", 1);
  Append(First(1));
  for (int64_t sequence = 2; sequence <= 3000; ++sequence) Append(Record(1, sequence));
  Append(Last(1, 3001, 1'000'000));
  Written();
  clock_.Set(2'000'000);
  ASSERT_TRUE(Eventually("no record is left", [&] { return Ask("SELECT count(*) FROM records") == 0; }));
  ExpectWhole();
}

TEST_F(RetentionTest, TheNumberOfATaskIsNotUsedAgainWhileItsRecordsAreThere) {
  // given a journal whose only task was removed, its records not yet
  Open({});
  SaveGraph("v1", 1);
  AppendTask(7, 10);
  Written();
  ASSERT_TRUE(journal_->Close());
  journal_.reset();
  Ask("DELETE FROM tasks; INSERT INTO removals VALUES (7)");
  // when it is opened, then new tasks come after it
  Open({});
  EXPECT_EQ(*journal_->LastKey(), 7);
  Ask("DELETE FROM removals");
  EXPECT_EQ(*journal_->LastKey(), 7);
}

TEST_F(RetentionTest, GraphVersionsThatNobodyNeedsGo) {
  // given twelve versions, a kept task on the first and running ones on two more
  Open({});
  for (int i = 1; i <= 12; ++i) SaveGraph("v" + std::to_string(i), i);
  AppendTask(1, 10, "v1");
  Append(First(2, "v2"));
  Append(First(3, "v3"));
  Written();
  // when retention looks at them
  Open({.max_tasks = 1, .graph_versions = 3, .pause_ms = 1});
  const auto versions = [&] {
    std::vector<std::string> out;
    const auto graphs = journal_->ReadGraphs();
    for (const GraphRow& row : *graphs) out.push_back(row.version);
    return out;
  };
  ASSERT_TRUE(Eventually("six versions are left", [&] { return versions().size() == 6; }));
  // then the newest three are there, and those that tasks are on
  EXPECT_THAT(versions(), ElementsAre("v1", "v2", "v3", "v10", "v11", "v12"));
  ExpectWhole();
}

TEST_F(RetentionTest, SpaceIsGivenBack) {
  // given a journal that is mostly payloads of finished tasks
  Open({});
  SaveGraph("v1", 1);
  std::mt19937 random(1);
  for (TaskKey task = 1; task <= 100; ++task) {
    std::string payload(200'000, 'x');
    for (char& c : payload) c = static_cast<char>('a' + random() % 26);
    AppendTask(task, task, "v1", payload);
  }
  Written();
  EXPECT_GT(Ask("PRAGMA page_count"), 2400);
  // when they are removed, then the file shrinks to a reserve
  Open({.max_tasks = 1, .pause_ms = 1});
  ASSERT_TRUE(Eventually("the file is small again", [&] { return Ask("PRAGMA page_count") < 1400; })) << Ask("PRAGMA page_count");
  ExpectWhole();
}

TEST_F(RetentionTest, PayloadsAreThereAsLongAsSomebodyNamesThem) {
  // given a handful of payloads that come again and again while tasks that name them are removed
  Open({.max_tasks = 20, .pause_ms = 1});
  SaveGraph("v1", 1);
  std::atomic<TaskKey> last{0};
  std::vector<std::thread> threads;
  for (uint32_t seed = 1; seed <= 3; ++seed) {
    threads.emplace_back([&, seed] {
      std::mt19937 random(seed);
      for (int i = 0; i < 400; ++i) {
        const TaskKey task = ++last;
        const std::string payload(5000, static_cast<char>('a' + random() % 12));
        const int64_t records = 2 + static_cast<int64_t>(random() % 3);
        journal_->Append(First(task, "v1", random() % 2 == 0 ? payload : ""));
        for (int64_t sequence = 2; sequence < records; ++sequence) journal_->Append(Record(task, sequence, payload));
        if (random() % 10 != 0) journal_->Append(Last(task, records, task));
        if (random() % 8 == 0) std::this_thread::yield();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  // when all is written and removed
  ASSERT_TRUE(Eventually("20 tasks are left", [&] { return Ask("SELECT count(*) FROM tasks WHERE state != 0") == 20; }));
  ASSERT_TRUE(Eventually("nothing is left to remove", [&] { return Ask("SELECT count(*) FROM removals") == 0; }));
  // then no payload is missing and none is left over
  ExpectWhole();
}

TEST_F(RetentionTest, PowerCutsLeaveAWholeJournal) {
  int cuts = 0;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    // given a disk, and a journal that removes tasks as they end
    FakeDisk disk(seed);
    std::mt19937_64 random(seed);
    Open({.max_tasks = 3, .graph_versions = 1, .pause_ms = 1}, disk.vfs());
    SaveGraph("v1", 1);
    // when the power goes
    disk.CutPowerAt(1 + static_cast<int64_t>(random() % 400), [] {});
    for (TaskKey task = 1; task <= 200 && !disk.off(); ++task) {
      AppendTask(task, task, "v1", std::string(5000, static_cast<char>('a' + random() % 5)));
      const bool wait = random() % 3 == 0;
      ASSERT_TRUE(!wait || Eventually("all is told", [&] { return told_->size() >= appended_ || disk.off(); }));
    }
    cuts += disk.off() ? 1 : 0;
    journal_.reset();
    disk.PowerOn();
    appended_ = told_->size();
    // then what is there is whole, and the rest is removed by the next life
    ExpectWhole(disk.vfs());
    Open({.max_tasks = 1, .pause_ms = 1}, disk.vfs());
    ASSERT_TRUE(Eventually("the next life has removed the rest", [&] {
      const auto rows = journal_->ListTasks({.status = core::TaskStatus::kDone});
      return rows && rows->size() <= 1;
    }));
    ExpectWhole(disk.vfs());
    appended_ = told_->size();
    fs::remove_all(folder_);
    if (HasFailure()) break;
  }
  EXPECT_GT(cuts, 30);
}

}  // namespace
}  // namespace troupe::journal
