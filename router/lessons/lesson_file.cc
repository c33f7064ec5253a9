#include "router/lessons/lesson_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace troupe::lessons {
namespace {

// "TrLe", in SQLite's place for saying whose a file is; and the schema.
constexpr int64_t kApplication = 0x54724c65;
constexpr int64_t kSchema = 1;

// What is removed is overwritten: it may be somebody's words. A lesson that a power cut takes away is no great loss, so
// nothing waits for a flush.
constexpr char kSettings[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY;";

constexpr char kTables[] = R"sql(
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS lessons (
  id INTEGER PRIMARY KEY, task TEXT NOT NULL, path TEXT NOT NULL, time_ms INTEGER NOT NULL, graph TEXT NOT NULL,
  version TEXT NOT NULL, step TEXT NOT NULL, answers BLOB NOT NULL, UNIQUE (task, path));
CREATE INDEX IF NOT EXISTS lessons_step ON lessons (graph, step, id);
CREATE INDEX IF NOT EXISTS lessons_time ON lessons (time_ms);
PRAGMA application_id = 1416776805;
PRAGMA user_version = 1;
COMMIT;
)sql";

Result<int64_t> Ask(journal::Database& database, const char* sql) {
  TRY_ASSIGN(journal::Statement statement, database.Prepare(sql));
  TRY_ASSIGN(const bool row, statement.Step());
  return row ? statement.Integer(0) : 0;
}

Status MakePrivate(const std::filesystem::path& path) {
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    return FailedPrecondition("cannot open " + path.string() + ": " + std::strerror(errno) +
                              "; the folder of the journal must be there and writable");
  }
  close(file);
  return {};
}

Status CheckOurs(journal::Database& database, const std::filesystem::path& path) {
  TRY_ASSIGN(const int64_t application, Ask(database, "PRAGMA application_id"));
  TRY_ASSIGN(const int64_t schema, Ask(database, "PRAGMA user_version"));
  if (application != kApplication) {
    return FailedPrecondition(path.string() + " is no file of lessons; move it away, and a new one is made");
  }
  if (schema > kSchema) return FailedPrecondition(path.string() + " was written by a newer release; run that one");
  return {};
}

Value AnswersOf(const Lesson& lesson) {
  return {
      {"input", lesson.input},
      {"student", {{"agent", lesson.student}, {"output", lesson.student_output}, {"confidence", lesson.confidence}}},
      {"teacher", {{"agent", lesson.teacher}, {"output", lesson.teacher_output}}}};
}

Status TakeAnswers(const std::string& json, Lesson& lesson) {
  TRY_ASSIGN(const Value answers, ParseValue(json));
  const auto has = [&answers](const char* who, const char* what) {
    return answers.contains(who) && answers[who].is_object() && answers[who].contains(what);
  };
  const bool is_whole = answers.is_object() && answers.contains("input") && has("student", "agent") &&
                        has("student", "output") && has("student", "confidence") && has("teacher", "agent") &&
                        has("teacher", "output") && answers["student"]["agent"].is_string() &&
                        answers["student"]["confidence"].is_number() && answers["teacher"]["agent"].is_string();
  if (!is_whole) return Error{Code::kDataLoss, "a lesson of task " + lesson.task_id + " is damaged"};
  lesson.input = answers["input"];
  lesson.student = answers["student"]["agent"];
  lesson.student_output = answers["student"]["output"];
  lesson.confidence = answers["student"]["confidence"];
  lesson.teacher = answers["teacher"]["agent"];
  lesson.teacher_output = answers["teacher"]["output"];
  return {};
}

Status WriteOne(journal::Statement& insert, const Lesson& lesson) {
  const std::string answers = Dump(AnswersOf(lesson));
  return insert.Bind(1, lesson.task_id)
      .Bind(2, lesson.path)
      .Bind(3, lesson.time_ms)
      .Bind(4, lesson.graph)
      .Bind(5, lesson.version)
      .Bind(6, lesson.step)
      .BindBlob(7, answers)
      .Run();
}

}  // namespace

Result<LessonFile> LessonFile::Open(const std::filesystem::path& path) {
  static_assert(kApplication == 1416776805 && kSchema == 1, "as in kTables");
  TRY(MakePrivate(path));
  TRY_ASSIGN(journal::Database database, journal::Database::Open(path.string(), journal::Database::Mode::kReadWrite));
  TRY_ASSIGN(const int64_t tables, Ask(database, "SELECT count(*) FROM sqlite_master"));
  if (tables > 0) TRY(CheckOurs(database, path));
  TRY(database.Execute(kSettings));
  if (tables == 0) TRY(database.Execute(kTables));
  return LessonFile(std::move(database));
}

Result<LessonFile> LessonFile::OpenToRead(const std::filesystem::path& path) {
  std::error_code fault;
  if (!std::filesystem::exists(path, fault)) {
    return NotFound("there is no " + path.string() +
                    ": no lesson was kept yet, or --data names another folder than the router's");
  }
  TRY_ASSIGN(journal::Database database, journal::Database::Open(path.string(), journal::Database::Mode::kReadOnly));
  TRY(CheckOurs(database, path));
  return LessonFile(std::move(database));
}

Status LessonFile::Write(std::span<const Lesson> lessons) {
  TRY(database_.Execute("BEGIN IMMEDIATE"));
  const auto all = [&]() -> Status {
    TRY_ASSIGN(journal::Statement insert,
               database_.Prepare("INSERT OR REPLACE INTO lessons (task, path, time_ms, graph, version, step, answers) "
                                 "VALUES (?, ?, ?, ?, ?, ?, ?)"));
    for (const Lesson& lesson : lessons) TRY(WriteOne(insert, lesson));
    return database_.Execute("COMMIT");
  };
  Status written = all();
  if (!written) (void)database_.Execute("ROLLBACK");
  return written;
}

Status LessonFile::RemoveBefore(UnixMs time_ms) {
  TRY_ASSIGN(journal::Statement remove,
             database_.Prepare("DELETE FROM lessons WHERE time_ms < ? AND id < (SELECT max(id) FROM lessons)"));
  return remove.Bind(1, time_ms).Run();
}

Result<std::vector<LessonFile::Row>> LessonFile::Read(const std::string& graph, const std::string& step, int64_t after,
                                                      int max) {
  TRY_ASSIGN(journal::Statement read, database_.Prepare("SELECT id, task, path, time_ms, version, answers FROM lessons "
                                                        "WHERE graph = ? AND step = ? AND id > ? ORDER BY id LIMIT ?"));
  read.Bind(1, graph).Bind(2, step).Bind(3, after).Bind(4, static_cast<int64_t>(max));
  std::vector<Row> rows;
  while (true) {
    TRY_ASSIGN(const bool row, read.Step());
    if (!row) return rows;
    Row& found = rows.emplace_back();
    found.id = read.Integer(0);
    found.lesson = {.task_id = read.Text(1),
                    .path = read.Text(2),
                    .time_ms = read.Integer(3),
                    .graph = graph,
                    .version = read.Text(4),
                    .step = step};
    TRY(TakeAnswers(read.Blob(5), found.lesson));
  }
}

Result<LessonFile::Count> LessonFile::CountAfter(const std::string& graph, const std::string& step, int64_t after) {
  TRY_ASSIGN(journal::Statement read, database_.Prepare("SELECT count(*), max(id) FROM lessons "
                                                        "WHERE graph = ? AND step = ? AND id > ?"));
  read.Bind(1, graph).Bind(2, step).Bind(3, after);
  TRY_ASSIGN(const bool row, read.Step());
  if (!row || read.Integer(0) == 0) return Count{0, after};
  return Count{read.Integer(0), read.Integer(1)};
}

Result<std::vector<std::string>> LessonFile::StepsOf(const std::string& graph) {
  TRY_ASSIGN(journal::Statement read,
             database_.Prepare("SELECT DISTINCT step FROM lessons WHERE graph = ? ORDER BY step"));
  read.Bind(1, graph);
  std::vector<std::string> steps;
  while (true) {
    TRY_ASSIGN(const bool row, read.Step());
    if (!row) return steps;
    steps.push_back(read.Text(0));
  }
}

}  // namespace troupe::lessons
