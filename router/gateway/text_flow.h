// The text of a task's steps on its way to the journal. While nobody watches it is only kept here, for one who may
// come; once somebody does, or much was kept, it is handed to the core, which makes one progress record of it for each
// attempt. What comes meanwhile waits until that record is on disk and those who watch have had their turn to get it:
// so there is one record for each group commit at most, however fast agents talk, and fewer and larger ones where
// watchers are more than can be written to.
//
// Owner: a TaskRunner. Thread-safe. Where a function returns true, text was handed over: the owner lets its inbox be
// worked off.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "router/core/task.h"
#include "router/gateway/followers.h"
#include "router/gateway/step_texts.h"

namespace troupe::gateway {

class TextFlow {
 public:
  // `hand_over` is called under the lock, so that text keeps its order: it may do no more than put it into an inbox.
  TextFlow(const Followers& followers, std::function<void(core::StepProgress)> hand_over)
      : followers_(followers), hand_over_(std::move(hand_over)) {}

  bool Add(const std::string& path, int attempt, const std::string& text, int64_t generated_tokens);
  // Somebody has come to watch.
  bool OnWatcher();
  // Some of its text was recorded in another life of the router.
  void MarkRecorded(const std::string& path, int attempt);
  // The attempt has ended: what is left of its text comes before its end.
  void End(const std::string& path, int attempt);
  // The attempt is wanted no longer.
  void Forget(const std::string& path, int attempt);
  // The core has looked at text: the number of the record it made, nothing where the text came too late.
  void OnTaken(std::optional<int64_t> sequence);
  // True where it was text that was waited for: OnTold must follow once everybody who watches had a turn after it.
  bool OnDurable(int64_t sequence);
  bool OnTold();

 private:
  enum class Way { kNone, kToDisk, kToWatchers };
  // Need the lock.
  bool HandOverInTurn();
  void HandOver();

  const Followers& followers_;
  const std::function<void(core::StepProgress)> hand_over_;
  std::mutex mutex_;
  StepTexts texts_;
  // Of the text that was handed over last.
  Way way_ = Way::kNone;
  // The last record of the text that is on its way; 0 where there is none yet.
  int64_t sequence_ = 0;
};

}  // namespace troupe::gateway
