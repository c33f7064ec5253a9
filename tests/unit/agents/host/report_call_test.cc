#include "agents/host/report_call.h"

#include <gtest/gtest.h>

#include <memory>

#include "runtime/rpc/channel.h"
#include "runtime/rpc/server.h"
#include "troupe/v1/agent.grpc.pb.h"

namespace troupe::host {
namespace {

v1::ReportResponse Load(int queued) {
  v1::ReportResponse load;
  load.set_queued(queued);
  return load;
}

// Offers 1, 2, 3, 3 before gRPC has taken the first of them.
class Reporter final : public v1::AgentService::CallbackService {
 public:
  grpc::ServerWriteReactor<v1::ReportResponse>* Report(grpc::CallbackServerContext*,
                                                       const v1::ReportRequest*) override {
    auto call = std::make_shared<ReportCall>();
    auto* reactor = call->Open();
    for (int queued : {1, 2, 3, 3}) call->Offer(Load(queued));
    call_ = std::move(call);
    return reactor;
  }
  // From another thread, once the reader has seen the first.
  std::shared_ptr<ReportCall> call() const { return call_; }

 private:
  std::shared_ptr<ReportCall> call_;
};

TEST(ReportCallTest, TheNewestLoadIsSentWhenTheOneBeforeIsTaken) {
  // given
  Reporter reporter;
  rpc::ServerOptions options;
  options.addresses = {"127.0.0.1:0"};
  options.services = {{&reporter, v1::AgentService::service_full_name()}};
  auto server = rpc::Server::Start(options);
  ASSERT_TRUE(server) << ToString(server.error());
  auto stub = v1::AgentService::NewStub(*rpc::OpenChannel((*server)->addresses()[0]));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  v1::ReportResponse load;
  // when
  auto report = stub->Report(&context, {});
  // then: what came between is left out, the newest is not
  ASSERT_TRUE(report->Read(&load));
  EXPECT_EQ(load.queued(), 1);
  ASSERT_TRUE(report->Read(&load));
  EXPECT_EQ(load.queued(), 3);
  // and the same again is not sent
  reporter.call()->Offer(Load(3));
  reporter.call()->Offer(Load(4));
  ASSERT_TRUE(report->Read(&load));
  EXPECT_EQ(load.queued(), 4);
  context.TryCancel();
  while (report->Read(&load)) {
  }
  report->Finish();
  (*server)->Shutdown(std::chrono::seconds(10));
}

}  // namespace
}  // namespace troupe::host
