#include "agents/host/work_call.h"

#include <cstdint>
#include <functional>
#include <utility>

#include "agents/host/service.h"

namespace troupe::host {
namespace {
void SetUsage(const Usage& usage, v1::Usage* out) {
  out->set_prompt_tokens(usage.prompt_tokens);
  out->set_generated_tokens(usage.generated_tokens);
  out->set_device_us(usage.device_us);
}

Result<Value> ReadAnswer(const v1::Answer& answer) {
  if (answer.has_failed()) {
    const int code = answer.failed().code();
    return Error{code >= 1 && code <= 16 ? static_cast<Code>(code) : Code::kUnknown, answer.failed().message(),
                 answer.failed().retry_after_ms()};
  }
  return ParseValue(answer.output_json());
}
}  // namespace

void WorkCall::SetInput(Value input, int64_t max_tokens) {
  input_ = std::move(input);
  max_tokens_ = max_tokens;
}

std::shared_ptr<Step> WorkCall::Lend() {
  return std::shared_ptr<Step>(static_cast<Step*>(this), [self = Self()](Step* step) {
    step->Fail(Internal("the agent let go of the step without an answer"), {});
  });
}

void WorkCall::Begin(const v1::Start& start, Text text) {
  begun_ = true;
  has_key_ = !start.idempotency_key().empty();
  quiet_ = text == Text::kQuiet || start.quiet();
  committed_text_ = start.committed_text();
  key_ = start.idempotency_key();
  key_ += '\n';  // no caller's key holds one
  if (has_key_) {
    // a router that lost its last records may have decided anew: the same key with another input is other work
    key_ += std::to_string(std::hash<std::string>()(start.input_json()));
  } else {
    key_ += std::to_string(reinterpret_cast<uintptr_t>(this));
  }
  service_.Admit(Self(), start);
}

void WorkCall::EndAnswers(const Error& why) {
  {
    std::lock_guard lock(step_mutex_);
    answers_ended_ = true;
  }
  DropQuestions(why);
}

void WorkCall::TakeAnswer(v1::Answer& answer) {
  std::function<void(Result<Value>)> take;
  {
    std::lock_guard lock(step_mutex_);
    auto found = questions_.find(answer.ordinal());
    if (found == questions_.end()) return;
    take = std::move(found->second);
    questions_.erase(found);
  }
  take(ReadAnswer(answer));
}

void WorkCall::DropQuestions(const Error& why) {
  std::map<int, std::function<void(Result<Value>)>> dropped;
  {
    std::lock_guard lock(step_mutex_);
    dropped.swap(questions_);
  }
  for (auto& [ordinal, take] : dropped) take(why);
}

void WorkCall::Delta(std::string text, int64_t generated_tokens) {
  if (quiet_ || text.empty()) return;
  std::lock_guard lock(step_mutex_);
  if (closed_ || stopped_) return;
  held_back_.mutable_text()->append(text);
  held_back_.set_generated_tokens(generated_tokens);
  // a connection that is slower than the model gets fewer, longer pieces
  if (waits_for_turn_ || Unsent() != 0) return;
  // the first piece does not wait: it is what people wait for
  waits_for_turn_ = has_sent_text_ && !service_.turns_.Take(Self());
  if (!waits_for_turn_) FlushText();
}

void WorkCall::TurnCame() {
  std::lock_guard lock(step_mutex_);
  waits_for_turn_ = false;
  if (!closed_ && Unsent() == 0) FlushText();
}

void WorkCall::SendHeldBack() {
  std::lock_guard lock(step_mutex_);
  if (!waits_for_turn_) FlushText();
}

void WorkCall::Ask(const std::string& peer, const Value& input, std::function<void(Result<Value>)> answer) {
  std::unique_lock lock(step_mutex_);
  if (closed_ || stopped_ || answers_ended_) {
    lock.unlock();
    return answer(Cancelled("the step is over; nobody can be asked"));
  }
  // under the lock, which whoever ends the call takes first: a call that has ended must not be read from
  if (next_ordinal_ == 1 && !ListenForAnswers()) {
    lock.unlock();
    return answer(FailedPrecondition("the router sent this step where " + peer +
                                     " cannot be asked: does the graph declare it under asks?"));
  }
  v1::WorkResponse message;
  message.mutable_ask()->set_ordinal(next_ordinal_);
  message.mutable_ask()->set_peer(peer);
  message.mutable_ask()->set_input_json(Dump(input));
  questions_.emplace(next_ordinal_++, std::move(answer));
  Send(std::move(message));
}

bool WorkCall::Close() {
  std::lock_guard lock(step_mutex_);
  if (closed_) return false;
  FlushText();
  closed_ = true;
  stop_ = nullptr;
  return true;
}

void WorkCall::FlushText() {
  if (held_back_.text().empty() || closed_ || stopped_) return;
  v1::WorkResponse message;
  message.mutable_delta()->Swap(&held_back_);
  held_back_.Clear();
  has_sent_text_ = true;
  Send(std::move(message));
}

void WorkCall::Done(Value output, Usage usage) {
  if (!Close()) return;
  v1::WorkResponse message;
  message.mutable_done()->set_output_json(Dump(output));
  SetUsage(usage, message.mutable_done()->mutable_usage());
  // remembered before it is sent: the router may be gone, come back and ask again
  if (has_key_) service_.memory_.Put(key_, message.SerializeAsString());
  SendEnd(std::move(message));
  service_.Finished(*this);
  DropQuestions(Cancelled("the step is over"));
}

void WorkCall::Fail(Error error, Usage usage) {
  if (!Close()) return;
  v1::WorkResponse message;
  auto* failed = message.mutable_failed();
  failed->set_code(static_cast<int32_t>(error.code == Code::kOk ? Code::kUnknown : error.code));
  failed->set_message(error.message);
  failed->set_retry_after_ms(error.retry_after_ms);
  SetUsage(usage, failed->mutable_usage());
  SendEnd(std::move(message));
  service_.Finished(*this);
  DropQuestions(Cancelled("the step is over"));
}

bool WorkCall::cancelled() const {
  std::lock_guard lock(step_mutex_);
  return stopped_;
}

void WorkCall::OnCancel(std::function<void()> stop) {
  {
    std::lock_guard lock(step_mutex_);
    if (closed_) return;
    if (!stopped_) {
      stop_ = std::move(stop);
      return;
    }
  }
  stop();
}

void WorkCall::Stop(const Error& error) {
  std::function<void()> stop;
  {
    std::lock_guard lock(step_mutex_);
    if (stopped_) return;
    stopped_ = true;
    stop = std::move(stop_);
    stop_ = nullptr;
  }
  EndCall(Status(error));
  if (begun_) service_.Abandoned(*this);
  if (stop) stop();
  DropQuestions(error);
}

}  // namespace troupe::host
