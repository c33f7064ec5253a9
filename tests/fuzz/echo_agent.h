// A real agent host in this process, with the cheapest kind there is.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "agents/host/service.h"
#include "agents/scripted/scripted.h"
#include "runtime/base/check.h"
#include "runtime/kind/kind.h"
#include "runtime/rpc/server.h"
#include "troupe/v1/agent.grpc.pb.h"

namespace troupe::fuzz {

class EchoAgent {
 public:
  explicit EchoAgent(const std::string& address) {
    host::Spec spec;
    spec.agent = "first";
    spec.kind = "scripted";
    spec.replica = "first-0";
    spec.config = {{"echo", true}};
    spec.slots = 4;
    spec.queue_limit = 64;
    spec.max_tokens = 100;
    spec.device.product = "cpu";
    auto kind = scripted::Make(spec);
    CHECK(kind.has_value());
    kind_ = std::move(*kind);
    service_ = std::make_unique<host::Service>(spec, *kind::FindKind("scripted"), *kind_);
    rpc::ServerOptions options;
    options.addresses = {address};
    options.services = {{service_.get(), v1::AgentService::service_full_name()}};
    auto server = rpc::Server::Start(options);
    CHECK(server.has_value());
    server_ = std::move(*server);
  }
  ~EchoAgent() {
    service_->Drain();
    service_->HandBack();
    server_->Shutdown(std::chrono::seconds(5));
    kind_->Stop();
  }
  const std::string& address() const { return server_->addresses().front(); }

 private:
  std::unique_ptr<host::Kind> kind_;
  std::unique_ptr<host::Service> service_;
  std::unique_ptr<rpc::Server> server_;
};

}  // namespace troupe::fuzz
