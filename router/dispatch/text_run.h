// What the ways of taking a text apart with an agent's help share: the text, calls of the agent one after the other,
// and one end. To the task it looks like one attempt of that agent.
//
// Owner: itself while a call is under way. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "router/dispatch/step.h"
#include "router/dispatch/timers.h"

namespace troupe::dispatch {

// Gives an order to an agent.
using Starter = std::function<std::shared_ptr<StepCall>(StepOrder, std::shared_ptr<StepListener>)>;

class TextRun : public StepCall, public StepListener, public std::enable_shared_from_this<TextRun> {
 public:
  void Cancel() override;
  void OnStepText(const std::string&, int, std::string, int64_t) override {}

 protected:
  TextRun(StepOrder order, std::shared_ptr<StepListener> listener, Starter starter, Timers& timers);

  // The text that the step's input holds. Errors: INTERNAL where it holds none.
  Result<std::string> Text() const;
  // Calls the agent; OnStepEnd hears of it. Nothing once it is over.
  void Ask(const Value& input, const std::string& key_suffix);
  // True for the first: that one must tell the end.
  bool Claim();
  void Tell(StepOutcome outcome);
  // Runs `work` on another thread than the caller's, who may be the one that started it.
  template <typename Work>
  void Later(Work work) {
    timers_.After(0, [self = shared_from_this(), work = std::move(work)]() mutable { work(); });
  }
  bool over() const;
  const StepOrder& order() const { return order_; }

 private:
  const StepOrder order_;
  const std::shared_ptr<StepListener> listener_;
  const Starter starter_;
  Timers& timers_;

  mutable std::mutex mutex_;
  bool over_ = false;
  std::shared_ptr<StepCall> call_;
};

}  // namespace troupe::dispatch
