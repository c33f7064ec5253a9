// Channels to a server: over a unix socket or TCP, with the limits and pings that Server expects. Thread-safe; share
// one for each address.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <optional>
#include <string>

#include "runtime/base/error.h"
#include "runtime/rpc/server.h"

namespace troupe::rpc {

struct ChannelOptions {
  std::optional<TlsFiles> tls;
  int max_receive_bytes = 16 << 20;
  // Reconnects no slower than this after failures.
  std::chrono::milliseconds max_reconnect_backoff{2'000};
  // Own connection, even where another channel leads to the same address.
  bool own_connection = false;
};

// Connects when first used. Errors: INVALID_ARGUMENT for no address, FAILED_PRECONDITION for plaintext off the machine.
Result<std::shared_ptr<grpc::Channel>> OpenChannel(const std::string& address, const ChannelOptions& options = {});

}  // namespace troupe::rpc
