// One step of a caller: what gRPC and the kind see of it, whichever call it came on (stream_work.h, single_work.h).
// Small work is answered inside gRPC's own callback, with the last message and the end of the call in one piece.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "agents/host/kind.h"
#include "agents/host/text_turns.h"
#include "troupe/v1/agent.pb.h"

namespace troupe::host {

class Service;

class WorkCall : public Step, public TextSender {
 public:
  explicit WorkCall(Service& service) : service_(service) {}

  // For the service.
  // Names the work: the idempotency key and a digest of the input, or for a step without a key, its place in memory.
  const std::string& key() const { return key_; }
  void SetInput(Value input, int64_t max_tokens);
  void MarkStarted(int64_t now_ns) { started_ns_ = now_ns; }
  // 0 while it waits for a slot.
  int64_t started_ns() const { return started_ns_; }
  // What the kind holds: fails the step when it is let go of unended.
  std::shared_ptr<Step> Lend();
  // Fails a step that never reached the kind: its input is wrong.
  void Refuse(Error error) { Fail(std::move(error), {}); }
  // Ends the call and stops the kind, which still ends the step later.
  void Stop(const Error& error);
  // Ends the call: with its last message, or without one.
  virtual void SendEnd(v1::WorkResponse end) = 0;
  virtual void EndCall(const Status& status) = 0;

  // Step.
  const Value& input() const override { return input_; }
  Value TakeInput() override { return std::exchange(input_, Value()); }
  const std::string& committed_text() const override { return committed_text_; }
  int64_t max_tokens() const override { return max_tokens_; }
  bool quiet() const override { return quiet_; }
  void Delta(std::string text, int64_t generated_tokens) override;
  void Ask(const std::string& peer, const Value& input, std::function<void(Result<Value>)> answer) override;
  void Done(Value output, Usage usage) override;
  void Fail(Error error, Usage usage) override;
  bool cancelled() const override;
  void OnCancel(std::function<void()> stop) override;

  // TextSender.
  void TurnCame() override;

 protected:
  enum class Text { kStreams, kQuiet };

  // The step as it came; once. Its text is dropped where it is quiet.
  void Begin(const v1::Start& start, Text text);
  void TakeAnswer(v1::Answer& answer);
  // No answers will come any more.
  void EndAnswers(const Error& why);
  // The connection has taken what was sent before.
  void SendHeldBack();

  virtual std::shared_ptr<WorkCall> Self() = 0;
  // A message before the end.
  virtual void Send(v1::WorkResponse message) = 0;
  // Messages on their way.
  virtual size_t Unsent() const = 0;
  // The first question is about to be asked. False where there is no way to ask.
  virtual bool ListenForAnswers() = 0;

 private:
  void DropQuestions(const Error& why);
  // With step_mutex_ held, so that two threads do not swap pieces.
  void FlushText();
  // True for the first that ends the step.
  bool Close();

  Service& service_;
  bool begun_ = false;
  bool has_key_ = false;
  bool quiet_ = false;
  std::string key_;
  std::string committed_text_;
  Value input_;
  int64_t max_tokens_ = 0;
  int64_t started_ns_ = 0;

  mutable std::mutex step_mutex_;
  bool closed_ = false;
  bool stopped_ = false;
  bool answers_ended_ = false;
  std::function<void()> stop_;
  int next_ordinal_ = 1;
  std::map<int, std::function<void(Result<Value>)>> questions_;
  // Text that waits for its turn, or until the connection has taken what was sent before.
  v1::Delta held_back_;
  bool has_sent_text_ = false;
  bool waits_for_turn_ = false;
};

}  // namespace troupe::host
