#include "runtime/rpc/client_call.h"

namespace troupe::rpc {

void Prepare(grpc::ClientContext& context, const CallOptions& options) {
  if (options.timeout_ms > 0) {
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(options.timeout_ms));
  }
  for (const auto& [key, value] : options.metadata) context.AddMetadata(key, value);
  context.set_wait_for_ready(options.wait_for_ready);
}

}  // namespace troupe::rpc
