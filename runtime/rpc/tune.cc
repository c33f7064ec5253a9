#include "runtime/rpc/tune.h"

#include <absl/synchronization/mutex.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>

#include <chrono>

namespace troupe::rpc {
namespace {

// One call, over before it begins, on a channel that is never let go of: what makes gRPC hold its callback threads.
void HoldCallbackThreads() {
  struct Call {
    grpc::GenericStub stub{grpc::CreateChannel("unix:/nonexistent", grpc::InsecureChannelCredentials())};
    grpc::ClientContext context;
    grpc::Slice nothing;
    grpc::ByteBuffer request{&nothing, 1};
    grpc::ByteBuffer response;
  };
  static Call* const call = new Call;
  call->context.set_deadline(std::chrono::system_clock::time_point{});
  call->stub.UnaryCall(&call->context, "/troupe.v1.None/None", grpc::StubOptions(), &call->request, &call->response,
                       [](grpc::Status) {});
}

}  // namespace

void TuneOnce() {
  [[maybe_unused]] static const bool done = [] {
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
    HoldCallbackThreads();
    return true;
  }();
}

}  // namespace troupe::rpc
