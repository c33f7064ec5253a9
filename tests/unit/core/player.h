// Plays one task by hand: events in, decisions looked at. After every event it folds the records into a second state
// and demands that it equals the first, so each test in this folder is a test of recovery too.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "router/core/core.h"

namespace troupe::core::testing {

class Player {
 public:
  explicit Player(graph::Graph graph) : graph_(std::move(graph)) {}

  // Each gives the decisions taken; empty where the event was stale too.
  std::vector<Decision> Accept(Value input = Value::object(), int64_t token_limit = 0) {
    return AcceptWith({.tokens = token_limit}, std::move(input));
  }
  std::vector<Decision> AcceptWith(Amounts limits, Value input = Value::object()) {
    return Take(Accepted{.graph = graph_.name, .input = std::move(input), .limits = limits});
  }
  std::vector<Decision> Done(const std::string& path, Value output = nullptr, int64_t tokens = 0) {
    return Take(StepDone{
        .path = path, .attempt = AttemptOf(path), .output = std::move(output), .usage = {.generated_tokens = tokens}});
  }
  std::vector<Decision> Fail(const std::string& path, Code code, int64_t retry_after_ms = 0, int64_t tokens = 0) {
    return Take(StepFailed{.path = path,
                           .attempt = AttemptOf(path),
                           .error = {code, "it broke", retry_after_ms},
                           .usage = {.generated_tokens = tokens}});
  }
  std::vector<Decision> Progress(const std::string& path, std::string text) {
    return Take(StepProgress{.path = path, .attempt = AttemptOf(path), .text = std::move(text)});
  }
  std::vector<Decision> Take(Event event) {
    auto record = Decide(graph_, state_, std::move(event), now_ms_);
    last_was_stale_ = !record.has_value();
    if (!record) return {};
    const Status folded = Fold(folded_, *record);
    EXPECT_TRUE(folded.has_value()) << (folded ? "" : ToString(folded.error()));
    EXPECT_TRUE(folded_ == state_) << "after record " << record->sequence;
    records_.push_back(*record);
    return std::move(record->decisions);
  }
  // As after a crash: what was only in memory is gone.
  void Recover() {
    state_ = TaskState();
    for (const Record& record : records_) EXPECT_TRUE(Fold(state_, record).has_value());
  }

  // The paths of the attempts under way, in the order decided.
  std::vector<std::string> Running() const {
    std::vector<std::string> paths;
    for (const Pending& pending : PendingWork(state_)) paths.push_back(pending.path);
    return paths;
  }
  StepStatus StatusOf(const std::string& path) const { return Step(path).status; }
  const StepRecord& Step(const std::string& path) const {
    static const StepRecord none;
    const auto found = state_.steps.find(path);
    return found == state_.steps.end() ? none : found->second;
  }
  bool Has(const std::string& path) const { return state_.steps.contains(path); }
  int AttemptOf(const std::string& path) const {
    return std::max<int>(1, static_cast<int>(Step(path).attempts.size()));
  }
  Value InputOf(const std::string& path) const {
    const auto& attempts = Step(path).attempts;
    return attempts.empty() ? Value("never started") : attempts.back().input;
  }

  void Advance(int64_t ms) { now_ms_ += ms; }
  UnixMs now_ms() const { return now_ms_; }
  bool last_was_stale() const { return last_was_stale_; }
  const TaskState& state() const { return state_; }
  const std::vector<Record>& records() const { return records_; }
  const graph::Graph& graph() const { return graph_; }

 private:
  const graph::Graph graph_;
  TaskState state_;
  TaskState folded_;
  std::vector<Record> records_;
  UnixMs now_ms_ = 1'000'000;
  bool last_was_stale_ = false;
};

// The decisions of one sort, in order.
template <typename T>
std::vector<T> Only(const std::vector<Decision>& decisions) {
  std::vector<T> result;
  for (const Decision& decision : decisions) {
    if (const T* match = std::get_if<T>(&decision)) result.push_back(*match);
  }
  return result;
}

}  // namespace troupe::core::testing
