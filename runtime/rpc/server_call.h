// The server's half of the bridge: gRPC's reactors as objects that any thread may answer. Two rules of gRPC are hidden
// here: one write at a time (more are queued in order), and a reactor lives until gRPC says so (it holds itself until
// then). Handlers are called on gRPC's threads and must not block; with Serve* below, work goes to an executor as a
// coroutine. A call that everybody drops unfinished ends as CANCELLED.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "runtime/async/scope.h"
#include "runtime/rpc/status.h"

namespace troupe::rpc {

// What streams that write have in common. `Reactor` is grpc::ServerWriteReactor<Response> or a ServerBidiReactor.
template <class Reactor, class Response>
class WritingCall : public Reactor, public std::enable_shared_from_this<WritingCall<Reactor, Response>> {
 public:
  // Sent after those before it. False, and dropped, once the call is finished or cancelled. Any thread.
  bool Send(Response message) {
    std::lock_guard lock(mutex_);
    if (finish_ || cancelled_) return false;
    Queue(std::move(message));
    if (!writing_) WriteNext();
    return true;
  }

  // Ends the call after what was sent before. Only the first one counts. Any thread.
  void End(grpc::Status status) {
    std::lock_guard lock(mutex_);
    if (finish_) return;
    finish_ = std::move(status);
    if (!writing_) FinishNow();
  }
  void End(const Status& status) { End(ToGrpc(status)); }

  // The last message and the end in one piece, which costs one write less.
  void SendAndEnd(Response message, grpc::Status status = grpc::Status::OK) {
    std::lock_guard lock(mutex_);
    if (finish_) return;
    finish_ = std::move(status);
    if (!cancelled_) Queue(std::move(message));
    if (!writing_) FinishNow();
  }

  // Messages waiting to be written, the one under way included: a producer that sees many should wait for OnDrained.
  size_t unsent() const {
    std::lock_guard lock(mutex_);
    return queue_.size();
  }
  // Their bytes on the wire.
  size_t unsent_bytes() const {
    std::lock_guard lock(mutex_);
    return unsent_bytes_;
  }
  bool cancelled() const {
    std::lock_guard lock(mutex_);
    return cancelled_;
  }

 protected:
  // The client went away, or the deadline passed. Once at most; not after OnEnded. The call still has to be ended.
  virtual void OnCancelled() {}
  // All that was sent has been handed to the connection.
  virtual void OnDrained() {}
  // Nothing more will be called.
  virtual void OnEnded() {}

  // Keeps the object alive until gRPC is done with it. Call before handing the reactor to gRPC.
  void Hold() { self_ = this->shared_from_this(); }

  // gRPC's reactions.
  void OnWriteDone(bool ok) final {
    bool drained = false;
    {
      std::lock_guard lock(mutex_);
      writing_ = false;
      if (!queue_.empty()) {
        unsent_bytes_ -= queue_.front().bytes;
        queue_.pop_front();
      }
      if (!ok) {
        queue_.clear();
        unsent_bytes_ = 0;
      }
      if (finish_) {
        FinishNow();
      } else if (!queue_.empty()) {
        WriteNext();
      } else {
        drained = ok;
      }
    }
    if (drained) OnDrained();
  }
  void OnCancel() final {
    {
      std::lock_guard lock(mutex_);
      cancelled_ = true;
    }
    OnCancelled();
  }
  void OnDone() final {
    OnEnded();
    std::shared_ptr<void> last = std::move(self_);
  }

 private:
  struct Unsent {
    Response message;
    size_t bytes = 0;
  };
  void Queue(Response message) {
    const size_t bytes = message.ByteSizeLong();
    queue_.push_back({std::move(message), bytes});
    unsent_bytes_ += bytes;
  }
  void WriteNext() {
    writing_ = true;
    this->StartWrite(&queue_.front().message);
  }
  void FinishNow() {
    if (finished_) return;
    if (queue_.size() > 1) return WriteNext();
    finished_ = true;
    if (queue_.empty()) return this->Finish(*finish_);
    this->StartWriteAndFinish(&queue_.front().message, grpc::WriteOptions(), *finish_);
  }

  mutable std::mutex mutex_;
  // The front is the one being written. A list, because that one must not move, and most calls hold one or none.
  std::list<Unsent> queue_;
  size_t unsent_bytes_ = 0;
  std::optional<grpc::Status> finish_;
  bool writing_ = false;
  bool finished_ = false;
  bool cancelled_ = false;
  std::shared_ptr<void> self_;
};

// A call with streams both ways. Derive, override the hooks, and hand Open() to gRPC:
//   grpc::ServerBidiReactor<Q, R>* Work(grpc::CallbackServerContext* c) override { return
//   std::make_shared<MyCall>(c)->Open(); }
template <class Request, class Response>
class ServerStreamCall : public WritingCall<grpc::ServerBidiReactor<Request, Response>, Response> {
 public:
  grpc::ServerBidiReactor<Request, Response>* Open() {
    this->Hold();
    this->StartRead(&request_);
    return this;
  }

 protected:
  // One message; may be moved from. Return true to read the next one (false: nothing more is wanted). One at a time.
  virtual bool OnMessage(Request& request) = 0;
  // The client has said all, or the call is broken.
  virtual void OnInputEnd() {}

  // Reads on after OnMessage has returned false.
  void ReadMore() { this->StartRead(&request_); }

 private:
  void OnReadDone(bool ok) final {
    if (!ok) return OnInputEnd();
    if (OnMessage(request_)) this->StartRead(&request_);
  }
  Request request_;
};

// A call that answers one request with a stream. Use a derived class, or ServerWriter below.
template <class Response>
class ServerWriteCall : public WritingCall<grpc::ServerWriteReactor<Response>, Response> {
 public:
  grpc::ServerWriteReactor<Response>* Open() {
    this->Hold();
    return this;
  }
};

// A call that takes a stream and answers it once. Derive, override the hooks, and hand Open() to gRPC. The response
// that gRPC handed over is valid until End.
template <class Request>
class ServerReadCall : public grpc::ServerReadReactor<Request>,
                       public std::enable_shared_from_this<ServerReadCall<Request>> {
 public:
  grpc::ServerReadReactor<Request>* Open() {
    self_ = this->shared_from_this();
    this->StartRead(&request_);
    return this;
  }

  // Only the first one counts. Any thread.
  void End(const grpc::Status& status) {
    if (!ended_.exchange(true)) this->Finish(status);
  }
  bool cancelled() const { return cancelled_; }

 protected:
  // One message; may be moved from. Nothing more is read until ReadMore.
  virtual void OnMessage(Request& request) = 0;
  // The client has said all, or the call is broken (cancelled()).
  virtual void OnInputEnd() = 0;

  void ReadMore() {
    if (!ended_) this->StartRead(&request_);
  }

  void OnReadDone(bool ok) final { ok ? OnMessage(request_) : OnInputEnd(); }
  void OnCancel() final { cancelled_ = true; }
  void OnDone() final { std::shared_ptr<void> last = std::move(self_); }

 private:
  Request request_;
  std::atomic<bool> ended_ = false;
  std::atomic<bool> cancelled_ = false;
  std::shared_ptr<void> self_;
};

// A handle on a streamed answer, for those who do not want to derive. Copies share the call; when the last one goes
// before End, the call ends as CANCELLED.
template <class Response>
class ServerWriter {
 public:
  struct Hooks {
    std::function<void()> on_cancelled;
    std::function<void()> on_drained;
  };

  // The handle and what to give to gRPC.
  static std::pair<ServerWriter, grpc::ServerWriteReactor<Response>*> Open(Hooks hooks = {}) {
    auto call = std::make_shared<Call>(std::move(hooks));
    auto* reactor = call->Open();
    ServerWriter writer;
    writer.guard_ = std::shared_ptr<Call>(call.get(), [call](Call*) { call->End(Cancelled("dropped by the server")); });
    return {std::move(writer), reactor};
  }

  bool Send(Response message) { return guard_->Send(std::move(message)); }
  void End(const Status& status) { guard_->End(status); }
  void End(grpc::Status status) { guard_->End(std::move(status)); }
  size_t unsent() const { return guard_->unsent(); }
  bool cancelled() const { return guard_->cancelled(); }

 private:
  class Call final : public ServerWriteCall<Response> {
   public:
    explicit Call(Hooks hooks) : hooks_(std::move(hooks)) {}
    void OnCancelled() override {
      if (hooks_.on_cancelled) hooks_.on_cancelled();
    }
    void OnDrained() override {
      if (hooks_.on_drained) hooks_.on_drained();
    }
    void OnEnded() override { hooks_ = {}; }

   private:
    Hooks hooks_;
  };
  std::shared_ptr<Call> guard_;
};

// A unary call to derive from, answered later by any thread. Its hooks run on gRPC's own threads without a change of
// thread between, and must not block.
class ServerUnaryCall : public grpc::ServerUnaryReactor, public std::enable_shared_from_this<ServerUnaryCall> {
 public:
  // Keeps the object alive until gRPC is done with it.
  grpc::ServerUnaryReactor* Open() {
    self_ = shared_from_this();
    return this;
  }
  // The response must be filled. Only the first one counts. Any thread.
  void End(grpc::Status status) {
    if (Claim()) Finish(std::move(status));
  }
  void End(const Status& status) { End(ToGrpc(status)); }
  bool cancelled() const { return cancelled_; }

 protected:
  // True for the first: that one may fill the response, and must call Finish. After Finish the response is gone.
  bool Claim() { return !ended_.exchange(true); }
  // As in WritingCall.
  virtual void OnCancelled() {}
  virtual void OnEnded() {}

 private:
  void OnCancel() final {
    cancelled_ = true;
    OnCancelled();
  }
  void OnDone() final {
    OnEnded();
    std::shared_ptr<void> last = std::move(self_);
  }
  bool InternalInlineable() final { return true; }

  std::atomic<bool> ended_{false}, cancelled_{false};
  std::shared_ptr<void> self_;
};

// A unary call to be answered later, by any thread, through the reply handle. Copies share the call; when the last one
// goes unanswered, the call ends as CANCELLED. The request and response that gRPC handed over are valid until then.
class Reply {
 public:
  // `on_cancelled` is called at most once, when the client goes away before the answer.
  static std::pair<Reply, grpc::ServerUnaryReactor*> Open(std::function<void()> on_cancelled = {});

  void End(const Status& status);
  void End(grpc::Status status);
  bool cancelled() const;

 private:
  class Call;
  std::shared_ptr<Call> guard_;
};

// Answers with what `work` gives; it runs in the scope and is cancelled when the client goes away or the deadline
// passes. `work` may use request and response until it ends.
grpc::ServerUnaryReactor* ServeUnary(async::Scope& scope, boost::asio::awaitable<Status> work);

// Answers at once, on gRPC's thread: for work of microseconds.
inline grpc::ServerUnaryReactor* AnswerNow(grpc::CallbackServerContext* context, const grpc::Status& status) {
  auto* reactor = context->DefaultReactor();
  reactor->Finish(status);
  return reactor;
}

// Milliseconds until the caller's deadline, at least 0; nothing where it has none.
std::optional<int64_t> RemainingMs(const grpc::ServerContextBase& context);

}  // namespace troupe::rpc
