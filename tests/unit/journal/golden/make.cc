// Writes a golden journal in this release's format: FOLDER/journal.db and, beside it, the states that its tasks must
// fold to. Run once for each schema, by whoever changes it:
//   build/release/bin/golden_journal tests/unit/journal/golden/vN
#include <sqlite3.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "router/journal/codec.h"
#include "router/journal/sqlite_journal.h"
#include "tests/unit/journal/golden/story.h"

namespace troupe::journal {
namespace {

void Append(Journal& journal, TaskKey key, const Story::Task& task) {
  for (const core::Record& record : task.records) {
    Entry entry{.task = key, .sequence = record.sequence};
    v1::Record message;
    Encode(record, task.row.uuid, &entry.blobs, message);
    entry.bytes = message.SerializeAsString();
    if (record.sequence == 1) entry.accepted = task.row;
    if (EndsTask(message)) entry.ended = EndedTask{task.state.status, task.state.ended_ms};
    journal.Append(std::move(entry));
  }
}

Status Make(const std::filesystem::path& folder) {
  TRY_ASSIGN(const std::unique_ptr<Journal> journal, OpenSqlite(folder));
  const Story story = TellStory();
  TRY(journal->SaveGraph(story.graph, story.graph_event));
  Value expected = Value::object();
  TaskKey key = 0;
  for (const Story::Task& task : story.tasks) {
    Append(*journal, ++key, task);
    expected[task.row.uuid] = StateToJson(task.state);
  }
  TRY(journal->Close());
  std::ofstream(folder / "expected.json") << expected.dump(1) << "\n";
  return {};
}

// One small file: no log beside it, small pages.
bool Shrink(const std::filesystem::path& folder) {
  sqlite3* raw = nullptr;
  bool ok = sqlite3_open((folder / "journal.db").c_str(), &raw) == SQLITE_OK;
  const char* sql = "PRAGMA journal_mode = DELETE; PRAGMA page_size = 1024; VACUUM; PRAGMA journal_mode = WAL";
  ok = ok && sqlite3_exec(raw, sql, nullptr, nullptr, nullptr) == SQLITE_OK;
  sqlite3_close(raw);
  std::filesystem::remove(folder / "journal.lock");
  return ok;
}

}  // namespace
}  // namespace troupe::journal

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "golden_journal: error: which folder? golden_journal tests/unit/journal/golden/vN\n");
    return 2;
  }
  if (const troupe::Status made = troupe::journal::Make(argv[1]); !made) {
    std::fprintf(stderr, "golden_journal: error: %s\n", made.error().message.c_str());
    return 1;
  }
  return troupe::journal::Shrink(argv[1]) ? 0 : 1;
}
