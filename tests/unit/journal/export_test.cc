// Tasks go from one journal to another and lose nothing; a file that is not as it was written is refused whole.
#include "router/journal/export.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "router/journal/check.h"
#include "router/journal/codec.h"
#include "router/journal/sqlite_journal.h"
#include "runtime/base/id.h"
#include "tests/unit/journal/golden/story.h"
#include "tests/unit/journal/told.h"

namespace troupe::journal {
namespace {

namespace fs = std::filesystem;

class ExportTest : public testing::Test {
 protected:
  ExportTest() : folder_(fs::temp_directory_path() / ("troupe-export-" + NewUuid7())), file_(folder_ / "all.journal") {
    fs::create_directories(folder_);
  }
  ~ExportTest() override { fs::remove_all(folder_); }

  std::unique_ptr<Journal> Open(const std::string& name) {
    auto opened = OpenSqlite(folder_ / name);
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? std::move(*opened) : nullptr;
  }
  // With the golden story's tasks.
  std::unique_ptr<Journal> OpenWithStory(const std::string& name) {
    auto journal = Open(name);
    EXPECT_TRUE(journal->SaveGraph(story_.graph, story_.graph_event));
    const auto told = std::make_shared<Told>();
    size_t records = 0;
    TaskKey key = 0;
    for (const Story::Task& task : story_.tasks) {
      ++key;
      for (const core::Record& record : task.records) {
        Entry entry{.task = key, .sequence = record.sequence, .waiter = told};
        v1::Record message;
        Encode(record, task.row.uuid, &entry.blobs, message);
        entry.bytes = message.SerializeAsString();
        if (record.sequence == 1) entry.accepted = task.row;
        if (EndsTask(message)) entry.ended = EndedTask{task.state.status, task.state.ended_ms};
        journal->Append(std::move(entry));
        ++records;
      }
    }
    told->Wait(records);
    return journal;
  }
  // Everything that can be read of a journal, by task id.
  Value Contents(Journal& journal) {
    Value out = Value::object();
    const auto rows = journal.ListTasks({.limit = 1000});
    for (const TaskRow& row : *rows) {
      core::TaskState state;
      const auto records = journal.ReadRecords(row.key, 0, 1000, 1 << 26);
      for (const RecordRow& one : *records) {
        v1::Record message;
        message.ParseFromString(one.bytes);
        const auto record = Decode(message, [&](const std::string& name) { return journal.ReadBlob(name); });
        EXPECT_TRUE(record) << record.error().message;
        EXPECT_TRUE(record && core::Fold(state, *record));
      }
      out[row.task.uuid] = {
          {"state", StateToJson(state)},
          {"request", row.task.request_id + "/" + row.task.request_digest},
          {"labels", row.task.labels},
          {"row", {static_cast<int>(row.status), row.task.accepted_ms, row.ended_ms, row.last_sequence}}};
    }
    return out;
  }
  void ExpectWhole(const std::string& name) {
    const auto report = CheckSqlite(folder_ / name);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->problem_count, 0) << report->problems.front();
  }
  std::string Bytes() const {
    std::ifstream file(file_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void Write(const std::string& bytes) { std::ofstream(file_, std::ios::binary | std::ios::trunc) << bytes; }

  const Story story_ = TellStory();
  const fs::path folder_;
  const fs::path file_;
};

TEST_F(ExportTest, AnotherJournalGetsAllThatThereWas) {
  // given a journal with tasks of every kind, exported
  auto from = OpenWithStory("from");
  const auto written = Export(*from, file_, {.release = "test"});
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(written->tasks, static_cast<int64_t>(story_.tasks.size()));
  EXPECT_GT(written->payloads, 2);
  // when it is imported into an empty one
  auto to = Open("to");
  const auto taken = Import(*to, file_);
  ASSERT_TRUE(taken) << taken.error().message;
  // then nothing is different
  EXPECT_EQ(taken->tasks, written->tasks);
  EXPECT_EQ(taken->records, written->records);
  EXPECT_EQ(taken->graphs, 1);
  EXPECT_EQ(Contents(*to), Contents(*from));
  EXPECT_TRUE(to->ReadGraphs()->front().current);
  EXPECT_EQ(*to->ReadGraphEvents(), std::vector<std::string>{story_.graph_event});
  // and its own export has the same tasks in the same order
  const std::string first = Bytes();
  ASSERT_TRUE(Export(*to, file_, {.release = "test"}));
  EXPECT_EQ(Bytes(), first);
  ASSERT_TRUE(to->Close());
  to.reset();
  ExpectWhole("to");
}

TEST_F(ExportTest, TasksThatAreThereAreSkipped) {
  // given a journal that has one of the tasks, and another task with the request of a second one
  auto from = OpenWithStory("from");
  ASSERT_TRUE(Export(*from, file_, {.tasks = {story_.tasks[0].row.uuid, story_.tasks[0].row.uuid}}));
  auto to = Open("to");
  EXPECT_EQ(Import(*to, file_)->tasks, 1);
  const auto told = std::make_shared<Told>();
  NewTask other{.uuid = NewUuid7(), .request_id = "request-2", .graph = "golden", .version = story_.graph.version};
  v1::Record record;
  record.set_task_id(other.uuid);
  record.set_sequence(1);
  to->Append({.task = 2, .sequence = 1, .bytes = record.SerializeAsString(), .accepted = other, .waiter = told});
  told->Wait(1);
  // when all are imported
  ASSERT_TRUE(Export(*from, file_, {}));
  const auto taken = Import(*to, file_);
  // then those two are left as they are and counted
  ASSERT_TRUE(taken) << taken.error().message;
  EXPECT_EQ(taken->there_already, 1);
  EXPECT_EQ(taken->request_taken, 1);
  EXPECT_EQ(taken->tasks, static_cast<int64_t>(story_.tasks.size()) - 2);
  EXPECT_EQ(to->FindRequest("request-2").value()->task.uuid, other.uuid);
  // and a second time nothing is new
  EXPECT_EQ(Import(*to, file_)->tasks, 0);
  ASSERT_TRUE(to->Close());
  to.reset();
  ExpectWhole("to");
}

TEST_F(ExportTest, ATaskThatIsNotThereIsAnErrorAndLeavesNoFile) {
  auto from = OpenWithStory("from");
  const auto written = Export(*from, file_, {.tasks = {"nobody"}});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Code::kNotFound);
  EXPECT_TRUE(fs::is_empty(folder_) || !fs::exists(file_));
  EXPECT_FALSE(fs::exists(file_.string() + ".part"));
}

TEST_F(ExportTest, ADamagedFileIsRefusedWholeWithThePlace) {
  auto from = OpenWithStory("from");
  ASSERT_TRUE(Export(*from, file_, {}));
  const std::string good = Bytes();
  auto to = Open("to");
  const auto refused = [&](const std::string& bytes) {
    Write(bytes);
    const auto taken = Import(*to, file_);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, Code::kDataLoss) << taken.error().message;
    EXPECT_NE(taken.error().message.find(file_.string()), std::string::npos) << taken.error().message;
    EXPECT_TRUE(to->ListTasks({})->empty());
    EXPECT_TRUE(to->ReadGraphs()->empty());
  };
  // given a file with one changed bit anywhere, cut off anywhere, with more at its end
  std::mt19937 random(1);
  for (int i = 0; i < 200; ++i) {
    SCOPED_TRACE(i);
    std::string bad = good;
    const size_t place = random() % bad.size();
    bad[place] = static_cast<char>(bad[place] ^ (1 << (random() % 8)));
    // one in the first line says that a newer release wrote it
    if (place > 24) refused(bad);
    refused(good.substr(0, random() % good.size()));
  }
  refused(good + "x");
  refused("");
  refused("something else altogether, and more than one line of it");
}

TEST_F(ExportTest, AFileWithAnItemLeftOutIsRefused) {
  auto from = OpenWithStory("from");
  ASSERT_TRUE(Export(*from, file_, {}));
  const std::string good = Bytes();
  auto to = Open("to");
  // given the file without one of its items, each in turn
  size_t begin = good.find('\n') + 1;
  int items = 0;
  while (begin < good.size()) {
    size_t length = 0;
    for (size_t i = 0; i < 4; ++i)
      length |= static_cast<size_t>(static_cast<unsigned char>(good[begin + i])) << (8 * i);
    const size_t size = 20 + length;
    Write(good.substr(0, begin) + good.substr(begin + size));
    // then nothing is taken
    EXPECT_FALSE(Import(*to, file_)) << "item " << items;
    begin += size;
    ++items;
  }
  EXPECT_GT(items, 40);
  EXPECT_TRUE(to->ListTasks({})->empty());
}

TEST_F(ExportTest, AnItemThatIsTooLongIsNotRead) {
  Write(
      "troupe journal export 1\n\xff\xff\xff\xff"
      "0123456789abcdef and so on");
  auto to = Open("to");
  const auto taken = Import(*to, file_);
  ASSERT_FALSE(taken);
  EXPECT_NE(taken.error().message.find("byte 24"), std::string::npos) << taken.error().message;
}

}  // namespace
}  // namespace troupe::journal
