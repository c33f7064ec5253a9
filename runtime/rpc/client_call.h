// The client's half of the bridge. Each kind of call comes with callbacks, called on gRPC's threads (they must not
// block), and, where coroutines want it, as something to co_await. on_done is called exactly once for every call that
// was started, whatever happens; a handle that is dropped before cancels the call, which then ends as CANCELLED.
// `Method` stands for the generated stub's function, e.g.
//   [&](auto* context, auto* reactor) { stub->async()->Work(context, reactor); }
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/rpc/status.h"

namespace troupe::rpc {

struct CallOptions {
  // 0: no deadline, for streams that live as long as their channel.
  int64_t timeout_ms = 0;
  std::vector<std::pair<std::string, std::string>> metadata;
  // Waits for a connection until the deadline instead of failing with UNAVAILABLE at once.
  bool wait_for_ready = false;
};

// Fills a fresh context.
void Prepare(grpc::ClientContext& context, const CallOptions& options);

// A stream both ways: what the router opens for a step.
template <class Request, class Response>
class ClientStream {
 public:
  struct Handlers {
    // One at a time, in order; may move from it. Return false where no further message is wanted: saves a read.
    std::function<bool(Response&)> on_message;
    std::function<void(const grpc::Status&)> on_done;
  };
  enum class More { kLast, kFollows };

  ClientStream() = default;
  ClientStream(ClientStream&&) noexcept = default;
  ClientStream& operator=(ClientStream&& other) noexcept {
    if (this != &other) {
      Cancel();
      call_ = std::move(other.call_);
    }
    return *this;
  }
  ~ClientStream() { Cancel(); }

  // Opens the call and sends `first`. With kLast, headers, message and end of input go out in one piece.
  // Callbacks may come before this returns.
  template <class Method>
  static ClientStream Start(Method&& method, const CallOptions& options, Handlers handlers, Request first,
                            More more = More::kFollows) {
    auto call = std::make_shared<Call>(std::move(handlers));
    Prepare(call->context, options);
    call->context.set_initial_metadata_corked(true);
    call->self = call;
    call->writes.push_back(std::move(first));
    call->writing = true;
    call->input_ended = more == More::kLast;
    method(&call->context, static_cast<grpc::ClientBidiReactor<Request, Response>*>(call.get()));
    call->StartRead(&call->response);
    // a hold, because further writes come from outside gRPC's reactions
    if (more == More::kLast) {
      call->StartWriteLast(&call->writes.front(), grpc::WriteOptions());
    } else {
      call->AddHold();
      call->held = true;
      call->StartWrite(&call->writes.front());
    }
    ClientStream stream;
    stream.call_ = call;
    call->StartCall();
    return stream;
  }

  // Sent after those before it; dropped once the call has ended.
  void Send(Request message) { call_->Send(std::move(message)); }
  // Nothing more will be sent.
  void EndInput() { call_->EndInput(); }
  void Cancel() {
    if (call_) call_->Cancel();
  }

 private:
  struct Call final : grpc::ClientBidiReactor<Request, Response> {
    explicit Call(Handlers h) : handlers(std::move(h)) {}

    void Send(Request message) {
      std::lock_guard lock(mutex);
      if (input_ended || broken) return;
      writes.push_back(std::move(message));
      if (!writing) WriteNext();
    }
    void EndInput() {
      std::lock_guard lock(mutex);
      if (input_ended) return;
      input_ended = true;
      if (!writing) FinishInput();
    }
    void Cancel() {
      std::lock_guard lock(mutex);
      if (over) return;
      context.TryCancel();
      input_ended = true;
      if (!writing) Release();
    }

    void OnWriteDone(bool ok) override {
      std::lock_guard lock(mutex);
      writing = false;
      writes.pop_front();
      if (!ok) {
        broken = true;
        writes.clear();
      }
      if (broken) return Release();
      if (!writes.empty()) return WriteNext();
      if (input_ended) FinishInput();
    }
    void OnReadDone(bool ok) override {
      if (ok && handlers.on_message(response)) return this->StartRead(&response);
      // the server ends the call once it has said all: nothing more can usefully be written
      std::lock_guard lock(mutex);
      input_ended = true;
      broken = true;
      if (!writing) Release();
    }
    void OnDone(const grpc::Status& status) override {
      {
        std::lock_guard lock(mutex);
        over = true;
      }
      auto last = std::move(self);
      // a copy, so that what the handlers hold goes when the call is over
      auto done = std::move(handlers.on_done);
      if (done) done(status);
      handlers = {};
    }

    void WriteNext() {
      writing = true;
      this->StartWrite(&writes.front());
    }
    void FinishInput() {
      if (!held) return;
      this->StartWritesDone();
      Release();
    }
    void Release() {
      if (!held) return;
      held = false;
      this->RemoveHold();
    }

    grpc::ClientContext context;
    Handlers handlers;
    Response response;
    std::mutex mutex;
    std::list<Request> writes;
    bool writing = false, input_ended = false, broken = false, held = false, over = false;
    std::shared_ptr<Call> self;
  };
  std::shared_ptr<Call> call_;
};

// One request, a stream of answers.
template <class Response>
class ClientReader {
 public:
  struct Handlers {
    std::function<void(Response&)> on_message;
    std::function<void(const grpc::Status&)> on_done;
  };

  ClientReader() = default;
  ClientReader(ClientReader&&) noexcept = default;
  ClientReader& operator=(ClientReader&& other) noexcept {
    if (this != &other) {
      Cancel();
      call_ = std::move(other.call_);
    }
    return *this;
  }
  ~ClientReader() { Cancel(); }

  // `method` is called with (context, request, reactor).
  template <class Method, class Request>
  static ClientReader Start(Method&& method, Request request, const CallOptions& options, Handlers handlers) {
    auto call = std::make_shared<Call>(std::move(handlers));
    Prepare(call->context, options);
    auto kept = std::make_shared<Request>(std::move(request));
    call->request = kept;
    call->self = call;
    method(&call->context, kept.get(), static_cast<grpc::ClientReadReactor<Response>*>(call.get()));
    call->StartRead(&call->response);
    ClientReader reader;
    reader.call_ = call;
    call->StartCall();
    return reader;
  }
  void Cancel() {
    if (call_) call_->context.TryCancel();
  }

 private:
  struct Call final : grpc::ClientReadReactor<Response> {
    explicit Call(Handlers h) : handlers(std::move(h)) {}
    void OnReadDone(bool ok) override {
      if (!ok) return;
      handlers.on_message(response);
      this->StartRead(&response);
    }
    void OnDone(const grpc::Status& status) override {
      auto last = std::move(self);
      auto done = std::move(handlers.on_done);
      if (done) done(status);
      handlers = {};
    }
    grpc::ClientContext context;
    std::shared_ptr<void> request;
    Handlers handlers;
    Response response;
    std::shared_ptr<Call> self;
  };
  std::shared_ptr<Call> call_;
};

// One request, one answer. `method` is called with (context, request, response, on_done).
// Keeps everything alive until `done` has run. Cancel through the returned function, at any time.
template <class Response, class Method, class Request>
std::function<void()> CallUnary(Method&& method, Request request, const CallOptions& options,
                                std::function<void(Result<Response>)> done) {
  struct Call {
    grpc::ClientContext context;
    Request request;
    Response response;
    std::function<void(Result<Response>)> done;
    std::shared_ptr<Call> self;
  };
  auto call = std::make_shared<Call>();
  Prepare(call->context, options);
  call->request = std::move(request);
  call->done = std::move(done);
  call->self = call;
  // a plain pointer, because gRPC copies what it is given, several times
  method(&call->context, &call->request, &call->response, [call = call.get()](grpc::Status status) {
    const auto last = std::move(call->self);
    const auto finish = std::move(call->done);
    if (status.ok()) return finish(std::move(call->response));
    finish(FromGrpc(status));
  });
  return [call] { call->context.TryCancel(); };
}

// The same as a coroutine: resumes on its own executor. Cancelling the coroutine cancels the call; CANCELLED comes
// back.
template <class Response, class Method, class Request>
boost::asio::awaitable<Result<Response>> CallUnary(Method method, Request request, CallOptions options) {
  namespace asio = boost::asio;
  auto executor = co_await asio::this_coro::executor;
  auto start = [&](auto handler) {
    auto slot = asio::get_associated_cancellation_slot(handler);
    // std::function must be copyable, the handler is not
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    auto work = asio::prefer(executor, asio::execution::outstanding_work.tracked);
    auto cancel = CallUnary<Response>(method, std::move(request), options, [shared, work](Result<Response> result) {
      asio::post(work, [shared, result = std::move(result)]() mutable { std::move (*shared)(std::move(result)); });
    });
    if (slot.is_connected()) slot.assign([cancel](asio::cancellation_type) { cancel(); });
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Result<Response>)>(start,
                                                                                                 asio::use_awaitable);
}

}  // namespace troupe::rpc
