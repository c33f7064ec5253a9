#include "tests/sim/client.h"

#include <algorithm>
#include <utility>

namespace troupe::sim {
namespace {

constexpr size_t kWatchers = 2;
constexpr int64_t kLookAgainMs = 50;

}  // namespace

Client::Client(World& world, Network& network, Router& router, Submission submission)
    : world_(world),
      network_(network),
      router_(router),
      wire_(network.AddWire()),
      submission_(std::move(submission)),
      seen_(kWatchers),
      connections_(kWatchers),
      lost_connections_(kWatchers),
      crashes_when_connected_(kWatchers) {
  network_.Attach(wire_, {.on_router_gives_up = nullptr,
                          .on_other_gives_up = [this] { lost_connections_ = connections_; },
                          .on_whole = nullptr});
}

void Client::Start(int64_t delay_ms) {
  world_.clock.After(delay_ms, [this] { Submit(); });
}

// No answer within a while means a crash or a loss: hand it in again under the same id.
void Client::Submit() {
  if (!task_.empty()) return;
  network_.Post(wire_, [this] {
    router_.Submit(submission_,
                   [this](const std::string& task) { network_.Post(wire_, [this, task] { OnAnswer(task); }); });
  });
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

bool Client::HasSeenTheEnd(size_t watcher) const { return !seen_[watcher].empty() && EndsTask(seen_[watcher].back()); }

void Client::Watch(size_t watcher) {
  const auto& seen = seen_[watcher];
  const int64_t connection = ++connections_[watcher];
  const int64_t after = seen.empty() ? 0 : seen.back().sequence;
  crashes_when_connected_[watcher] = world_.outcome.router_crashes;
  const auto to_client = network_.OpenLane(wire_);
  const auto lose = [this, watcher, connection] {
    lost_connections_[watcher] = std::max(lost_connections_[watcher], connection);
  };
  network_.Send(network_.OpenLane(wire_), [this, watcher, connection, after, to_client, lose] {
    const bool is_watching =
        router_.Watch(task_, after, [this, watcher, connection, to_client](const core::Record& record) {
          network_.Send(to_client, [this, watcher, connection, record] { OnRecord(watcher, connection, record); });
        });
    // One that comes late says nothing of the one that has taken its place.
    if (connections_[watcher] == connection) crashes_when_connected_[watcher] = world_.outcome.router_crashes;
    if (!is_watching) lose();
  });
  if (world_.chance.OneIn(10)) world_.clock.After(world_.chance.Between(0, 300), lose);
  KeepWatching(watcher, connection);
}

void Client::OnRecord(size_t watcher, int64_t connection, const core::Record& record) {
  if (connections_[watcher] != connection || lost_connections_[watcher] == connection) return;
  seen_[watcher].push_back(record);
  if (watcher != 0) return;
  for (const core::Decision& decision : record.decisions) {
    if (const auto* asked = std::get_if<core::AskPerson>(&decision)) Consider(*asked);
  }
}

void Client::KeepWatching(size_t watcher, int64_t connection) {
  if (HasSeenTheEnd(watcher)) return;
  // A task of which the router knows nothing any more, though it said it took it, would be asked for without end.
  if (world_.clock.now_ms() > kStartMs + kPatienceMs) return;
  world_.clock.After(kLookAgainMs, [this, watcher, connection] {
    const bool has_crashed = world_.outcome.router_crashes != crashes_when_connected_[watcher];
    if (lost_connections_[watcher] < connection && !has_crashed) {
      KeepWatching(watcher, connection);
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
  const int64_t times = world_.chance.Percent(50) ? 2 : 1;
  for (int64_t i = 0; i < times; ++i) {
    const size_t index = answered_.size();
    answered_.push_back(false);
    world_.clock.After(delay_ms, [this, decided, index] { Decide(decided, index); });
    delay_ms += world_.chance.OneIn(2) ? world_.chance.Between(0, 5) : world_.chance.Between(0, 60);
    if (world_.chance.OneIn(2)) continue;  // the same again
    decided.approved = !decided.approved;
    decided.note = "another note " + std::to_string(index);
  }
}

// Asked for again until there is an answer: a crash may have lost it.
void Client::Decide(const core::PersonDecided& decided, size_t index) {
  if (answered_[index] || world_.clock.now_ms() > kStartMs + kPatienceMs) return;
  const auto on_answer = [this, decided, index](Code code) {
    if (answered_[index]) return;
    answered_[index] = true;
    told_.push_back({decided, code});
  };
  network_.Post(wire_, [this, decided, on_answer] {
    router_.Decide(task_, decided,
                   [this, on_answer](Code code) { network_.Post(wire_, [on_answer, code] { on_answer(code); }); });
  });
  world_.clock.After(kLookAgainMs, [this, decided, index] { Decide(decided, index); });
}

void Client::Cancel() {
  if (was_told_cancelled_ || world_.clock.now_ms() > kStartMs + kPatienceMs) return;
  network_.Post(wire_, [this] {
    router_.Cancel(task_, [this] { network_.Post(wire_, [this] { was_told_cancelled_ = true; }); });
  });
  world_.clock.After(kLookAgainMs, [this] { Cancel(); });
}

}  // namespace troupe::sim
