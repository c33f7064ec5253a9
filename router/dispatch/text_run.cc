#include "router/dispatch/text_run.h"

#include <utility>

namespace troupe::dispatch {

TextRun::TextRun(StepOrder order, std::shared_ptr<StepListener> listener, Starter starter, Timers& timers)
    : order_(std::move(order)), listener_(std::move(listener)), starter_(std::move(starter)), timers_(timers) {}

Result<std::string> TextRun::Text() const {
  const Result<Value> input = ParseValue(order_.input_json);
  if (!input || !input->is_object() || !input->contains("text") || !(*input)["text"].is_string()) {
    return Internal("the input of decompose step " + order_.path + " has no text");
  }
  return (*input)["text"].get<std::string>();
}

void TextRun::Ask(const Value& input, const std::string& key_suffix) {
  if (over()) return;
  StepOrder order = order_;
  order.key += key_suffix;
  order.input_json = Dump(input);
  order.committed_text.clear();
  order.quiet = true;
  std::shared_ptr<StepCall> call = starter_(std::move(order), shared_from_this());
  const std::lock_guard lock(mutex_);
  if (over_) {
    call->Cancel();
  } else {
    call_ = std::move(call);
  }
}

bool TextRun::Claim() {
  const std::lock_guard lock(mutex_);
  if (std::exchange(over_, true)) return false;
  call_ = nullptr;
  return true;
}

void TextRun::Tell(StepOutcome outcome) { listener_->OnStepEnd(order_.path, order_.attempt, std::move(outcome)); }

bool TextRun::over() const {
  const std::lock_guard lock(mutex_);
  return over_;
}

void TextRun::Cancel() {
  std::shared_ptr<StepCall> call;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(over_, true)) return;
    call = std::move(call_);
    call_ = nullptr;
  }
  if (call) call->Cancel();
}

}  // namespace troupe::dispatch
