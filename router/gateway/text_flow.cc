#include "router/gateway/text_flow.h"

#include <utility>

namespace troupe::gateway {
namespace {

// Text that is kept unrecorded for one who may come to watch; more is recorded although nobody does.
constexpr size_t kMaxFreshBytes = 64u << 10;

}  // namespace

bool TextFlow::HandOverInTurn() {
  if (on_its_way_ || texts_.fresh_bytes() == 0) return false;
  if (!followers_.HasTextWatcher() && texts_.fresh_bytes() <= kMaxFreshBytes) return false;
  HandOver();
  return true;
}

void TextFlow::HandOver() {
  sequence_ = 0;
  on_its_way_ = texts_.fresh_bytes() > 0;
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
    on_its_way_ = false;
  }
}

bool TextFlow::OnDurable(int64_t sequence) {
  const std::lock_guard lock(mutex_);
  if (!on_its_way_ || sequence_ == 0 || sequence < sequence_) return false;
  on_its_way_ = false;
  return HandOverInTurn();
}

}  // namespace troupe::gateway
