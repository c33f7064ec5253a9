#include "runtime/rpc/server.h"

#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/service_type.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include "runtime/rpc/credentials.h"
#include "runtime/rpc/reflection.h"
#include "runtime/rpc/tune.h"

namespace troupe::rpc {
namespace {
std::string WithPort(const std::string& address, int port) {
  const size_t colon = address.rfind(':');
  if (address.rfind("unix", 0) == 0 || colon == std::string::npos) return address;
  return address.substr(0, colon + 1) + std::to_string(port);
}

// gRPC takes a host without a port, and then picks one: not what anybody means.
Status CheckAddress(const std::string& address) {
  if (address.rfind("unix", 0) == 0) {
    constexpr size_t kMaxUnixPath = 107;  // sockaddr_un.sun_path
    const std::string path = address.substr(address.find(':') + 1);
    if (path.empty() || path.size() > kMaxUnixPath) {
      return Invalid("address " + address + ": a unix socket's path has 1 to 107 bytes, this one " +
                     std::to_string(path.size()) + "; use a shorter folder");
    }
    return {};
  }
  const size_t colon = address.rfind(':');
  const bool has_port = colon != std::string::npos && colon + 1 < address.size() &&
                        address.find_first_not_of("0123456789", colon + 1) == std::string::npos;
  if (!has_port) return Invalid("address " + address + ": must be unix:/path or host:port");
  return {};
}

void SetLimits(grpc::ServerBuilder& builder, const ServerOptions& options) {
  builder.SetMaxReceiveMessageSize(options.max_receive_bytes);
  builder.SetMaxSendMessageSize(options.max_send_bytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.max_concurrent_streams);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             static_cast<int>(options.min_ping_interval.count()));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, static_cast<int>(options.keepalive_interval.count()));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // two processes on one port would share its connections at random
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}
}  // namespace

Server::Server() = default;

Result<std::unique_ptr<Server>> Server::Start(const ServerOptions& options) {
  if (options.addresses.empty()) return Invalid("no address to listen on; say unix:/path or host:port");
  TuneOnce();
  grpc::EnableDefaultHealthCheckService(true);
  std::unique_ptr<Server> server(new Server);
  grpc::ServerBuilder builder;
  SetLimits(builder, options);
  std::vector<int> ports(options.addresses.size(), 0);
  for (size_t i = 0; i < options.addresses.size(); ++i) {
    TRY(CheckAddress(options.addresses[i]));
    TRY_ASSIGN(auto credentials, ServerCredentialsFor(options.addresses[i], options.tls));
    builder.AddListeningPort(options.addresses[i], credentials, &ports[i]);
  }
  std::vector<std::string> names;
  for (const auto& [service, name] : options.services) {
    builder.RegisterService(service);
    names.push_back(name);
  }
  server->own_services_ = MakeReflection(names);
  for (auto& service : server->own_services_) builder.RegisterService(service.get());
  server->server_ = builder.BuildAndStart();
  for (size_t i = 0; i < ports.size(); ++i) {
    if (!server->server_ || ports[i] == 0) {
      server->stopped_ = server->server_ == nullptr;
      return Unavailable("cannot listen on " + options.addresses[i] + ": taken, or not an address of this machine");
    }
    server->addresses_.push_back(WithPort(options.addresses[i], ports[i]));
  }
  server->SetReady(false);
  return server;
}

Server::~Server() { Shutdown(std::chrono::milliseconds(0)); }

void Server::SetReady(bool ready) {
  if (auto* health = server_->GetHealthCheckService()) health->SetServingStatus(ready);
}

bool Server::Shutdown(std::chrono::milliseconds drain_limit) {
  if (stopped_ || !server_) return true;
  stopped_ = true;
  SetReady(false);
  // Shutdown(deadline) stops listening, waits, then cancels what is left; it does not say which of the two it was
  const auto deadline = std::chrono::system_clock::now() + drain_limit;
  server_->Shutdown(deadline);
  const bool drained = std::chrono::system_clock::now() < deadline || drain_limit.count() == 0;
  server_->Wait();
  server_.reset();
  return drained;
}

}  // namespace troupe::rpc
