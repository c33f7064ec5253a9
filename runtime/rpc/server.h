// One gRPC server: its addresses, services, health, reflection, limits, and the order in which it stops. Made in main
// or by whoever serves; services are owned by the caller and outlive it. Handlers run on gRPC's threads: they answer
// small work at once and hand everything else to an executor (see server_call.h). Stops: Shutdown, or the destructor
// with no patience. Not ready -> no new calls -> drain until the limit -> cancel -> join.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/error.h"

namespace grpc {
class Server;
class Service;
}  // namespace grpc

namespace troupe::rpc {

// PEM files, read once at start.
struct TlsFiles {
  std::string certificate;
  std::string key;
  // Who may call or be called: servers demand a client's certificate signed by it; empty lets any client in.
  std::string authority;
};

// A service and its full name, as the generated code says it: {&impl, v1::TaskService::service_full_name()}.
struct ServedService {
  grpc::Service* service = nullptr;
  std::string name;
};

struct ServerOptions {
  // "unix:/run/x.sock", "127.0.0.1:0" (any free port), "[::1]:7600". Without TLS only unix sockets and loopback.
  std::vector<std::string> addresses;
  std::vector<ServedService> services;
  std::optional<TlsFiles> tls;
  int max_receive_bytes = 4 << 20;
  int max_send_bytes = 16 << 20;
  // Calls at once on one connection; further ones wait in the client.
  int max_concurrent_streams = 4096;
  // Clients that ping more often are sent away.
  std::chrono::milliseconds min_ping_interval{5'000};
  // Pings of our own to clients that are silent, so that dead ones are noticed.
  std::chrono::milliseconds keepalive_interval{30'000};
};

class Server {
 public:
  // Listening when it returns, and not ready until SetReady. Errors: INVALID_ARGUMENT for an address, UNAVAILABLE where
  // one is taken, FAILED_PRECONDITION for plaintext off the machine or unreadable TLS files.
  static Result<std::unique_ptr<Server>> Start(const ServerOptions& options);
  ~Server();

  // As asked for, with the port that was taken in place of 0.
  const std::vector<std::string>& addresses() const { return addresses_; }

  // What grpc.health.v1.Health says of the whole server.
  void SetReady(bool ready);

  // Blocks until the last call has ended. True where all ended by themselves within the limit. Later calls do nothing.
  bool Shutdown(std::chrono::milliseconds drain_limit);

 private:
  Server();

  std::vector<std::string> addresses_;
  std::vector<std::unique_ptr<grpc::Service>> own_services_;
  std::unique_ptr<grpc::Server> server_;
  bool stopped_ = false;
};

// True for a unix socket or an address of the loopback interface.
bool IsLocalAddress(const std::string& address);

}  // namespace troupe::rpc
