// Lessons in one SQLite file, beside the journal and not in it: they are kept for as long as somebody may learn from
// them, whatever becomes of their tasks. One connection for one thread; others may read while one writes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "router/journal/sqlite.h"
#include "router/lessons/lesson.h"

namespace troupe::lessons {

// In the folder of the journal.
inline constexpr const char* kFileName = "lessons.db";

class LessonFile {
 public:
  // Makes it where it is missing; nobody but its owner may read it. Errors: FAILED_PRECONDITION where it cannot be
  // made, is another program's, or a newer release's; DATA_LOSS where it is damaged.
  static Result<LessonFile> Open(const std::filesystem::path& path);
  // One that is there, to be read; the router may be writing. Errors: NOT_FOUND; those above.
  static Result<LessonFile> OpenToRead(const std::filesystem::path& path);

  // All or none. One that is there under the same task and path is replaced: after a crash a step may end again.
  Status Write(std::span<const Lesson> lessons);
  // But the newest one of all, however old it is: its id is what the next one's goes on from.
  Status RemoveBefore(UnixMs time_ms);

  struct Row {
    int64_t id = 0;
    Lesson lesson;
  };
  // Of that step on all versions of the graph, those with a larger id, in the order of writing.
  Result<std::vector<Row>> Read(const std::string& graph, const std::string& step, int64_t after, int max);
  // How many Read would give, and the last one's id; `after` where there are none.
  struct Count {
    int64_t lessons = 0;
    int64_t last = 0;
  };
  Result<Count> CountAfter(const std::string& graph, const std::string& step, int64_t after);
  // The steps that there are lessons of.
  Result<std::vector<std::string>> StepsOf(const std::string& graph);

 private:
  explicit LessonFile(journal::Database database) : database_(std::move(database)) {}

  journal::Database database_;
};

}  // namespace troupe::lessons
