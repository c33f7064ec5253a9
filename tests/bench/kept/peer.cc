#include "tests/bench/kept/peer.h"

#include <grpcpp/grpcpp.h>

#include <iostream>
#include <memory>

#include "troupe/v1/task.grpc.pb.h"

namespace troupe::bench {
namespace {

class OneMessage final : public grpc::ServerWriteReactor<v1::RunResponse> {
 public:
  explicit OneMessage(const v1::RunResponse& response) {
    StartWriteAndFinish(&response, grpc::WriteOptions(), grpc::Status::OK);
  }
  void OnDone() override { delete this; }
};

class Peer final : public v1::TaskService::CallbackService {
 public:
  explicit Peer(const std::string& text) {
    response_.mutable_kept()->set_task_id(std::string(36, '0'));
    v1::Record& record = *response_.mutable_record();
    record.set_sequence(1);
    record.mutable_event()->mutable_accepted()->mutable_input()->set_json("{\"text\":\"" + text + "\"}");
    record.add_decisions()->mutable_finish_task()->mutable_output()->set_json("\"" + text + "\"");
  }
  grpc::ServerWriteReactor<v1::RunResponse>* Run(grpc::CallbackServerContext*, const v1::RunRequest*) override {
    return new OneMessage(response_);
  }

 private:
  v1::RunResponse response_;
};

}  // namespace

int ServePeer(const std::string& text) {
  Peer peer(text);
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&peer);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) return 1;
  std::cout << "listening on 127.0.0.1:" << port << std::endl;
  server->Wait();
  return 0;
}

}  // namespace troupe::bench
