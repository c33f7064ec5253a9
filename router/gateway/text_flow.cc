#include "router/gateway/text_flow.h"

#include <utility>

namespace troupe::gateway {
namespace {

// Text that is kept unrecorded for one who may come to watch; more is recorded although nobody does.
constexpr size_t kMaxFreshBytes = 64u << 10;

}  // namespace

bool TextFlow::HandOverInTurn() {
  if (way_ == Way::kToDisk || texts_.fresh_bytes() == 0) return false;
  const bool may_wait = way_ == Way::kToWatchers || !followers_.HasTextWatcher();
  if (may_wait && texts_.fresh_bytes() <= kMaxFreshBytes) return false;
  HandOver();
  return true;
}

void TextFlow::HandOver() {
  sequence_ = 0;
  way_ = texts_.fresh_bytes() > 0 ? Way::kToDisk : Way::kNone;
  for (core::StepProgress& progress : texts_.TakeFresh()) hand_over_(std::move(progress));
}

bool TextFlow::Add(const std::string& path, int attempt, const std::string& text, int64_t generated_tokens) {
  const std::lock_guard lock(mutex_);
  texts_.Add(path, attempt, text, generated_tokens);
  return HandOverInTurn();
}

bool TextFlow::OnWatcher() {
  const std::lock_guard lock(mutex_);
  return HandOverInTurn();
}

void TextFlow::MarkRecorded(const std::string& path, int attempt) {
  const std::lock_guard lock(mutex_);
  texts_.MarkRecorded(path, attempt);
}

void TextFlow::End(const std::string& path, int attempt) {
  const std::lock_guard lock(mutex_);
  const bool wanted = followers_.HasTextWatcher() && texts_.HasFresh(path, attempt);
  if (wanted || texts_.IsPartlyRecorded(path, attempt)) HandOver();
  texts_.Forget(path, attempt);
}

void TextFlow::Forget(const std::string& path, int attempt) {
  const std::lock_guard lock(mutex_);
  texts_.Forget(path, attempt);
}

void TextFlow::OnTaken(std::optional<int64_t> sequence) {
  const std::lock_guard lock(mutex_);
  if (sequence) {
    sequence_ = *sequence;
  } else if (sequence_ == 0) {
    way_ = Way::kNone;
  }
}

bool TextFlow::OnDurable(int64_t sequence) {
  const std::lock_guard lock(mutex_);
  if (way_ != Way::kToDisk || sequence_ == 0 || sequence < sequence_) return false;
  way_ = Way::kToWatchers;
  return true;
}

bool TextFlow::OnTold() {
  const std::lock_guard lock(mutex_);
  // else much came meanwhile, and is on its way already
  if (way_ == Way::kToWatchers) way_ = Way::kNone;
  return HandOverInTurn();
}

}  // namespace troupe::gateway
