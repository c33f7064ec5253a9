// The floor: what three calls in a row cost over gRPC when nothing is written, decided or checked. One binary, run as
// three leaves and a router, each its own process; callback API, as in the product.
#include <grpcpp/grpcpp.h>

#include <array>
#include <iostream>
#include <memory>
#include <string>

#include "echo.grpc.pb.h"

namespace troupe::bench {
namespace {

constexpr int kHops = 3;

class Leaf final : public Echo::CallbackService {
 public:
  grpc::ServerUnaryReactor* Do(grpc::CallbackServerContext* context, const Text* request, Text* response) override {
    response->set_text(request->text());
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

// One chain under way; frees itself when the answer has left.
class ChainCall {
 public:
  ChainCall(const std::array<std::unique_ptr<Echo::Stub>, kHops>& leaves, grpc::ServerUnaryReactor* reactor,
            const Text& request, Text* response)
      : leaves_(leaves), reactor_(reactor), request_(request), response_(response) {}

  void Next() {
    const Text& input = hop_ == 0 ? request_ : texts_[hop_ - 1];
    Text* output = hop_ + 1 == kHops ? response_ : &texts_[hop_];
    leaves_[hop_]->async()->Do(&contexts_[hop_], &input, output, [this](grpc::Status status) {
      if (!status.ok() || ++hop_ == kHops) {
        reactor_->Finish(status);
        delete this;
        return;
      }
      Next();
    });
  }

 private:
  const std::array<std::unique_ptr<Echo::Stub>, kHops>& leaves_;
  grpc::ServerUnaryReactor* reactor_;
  const Text& request_;
  Text* response_;
  int hop_ = 0;
  std::array<grpc::ClientContext, kHops> contexts_;
  std::array<Text, kHops - 1> texts_;
};

class Router final : public Echo::CallbackService {
 public:
  explicit Router(char** addresses) {
    for (int i = 0; i < kHops; ++i) {
      leaves_[i] = Echo::NewStub(grpc::CreateChannel(addresses[i], grpc::InsecureChannelCredentials()));
    }
  }
  grpc::ServerUnaryReactor* Chain(grpc::CallbackServerContext* context, const Text* request, Text* response) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    (new ChainCall(leaves_, reactor, *request, response))->Next();
    return reactor;
  }

 private:
  std::array<std::unique_ptr<Echo::Stub>, kHops> leaves_;
};

int Serve(grpc::Service& service) {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) return 1;
  std::cout << "listening on 127.0.0.1:" << port << std::endl;
  server->Wait();
  return 0;
}

}  // namespace
}  // namespace troupe::bench

int main(int argc, char** argv) {
  const std::string role = argc > 1 ? argv[1] : "";
  if (role == "leaf") {
    troupe::bench::Leaf leaf;
    return troupe::bench::Serve(leaf);
  }
  if (role == "router" && argc == 5) {
    troupe::bench::Router router(argv + 2);
    return troupe::bench::Serve(router);
  }
  std::cerr << "usage: bench_floor leaf | bench_floor router LEAF LEAF LEAF\n";
  return 2;
}
