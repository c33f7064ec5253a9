// Answers over a backend that the test plays: steps that are really done are kept until it answers them.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "router/answers/answers.h"
#include "router/graph/parse.h"
#include "tests/support/eventually.h"

namespace troupe::answers {

// A step that is really done.
class FakeCall final : public dispatch::StepCall {
 public:
  FakeCall(dispatch::StepOrder o, std::shared_ptr<dispatch::StepListener> l) : order(std::move(o)), listener_(l) {}
  void Cancel() override { cancelled = true; }

  void Say(const std::string& text) { listener_->OnStepText(order.path, order.attempt, text, 1); }
  void Done(Value output, core::Usage usage = {.generated_tokens = 3, .device_us = 2'000'000}) {
    dispatch::StepOutcome outcome{.output = std::move(output), .usage = usage};
    outcome.site = {.agent = order.agent, .replica = order.agent + "-0", .reason = "least busy"};
    listener_->OnStepEnd(order.path, order.attempt, std::move(outcome));
  }
  void Fail(Code code = Code::kInternal) {
    listener_->OnStepEnd(order.path, order.attempt, {.output = Error{code, "broke"}});
  }

  const dispatch::StepOrder order;
  std::atomic<bool> cancelled = false;

 private:
  const std::shared_ptr<dispatch::StepListener> listener_;
};

// A task that gave an order.
class Ear final : public dispatch::StepListener {
 public:
  void OnStepText(const std::string&, int, std::string text, int64_t) override {
    const std::lock_guard lock(mutex_);
    said_ += text;
  }
  void OnStepEnd(const std::string&, int, dispatch::StepOutcome outcome) override {
    const std::lock_guard lock(mutex_);
    ends_.push_back(std::move(outcome));
  }
  std::string said() const {
    const std::lock_guard lock(mutex_);
    return said_;
  }
  size_t ends() const {
    const std::lock_guard lock(mutex_);
    return ends_.size();
  }
  // The only one; waits for it.
  dispatch::StepOutcome End() const {
    EXPECT_TRUE(Eventually("the step has ended", [this] { return ends() > 0; }));
    const std::lock_guard lock(mutex_);
    EXPECT_EQ(ends_.size(), 1u);
    return ends_.empty() ? dispatch::StepOutcome{.output = Internal("no end")} : ends_[0];
  }

 private:
  mutable std::mutex mutex_;
  std::string said_;
  std::vector<dispatch::StepOutcome> ends_;
};

class AnswersTest : public testing::Test {
 protected:
  AnswersTest() { UseCache("{ttl: 1h, stale: 1h}"); }
  // As the router does before the answers go.
  void TearDown() override {
    answers_.Stop();
    timers_.Stop();
  }

  // `cache` of the one step, with the graph's agents `writer` and `reader`.
  void UseCache(const std::string& cache) {
    const graph::Parsed parsed = graph::ParseGraph({.yaml = R"(apiVersion: troupe.dev/v1
kind: AgentGraph
metadata: {name: g}
spec:
  input: {text: string, who: string}
  agents:
    writer: {kind: scripted, price: {token: 0.5}}
    reader: {kind: scripted}
  steps:
    a: {agent: writer, cache: )" + cache + R"(, input: {text: "{{ input.text }}"}}
  output: "{{ steps.a }}"
)",
                                                    .file_name = "g.yaml"});
    ASSERT_NE(parsed.graph, nullptr) << graph::ToString(parsed.findings);
    graph_ = parsed.graph;
  }
  std::shared_ptr<dispatch::StepCall> Start(const std::shared_ptr<Ear>& ear, const std::string& text,
                                            const std::string& user = "", const std::string& question = "") {
    dispatch::StepOrder order{.key = "t/a/1", .task = "t", .graph = "g", .agent = "writer", .path = "a"};
    order.input_json = Dump(Value{{"text", text}});
    order.quiet = false;
    order.timeout_ms = timeout_ms_;
    order.token_budget = budget_;
    return asked_->Start(order, {graph_, &*graph_->root.steps[0].agent->cache, "a", user, question}, ear);
  }
  std::shared_ptr<Ear> Start(const std::string& text, const std::string& user = "", const std::string& question = "") {
    auto ear = std::make_shared<Ear>();
    calls_.push_back(Start(ear, text, user, question));
    return ear;
  }
  size_t made() const {
    const std::lock_guard lock(mutex_);
    return made_.size();
  }
  // The step that was really done as number `index`; waits for it.
  FakeCall& Made(size_t index) {
    EXPECT_TRUE(Eventually("a step is really done", [&] { return made() > index; }));
    const std::lock_guard lock(mutex_);
    return *made_.at(index);
  }
  Tally tally() const {
    const auto all = asked_->Tallies();
    const auto found = all.find({"g", "a"});
    return found == all.end() ? Tally() : found->second;
  }

  // Who really does what is asked.
  Backend Actors() {
    return {.start =
                [this](dispatch::StepOrder order, std::shared_ptr<dispatch::StepListener> listener) {
                  const std::lock_guard lock(mutex_);
                  made_.push_back(std::make_shared<FakeCall>(std::move(order), std::move(listener)));
                  return made_.back();
                },
            .model_of =
                [this](const std::string&, const std::string&) {
                  const std::lock_guard lock(mutex_);
                  return model_;
                }};
  }

  std::shared_ptr<const graph::Graph> graph_;
  int64_t timeout_ms_ = 0;
  int64_t budget_ = 100;
  Result<std::string> model_ = std::string("m1");
  ManualClock clock_;
  dispatch::Timers timers_;
  std::vector<std::shared_ptr<dispatch::StepCall>> calls_;

  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<FakeCall>> made_;
  Answers answers_{{.memory_bytes = 1u << 20}, Actors(), timers_, clock_};
  // Whom steps go to.
  Answers* asked_ = &answers_;
};

}  // namespace troupe::answers
