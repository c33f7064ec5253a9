#include "runtime/rpc/server_call.h"

#include <algorithm>
#include <chrono>

namespace troupe::rpc {

class Reply::Call final : public ServerUnaryCall {
 public:
  explicit Call(std::function<void()> on_cancelled) : on_cancelled_(std::move(on_cancelled)) {}

 private:
  void OnCancelled() override {
    if (on_cancelled_) on_cancelled_();
  }
  void OnEnded() override { on_cancelled_ = nullptr; }

  std::function<void()> on_cancelled_;
};

std::pair<Reply, grpc::ServerUnaryReactor*> Reply::Open(std::function<void()> on_cancelled) {
  auto call = std::make_shared<Call>(std::move(on_cancelled));
  auto* reactor = call->Open();
  Reply reply;
  reply.guard_ = std::shared_ptr<Call>(
      call.get(), [call](Call*) { call->End(ToGrpc(Cancelled("the server dropped the call unanswered"))); });
  return {std::move(reply), reactor};
}

void Reply::End(const Status& status) { guard_->End(ToGrpc(status)); }
void Reply::End(grpc::Status status) { guard_->End(std::move(status)); }
bool Reply::cancelled() const { return guard_->cancelled(); }

namespace {
boost::asio::awaitable<void> Answer(Reply reply, boost::asio::awaitable<Status> work) {
  reply.End(co_await std::move(work));
}
}  // namespace

grpc::ServerUnaryReactor* ServeUnary(async::Scope& scope, boost::asio::awaitable<Status> work) {
  // filled before gRPC sees the reactor, hence before it can report a cancellation
  auto cancel = std::make_shared<std::function<void()>>();
  auto [reply, reactor] = Reply::Open([cancel] {
    if (*cancel) (*cancel)();
  });
  auto spawned = scope.SpawnCancellable(Answer(reply, std::move(work)));
  if (spawned) {
    *cancel = std::move(*spawned);
  } else {
    reply.End(Status(std::move(spawned).error()));
  }
  return reactor;
}

std::optional<int64_t> RemainingMs(const grpc::ServerContextBase& context) {
  const auto deadline = context.deadline();
  // gRPC says "none" with a time centuries ahead
  const auto now = std::chrono::system_clock::now();
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - now).count();
  constexpr int64_t kNone = int64_t{10} * 365 * 24 * 3600 * 1000;
  if (left > kNone) return std::nullopt;
  return std::max<int64_t>(left, 0);
}

}  // namespace troupe::rpc
