#include "agents/host/text_turns.h"

#include <algorithm>
#include <utility>

namespace troupe::host {

TextTurns::Clock::duration TextTurns::GapFor(unsigned cores) {
  return Clock::duration(std::chrono::seconds(1)) / (kPiecesPerCore * std::max(1u, cores));
}

TextTurns::TextTurns(Clock::duration gap) : gap_(gap), thread_([this] { Run(); }) {}

TextTurns::~TextTurns() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

bool TextTurns::Take(std::weak_ptr<TextSender> sender) {
  std::lock_guard lock(mutex_);
  const Clock::time_point now = Clock::now();
  if (waiting_.empty() && now >= next_) {
    next_ = now + gap_;
    return true;
  }
  waiting_.push_back(std::move(sender));
  if (waiting_.size() == 1) changed_.notify_one();
  return false;
}

void TextTurns::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (changed_.wait_until(lock, next_, [this] { return stopping_; }) || stopping_) return;
    auto sender = waiting_.front().lock();
    waiting_.pop_front();
    if (sender == nullptr) continue;  // which costs nobody a turn
    next_ = Clock::now() + gap_;
    lock.unlock();
    sender->TurnCame();
    sender.reset();  // it may be the last to hold it, and what ends with it needs no lock of ours
    lock.lock();
  }
}

}  // namespace troupe::host
