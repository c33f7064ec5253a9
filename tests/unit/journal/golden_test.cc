// Journals that earlier releases wrote: each opens, is brought to this release's schema, and its tasks fold to the
// states they had.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>

#include "router/graph/parse.h"
#include "router/journal/check.h"
#include "router/journal/codec.h"
#include "router/journal/sqlite_journal.h"
#include "router/journal/sqlite_schema.h"
#include "runtime/base/id.h"
#include "tests/support/places.h"
#include "tests/unit/journal/fake_disk.h"
#include "tests/unit/journal/golden/story.h"
#include "troupe/v1/graph.pb.h"

namespace troupe::journal {
namespace {

namespace fs = std::filesystem;

class GoldenJournal : public testing::TestWithParam<int64_t> {
 protected:
  GoldenJournal() : folder_(fs::temp_directory_path() / ("troupe-golden-" + NewUuid7())) {
    fs::create_directories(folder_);
    fs::copy_file(golden_ / "journal.db", folder_ / "journal.db");
  }
  ~GoldenJournal() override { fs::remove_all(folder_); }

  Value Expected() const {
    std::ifstream file(golden_ / "expected.json");
    return Value::parse(file);
  }

  const fs::path golden_ = fs::path(SourcePath("tests/unit/journal/golden")) / ("v" + std::to_string(GetParam()));
  const fs::path folder_;
};

TEST_P(GoldenJournal, OpensAndFoldsToTheStatesItHad) {
  // given a journal of an earlier release, when this one opens it
  auto opened = OpenSqlite(folder_);
  ASSERT_TRUE(opened) << opened.error().message;
  Journal& journal = **opened;
  // then every task folds to what it was
  const auto rows = journal.ListTasks({});
  ASSERT_TRUE(rows) << rows.error().message;
  Value states = Value::object();
  const BlobSource blobs = [&](const std::string& sha256) { return journal.ReadBlob(sha256); };
  for (const TaskRow& row : *rows) {
    core::TaskState state;
    const auto records = journal.ReadRecords(row.key, 0, 10'000, 1 << 26);
    ASSERT_TRUE(records);
    for (const RecordRow& one : *records) {
      v1::Record message;
      ASSERT_TRUE(message.ParseFromString(one.bytes));
      const auto record = Decode(message, blobs);
      ASSERT_TRUE(record) << record.error().message;
      const Status folded = core::Fold(state, *record);
      ASSERT_TRUE(folded) << folded.error().message;
    }
    EXPECT_EQ(row.status, state.status);
    states[row.task.uuid] = StateToJson(state);
  }
  const Value expected = Expected();
  EXPECT_EQ(states, expected) << Value::diff(expected, states).dump(1);
  EXPECT_EQ(journal.Unfinished()->size(), 2u);
  EXPECT_EQ(journal.FindRequest("request-2").value()->task.request_digest, "digest-2");
  // and its graph is still understood
  const auto graphs = journal.ReadGraphs();
  ASSERT_EQ(graphs->size(), 1u);
  v1::GraphSource source;
  ASSERT_TRUE(source.ParseFromString(graphs->front().source));
  const graph::Parsed parsed = graph::ParseGraph({.yaml = source.yaml(), .file_name = source.file_name()});
  ASSERT_TRUE(parsed.graph) << graph::ToString(parsed.findings);
  EXPECT_TRUE(graphs->front().current);
  // and so is what happened to it, since that is written down
  constexpr int64_t kFirstWithEvents = 3;
  const auto events = journal.ReadGraphEvents();
  ASSERT_EQ(events->size(), GetParam() < kFirstWithEvents ? 0u : 1u);
  for (const std::string& bytes : *events) {
    v1::GraphEvent event;
    ASSERT_TRUE(event.ParseFromString(bytes));
    EXPECT_EQ(event.name(), graphs->front().name);
    EXPECT_EQ(event.applied().version(), graphs->front().version);
  }
  // and nothing is missing in it
  ASSERT_TRUE(journal.Close());
  opened->reset();
  const auto report = CheckSqlite(folder_);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->problem_count, 0) << report->problems.front();
}

TEST_P(GoldenJournal, KeepsACopyOfWhatItWas) {
  std::vector<std::string> log;
  SqliteOptions options;
  options.log = [&](const std::string& line) { log.push_back(line); };
  ASSERT_TRUE(OpenSqlite(folder_, options));
  const fs::path copy = folder_ / ("journal.db.v" + std::to_string(GetParam()));
  if (GetParam() == kSchemaVersion) {
    EXPECT_FALSE(fs::exists(copy));
    EXPECT_TRUE(log.empty());
    return;
  }
  // then the copy is a journal of the old schema, and the log names it
  ASSERT_TRUE(fs::exists(copy));
  ASSERT_EQ(log.size(), 1u);
  EXPECT_NE(log[0].find(copy.string()), std::string::npos) << log[0];
  fs::create_directories(folder_ / "old");
  fs::copy_file(copy, folder_ / "old" / "journal.db");
  const auto report = CheckSqlite(folder_ / "old");
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().message.find("schema " + std::to_string(GetParam())), std::string::npos);
  // and it can be opened once more
  EXPECT_TRUE(OpenSqlite(folder_ / "old"));
}

TEST_P(GoldenJournal, AMigrationThatIsCutOffIsTakenUpAgain) {
  std::ifstream file(golden_ / "journal.db", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  bool cut = true;
  for (int64_t change = 1; cut; ++change) {
    SCOPED_TRACE("power cut at change " + std::to_string(change));
    // given an old journal on a disk that loses power while it is brought forward
    FakeDisk disk(static_cast<uint64_t>(change));
    disk.Put((folder_ / "journal.db").string(), bytes);
    disk.CutPowerAt(change, [] {});
    (void)OpenSqlite(folder_, {.vfs = disk.vfs()});
    cut = disk.off();
    disk.PowerOn();
    // when it is opened again, then all is there
    const auto opened = OpenSqlite(folder_, {.vfs = disk.vfs()});
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ((*opened)->ListTasks({})->size(), Expected().size());
    ASSERT_TRUE((*opened)->Close());
    EXPECT_EQ((*opened)->GetStats().records, 0);
  }
}

std::vector<int64_t> Schemas() {
  std::vector<int64_t> all;
  for (int64_t schema = 1; schema <= kSchemaVersion; ++schema) all.push_back(schema);
  return all;
}
INSTANTIATE_TEST_SUITE_P(EverySchema, GoldenJournal, testing::ValuesIn(Schemas()),
                         [](const auto& schema) { return "v" + std::to_string(schema.param); });

}  // namespace
}  // namespace troupe::journal
