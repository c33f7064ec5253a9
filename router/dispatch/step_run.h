// One attempt at a step on its way: waits for a replica, sends it there (Do, or a Work stream where text may come
// before the end), passes its text on, and sends it again under the same key where the replica was lost in the middle,
// without costing the graph's author a retry.
//
// Owner: itself while under way (the pool or the stream hold it), and whoever may cancel it. Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "router/dispatch/pool.h"
#include "router/dispatch/step.h"
#include "runtime/base/clock.h"

namespace troupe::dispatch {

struct StepRunLimits {
  // Times that one attempt is sent again after a replica was lost or refused it.
  int max_resends = 5;
  // The pause before the first of those; doubled each time.
  int64_t resend_pause_ms = 50;
  // How long a step without a time limit of its own waits for a replica.
  int64_t max_wait_ms = 120'000;
};

class StepRun final : public StepTry, public Pool::Customer, public std::enable_shared_from_this<StepRun> {
 public:
  StepRun(StepOrder order, std::shared_ptr<StepListener> listener, std::shared_ptr<Pool> pool, Timers& timers,
          const Clock& clock, const StepRunLimits& limits, Census& census);

  void Start() override;
  bool StartElsewhere(const Where& not_there) override;
  std::optional<Where> where() override;
  void Cancel() override;
  void Answer(const StepQuestion& question, const Result<Value>& answer) override;

  void OnReplica(std::shared_ptr<Replica> replica, std::string reason) override;
  const std::set<std::string>& tried() const override { return tried_; }
  int priority() const override { return order_.priority; }
  std::span<const uint64_t> prefixes() const override { return prefixes_; }
  const std::string& task() const override { return order_.task; }

 private:
  using Stream = rpc::ClientStream<v1::WorkRequest, v1::WorkResponse>;

  // In line for a replica.
  void Place();
  void Send();
  void OpenStream(v1::Start start, const rpc::CallOptions& options);
  void CallOnce(v1::Start start, const rpc::CallOptions& options, Replica& replica);
  bool OnMessage(v1::WorkResponse& message);
  void OnFailed(const v1::Failed& failed);
  bool OnAsk(const v1::Ask& ask);
  // The agent misbehaves: stops it and ends. False, for OnMessage.
  bool GiveUp(Error error);
  void OnStreamEnd(const grpc::Status& status);
  // The call broke before the step had ended.
  void OnBroken(Error error);
  // Sends it again after a pause; false where that was done too often.
  bool Resend();
  // The replica is free of it; see Replica::GiveBack.
  void GiveBack(std::optional<Code> end);
  // What an end says of the replica: a time limit that passed elsewhere says nothing.
  std::optional<Code> EndAtReplica(Code end) const;
  void WatchWaiting();
  void StopWatchWaiting();
  // What is left, in milliseconds; nothing where there is no limit.
  std::optional<int64_t> RemainingMs() const;
  // Tells the listener, once. Never within Start or Cancel.
  void End(Result<Value> output, const v1::Usage& usage);
  // The agent has not said what it cost: device time counts from when it was sent there, tokens as far as it told.
  void EndUnsaid(Error error);
  void Finish(Result<Value> output, const core::Usage& usage);
  // Needs the lock. Device time since it was sent to the replica that has it.
  int64_t SpentUs() const;
  // The same, from a thread of the timers: for ends found within Start.
  void EndLater(Error error);

  const Census::Member member_;
  const StepOrder order_;
  const std::vector<uint64_t> prefixes_;
  const std::shared_ptr<StepListener> listener_;
  const std::shared_ptr<Pool> pool_;
  Timers& timers_;
  const Clock& clock_;
  const StepRunLimits limits_;
  const int64_t started_ns_;

  std::mutex mutex_;
  bool over_ = false;
  bool waiting_ = false;
  // A second try beside another one: not sent again where it is lost.
  bool is_second_ = false;
  int resends_ = 0;
  int64_t placed_ns_ = 0;
  int64_t sent_ns_ = 0;
  // Device time at replicas that were lost.
  int64_t lost_us_ = 0;
  int64_t said_tokens_ = 0;
  // Changed only while it is in no line.
  std::set<std::string> tried_;
  // Text received by this attempt, what was committed before included.
  std::string text_;
  std::shared_ptr<Replica> replica_;
  core::WorkSite site_;
  // Questions on the stream that is open: how many, and those without an answer.
  int asked_ = 0;
  std::map<int, StepQuestion> unanswered_;
  Stream stream_;
  std::function<void()> cancel_call_;
  Timers::Handle timer_;
};

}  // namespace troupe::dispatch
