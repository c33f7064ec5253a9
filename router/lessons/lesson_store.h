// Where a router puts lessons: one thread writes what comes in to a LessonFile and removes what is too old. No task
// waits for it: what cannot be written is lost, and the log says so.
//
// Owner: the router. Keep may be called from any thread. The file is made with the first lesson. Stops: Stop, once what
// is queued is written, or could not be.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "router/lessons/lesson_file.h"

namespace troupe::lessons {

struct LessonOptions {
  std::filesystem::path path;
  // Lessons older than this are removed; 0 keeps them for ever.
  int64_t max_age_ms = 0;
  // That wait to be written; more are left out.
  size_t max_queued = 1024;
  // Lines for the router's log; may be empty.
  std::function<void(const std::string&)> log;
};

class LessonStore {
 public:
  // The clock must outlive it.
  LessonStore(LessonOptions options, const Clock& clock);
  ~LessonStore() { Stop(); }
  LessonStore(const LessonStore&) = delete;
  LessonStore& operator=(const LessonStore&) = delete;

  void Keep(Lesson lesson);
  void Stop();

 private:
  void Main();
  Status Work(const std::vector<Lesson>& batch);
  Status RemoveOld();
  // Says so where writing has begun to fail.
  void Note(const Status& done, size_t lost);

  const LessonOptions options_;
  const Clock& clock_;
  // Only by the thread.
  std::optional<LessonFile> file_;
  bool failing_ = false;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Lesson> queue_;
  size_t left_out_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace troupe::lessons
