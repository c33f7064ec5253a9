#include "tests/sim/client.h"

#include <utility>

namespace troupe::sim {
namespace {

constexpr size_t kWatchers = 2;
constexpr int64_t kLookAgainMs = 50;

}  // namespace

Client::Client(World& world, Router& router, Submission submission)
    : world_(world), router_(router), submission_(std::move(submission)), seen_(kWatchers), connections_(kWatchers) {}

void Client::Start(int64_t delay_ms) {
  world_.clock.After(delay_ms, [this] { Submit(); });
}

// No answer within a while means a crash: hand it in again under the same id.
void Client::Submit() {
  if (!task_.empty()) return;
  router_.Submit(submission_, [this](const std::string& task) { OnAnswer(task); });
  world_.clock.After(kLookAgainMs, [this] { Submit(); });
}

void Client::OnAnswer(const std::string& task) {
  if (!task_.empty()) {
    if (task_ != task)
      world_.Violation("request " + submission_.request_id + " gave two tasks: " + task_ + ", " + task);
    return;
  }
  task_ = task;
  for (size_t watcher = 0; watcher < kWatchers; ++watcher) {
    world_.clock.After(watcher == 0 ? 0 : world_.chance.Between(0, 300), [this, watcher] { Watch(watcher); });
  }
  if (world_.chance.Percent(15)) world_.clock.After(world_.chance.Between(0, 400), [this] { Cancel(); });
}

bool Client::HasSeenTheEnd(size_t watcher) const {
  if (seen_[watcher].empty()) return false;
  for (const core::Decision& decision : seen_[watcher].back().decisions) {
    if (std::holds_alternative<core::FinishTask>(decision) || std::holds_alternative<core::FailTask>(decision))
      return true;
  }
  return false;
}

void Client::Watch(size_t watcher) {
  auto& seen = seen_[watcher];
  const int64_t connection = ++connections_[watcher];
  const int64_t after = seen.empty() ? 0 : seen.back().sequence;
  const bool watching = router_.Watch(task_, after, [this, watcher, connection](const core::Record& record) {
    if (connections_[watcher] != connection) return;
    seen_[watcher].push_back(record);
    if (watcher != 0) return;
    for (const core::Decision& decision : record.decisions) {
      if (const auto* asked = std::get_if<core::AskPerson>(&decision)) Consider(*asked);
    }
  });
  const int64_t crashes = world_.outcome.router_crashes;
  KeepWatching(watcher, watching ? crashes : -1);
}

void Client::KeepWatching(size_t watcher, int64_t crashes_when_connected) {
  if (HasSeenTheEnd(watcher)) return;
  // A task of which the router knows nothing any more, though it said it took it, would be asked for without end.
  if (world_.clock.now_ms() > kStartMs + kPatienceMs) return;
  world_.clock.After(kLookAgainMs, [this, watcher, crashes_when_connected] {
    if (world_.outcome.router_crashes == crashes_when_connected) {
      KeepWatching(watcher, crashes_when_connected);
    } else {
      Watch(watcher);
    }
  });
}

void Client::Consider(const core::AskPerson& asked) {
  // Where nobody decides, the wait must have an end.
  if (asked.expires_ms != 0 && world_.chance.OneIn(4)) return;
  core::PersonDecided decided{.path = asked.path,
                              .approved = world_.chance.OneIn(2),
                              .by = world_.chance.OneIn(2) ? "ann" : "bob",
                              .note = "note " + std::to_string(answered_.size())};
  int64_t delay_ms = world_.chance.Between(0, 400);
  const int64_t times = world_.chance.Percent(30) ? 2 : 1;
  for (int64_t i = 0; i < times; ++i) {
    const size_t index = answered_.size();
    answered_.push_back(false);
    world_.clock.After(delay_ms, [this, decided, index] { Decide(decided, index); });
    delay_ms += world_.chance.Between(0, 60);
    if (world_.chance.OneIn(2)) continue;  // the same again
    decided.approved = !decided.approved;
    decided.note = "another note " + std::to_string(index);
  }
}

// Asked for again until there is an answer: a crash may have lost it.
void Client::Decide(const core::PersonDecided& decided, size_t index) {
  if (answered_[index] || world_.clock.now_ms() > kStartMs + kPatienceMs) return;
  router_.Decide(task_, decided, [this, decided, index](Code code) {
    if (answered_[index]) return;
    answered_[index] = true;
    told_.push_back({decided, code});
  });
  world_.clock.After(kLookAgainMs, [this, decided, index] { Decide(decided, index); });
}

void Client::Cancel() {
  if (was_told_cancelled_ || world_.clock.now_ms() > kStartMs + kPatienceMs) return;
  router_.Cancel(task_, [this] { was_told_cancelled_ = true; });
  world_.clock.After(kLookAgainMs, [this] { Cancel(); });
}

}  // namespace troupe::sim
