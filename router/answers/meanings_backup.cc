#include "router/answers/meanings_backup.h"

#include <utility>

namespace troupe::answers {
namespace {

// Some milliseconds' work for the index, so that nothing waits long for the thread.
constexpr int kQuestionsAtOnce = 16;
// What a crash may cost of what was learnt.
constexpr int64_t kSaveEveryMs = 10'000;

}  // namespace

void MeaningsBackup::Start() {
  store_.ReadLearned([self = shared_from_this()](const Result<cache::BackStore::Learned>& learned) {
    if (learned) self->meanings_.RestoreLearned(*learned);
  });
  ReadBefore(0);
  SaveLater();
}

void MeaningsBackup::ReadBefore(int64_t place) {
  store_.ReadQuestions(place, kQuestionsAtOnce,
                       [self = shared_from_this()](const Result<cache::BackStore::Questions>& questions) {
                         if (!questions || self->stopped()) return;
                         self->post_([self, questions = *questions] { self->Take(questions); });
                       });
}

void MeaningsBackup::Take(const cache::BackStore::Questions& questions) {
  for (const cache::BackStore::Question& question : questions.some) {
    if (stopped() || !meanings_.Restore(question.key, question.entry)) return;
  }
  if (questions.before > 0) ReadBefore(questions.before);
}

void MeaningsBackup::SaveLater() {
  timers_.After(kSaveEveryMs, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    {
      const std::lock_guard lock(self->mutex_);
      if (self->stopped_) return;
      self->Save();
    }
    self->SaveLater();
  });
}

void MeaningsBackup::Save() {
  for (auto& [step, state] : meanings_.TakeLearned()) {
    // one that is not written is written when it has changed again
    store_.SaveLearned(step, std::move(state), [](const Status&) {});
  }
}

void MeaningsBackup::Stop() {
  const std::lock_guard lock(mutex_);
  if (!std::exchange(stopped_, true)) Save();
}

bool MeaningsBackup::stopped() const {
  const std::lock_guard lock(mutex_);
  return stopped_;
}

}  // namespace troupe::answers
