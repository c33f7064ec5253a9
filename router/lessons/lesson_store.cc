#include "router/lessons/lesson_store.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace troupe::lessons {
namespace {

// Between two looks at what is too old: a thousandth of the age, in these bounds.
constexpr int64_t kShortestPauseMs = 1000;
constexpr int64_t kLongestPauseMs = 3'600'000;

}  // namespace

LessonStore::LessonStore(LessonOptions options, const Clock& clock)
    : options_(std::move(options)), clock_(clock), thread_([this] { Main(); }) {}

void LessonStore::Keep(Lesson lesson) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    if (queue_.size() >= options_.max_queued) {
      ++left_out_;
      return;
    }
    queue_.push_back(std::move(lesson));
  }
  wake_.notify_one();
}

void LessonStore::Stop() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(stopping_, true)) return;
  }
  wake_.notify_one();
  thread_.join();
}

void LessonStore::Main() {
  const std::chrono::milliseconds pause(std::clamp(options_.max_age_ms / 1000, kShortestPauseMs, kLongestPauseMs));
  while (true) {
    const Status removed = options_.max_age_ms > 0 ? RemoveOld() : Status();
    if (!removed) Note(removed, 0);
    std::unique_lock lock(mutex_);
    const auto has_work = [this] { return stopping_ || !queue_.empty(); };
    if (options_.max_age_ms > 0) {
      wake_.wait_for(lock, pause, has_work);
    } else {
      wake_.wait(lock, has_work);
    }
    if (queue_.empty() && stopping_) return;
    const std::vector<Lesson> batch = std::exchange(queue_, {});
    const size_t left_out = std::exchange(left_out_, 0);
    lock.unlock();
    if (batch.empty()) continue;
    const Status written = Work(batch);
    Note(written, written ? left_out : left_out + batch.size());
  }
}

Status LessonStore::Work(const std::vector<Lesson>& batch) {
  if (!file_) {
    TRY_ASSIGN(LessonFile file, LessonFile::Open(options_.path));
    file_.emplace(std::move(file));
  }
  return file_->Write(batch);
}

// A file of an earlier run too, before anything new comes in.
Status LessonStore::RemoveOld() {
  std::error_code fault;
  if (!file_ && !std::filesystem::exists(options_.path, fault)) return {};
  if (!file_) {
    TRY_ASSIGN(LessonFile file, LessonFile::Open(options_.path));
    file_.emplace(std::move(file));
  }
  return file_->RemoveBefore(clock_.NowMs() - options_.max_age_ms);
}

void LessonStore::Note(const Status& done, size_t lost) {
  const bool was_failing = std::exchange(failing_, !done);
  if (!options_.log || (done && lost == 0) || (!done && was_failing)) return;
  options_.log(done ? std::to_string(lost) + " lessons came too fast to be kept"
                    : "lessons are lost until this is mended: " + done.error().message);
}

}  // namespace troupe::lessons
