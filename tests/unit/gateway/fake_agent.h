// An agent on a real gRPC server and a unix socket, whose work the test does by hand: each step that arrives is kept
// until the test answers it, or is answered by a rule at once.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "runtime/rpc/server.h"
#include "runtime/rpc/server_call.h"
#include "troupe/v1/agent.grpc.pb.h"

namespace troupe::gateway {

class FakeAgent final : public v1::AgentService::CallbackService {
 public:
  // One step at this agent, on whichever call it came.
  class Step {
   public:
    virtual ~Step() = default;
    const v1::Start& start() const { return start_; }
    void Say(const std::string& text) {
      v1::WorkResponse message;
      message.mutable_delta()->set_text(text);
      Put(std::move(message));
    }
    void Done(const std::string& output_json) {
      v1::WorkResponse message;
      message.mutable_done()->set_output_json(output_json);
      message.mutable_done()->mutable_usage()->set_generated_tokens(3);
      PutEnd(std::move(message));
    }
    void Fail(Code code, const std::string& why) {
      v1::WorkResponse message;
      message.mutable_failed()->set_code(static_cast<int>(code));
      message.mutable_failed()->set_message(why);
      PutEnd(std::move(message));
    }
    void Ask(const std::string& peer, int ordinal = 1, const std::string& input_json = "{}") {
      Listen();
      v1::WorkResponse message;
      message.mutable_ask()->set_ordinal(ordinal);
      message.mutable_ask()->set_peer(peer);
      message.mutable_ask()->set_input_json(input_json);
      Put(std::move(message));
    }
    // The next answer to a question, in the order they come. Nothing after 20 s.
    std::optional<v1::Answer> NextAnswer() {
      std::unique_lock lock(mutex_);
      if (!answered_.wait_for(lock, std::chrono::seconds(20), [this] { return !answers_.empty(); })) return {};
      v1::Answer answer = std::move(answers_.front());
      answers_.pop_front();
      return answer;
    }
    // As if the process had died.
    virtual void Break() = 0;
    // The router has cancelled it.
    virtual bool IsCancelled() const = 0;

   protected:
    void TakeAnswer(const v1::Answer& answer) {
      const std::lock_guard lock(mutex_);
      answers_.push_back(answer);
      answered_.notify_all();
    }
    v1::Start start_;

   private:
    virtual void Put(v1::WorkResponse message) = 0;
    virtual void PutEnd(v1::WorkResponse message) = 0;
    // Reads what comes after the start, from now on.
    virtual void Listen() {}

    std::mutex mutex_;
    std::condition_variable answered_;
    std::deque<v1::Answer> answers_;
  };

  class StreamStep final : public rpc::ServerStreamCall<v1::WorkRequest, v1::WorkResponse>, public Step {
   public:
    explicit StreamStep(FakeAgent& agent) : agent_(agent) {}
    void Break() override { End(Status(Unavailable("broken by the test"))); }
    bool IsCancelled() const override { return cancelled(); }

   private:
    void Put(v1::WorkResponse message) override { Send(std::move(message)); }
    void PutEnd(v1::WorkResponse message) override { SendAndEnd(std::move(message)); }
    void Listen() override {
      if (!std::exchange(is_reading_, true)) ReadMore();
    }
    bool OnMessage(v1::WorkRequest& request) override {
      if (request.has_answer()) {
        TakeAnswer(request.answer());
        return true;
      }
      start_ = request.start();
      agent_.OnStart(std::static_pointer_cast<StreamStep>(shared_from_this()));
      return false;
    }
    void OnCancelled() override {
      agent_.OnCancelled();
      End(Status(Cancelled("stopped")));
    }
    FakeAgent& agent_;
    bool is_reading_ = false;
  };

  class SingleStep final : public rpc::ServerUnaryCall, public Step {
   public:
    SingleStep(FakeAgent& agent, const v1::DoRequest& request, v1::DoResponse& response)
        : agent_(agent), response_(response) {
      start_ = request.start();
    }
    void Break() override { End(Status(Unavailable("broken by the test"))); }
    bool IsCancelled() const override { return cancelled(); }
    void Begin() { agent_.OnStart(std::static_pointer_cast<SingleStep>(shared_from_this())); }

   private:
    void Put(v1::WorkResponse) override {}
    void PutEnd(v1::WorkResponse message) override {
      if (!Claim()) return;
      (void)response_.ParseFromString(message.SerializeAsString());
      Finish(grpc::Status::OK);
    }
    void OnCancelled() override {
      agent_.OnCancelled();
      End(Status(Cancelled("stopped")));
    }
    FakeAgent& agent_;
    v1::DoResponse& response_;
  };
  using WorkPtr = std::shared_ptr<Step>;
  using Rule = std::function<void(const WorkPtr&)>;

  // What it lets in at once: those at work, and those in its queue.
  struct Places {
    int slots = 4;
    int queue_limit = 64;
  };

  FakeAgent(std::string name, std::string address, Rule rule = {}) : FakeAgent(name, address, rule, Places()) {}
  FakeAgent(std::string name, std::string address, Rule rule, Places places)
      : name_(std::move(name)), address_(std::move(address)), rule_(std::move(rule)), places_(places) {
    Serve();
  }
  ~FakeAgent() override { Kill(); }

  void Serve() {
    Result<std::unique_ptr<rpc::Server>> started =
        rpc::Server::Start({.addresses = {address_}, .services = {{this, v1::AgentService::service_full_name()}}});
    if (!started) std::abort();
    server_ = std::move(*started);
    server_->SetReady(true);
  }
  // Every call ends as UNAVAILABLE or CANCELLED, the socket goes away.
  void Kill() {
    {
      const std::lock_guard lock(mutex_);
      for (const WorkPtr& work : waiting_) work->Break();
      waiting_.clear();
      if (report_) report_->End(Status(Unavailable("killed")));
      report_ = nullptr;
    }
    server_.reset();
  }

  // The next step that arrives, in order. Null after 20 s.
  WorkPtr Next() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, std::chrono::seconds(20), [this] { return !waiting_.empty(); })) return nullptr;
    WorkPtr work = std::move(waiting_.front());
    waiting_.pop_front();
    return work;
  }
  int started() const {
    const std::lock_guard lock(mutex_);
    return started_;
  }
  bool WaitCancelled(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return cancelled_ >= count; });
  }

  grpc::ServerUnaryReactor* Describe(grpc::CallbackServerContext* context, const v1::DescribeRequest*,
                                     v1::DescribeResponse* response) override {
    response->set_agent(name_);
    response->set_kind("scripted");
    response->set_slots(places_.slots);
    response->set_queue_limit(places_.queue_limit);
    return rpc::AnswerNow(context, grpc::Status::OK);
  }
  grpc::ServerBidiReactor<v1::WorkRequest, v1::WorkResponse>* Work(grpc::CallbackServerContext*) override {
    return std::make_shared<StreamStep>(*this)->Open();
  }
  grpc::ServerUnaryReactor* Do(grpc::CallbackServerContext*, const v1::DoRequest* request,
                               v1::DoResponse* response) override {
    const auto step = std::make_shared<SingleStep>(*this, *request, *response);
    auto* reactor = step->Open();
    step->Begin();
    return reactor;
  }
  grpc::ServerWriteReactor<v1::ReportResponse>* Report(grpc::CallbackServerContext*,
                                                       const v1::ReportRequest*) override {
    auto call = std::make_shared<ReportCall>();
    auto* reactor = call->Open();
    call->Send(v1::ReportResponse());
    const std::lock_guard lock(mutex_);
    report_ = call;
    return reactor;
  }

 private:
  class ReportCall final : public rpc::ServerWriteCall<v1::ReportResponse> {
    void OnCancelled() override { End(Status(Cancelled("gone"))); }
  };

  void OnStart(const WorkPtr& work) {
    {
      const std::lock_guard lock(mutex_);
      ++started_;
      if (!rule_) waiting_.push_back(work);
    }
    if (rule_) rule_(work);
    changed_.notify_all();
  }
  void OnCancelled() {
    const std::lock_guard lock(mutex_);
    ++cancelled_;
    changed_.notify_all();
  }

  const std::string name_;
  const std::string address_;
  const Rule rule_;
  const Places places_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<WorkPtr> waiting_;
  std::shared_ptr<ReportCall> report_;
  int started_ = 0;
  int cancelled_ = 0;
  std::unique_ptr<rpc::Server> server_;
};

}  // namespace troupe::gateway
