// What a router refuses, and how it says so.
#include "runtime/rpc/status.h"
#include "tests/unit/gateway/harness.h"

namespace troupe::gateway {
namespace {

TEST_F(RouterTest, NamesTheWrongField) {
  StartRouter();
  const auto request = [](auto change) {
    v1::SubmitRequest out = Request();
    change(out);
    return out;
  };
  const std::pair<v1::SubmitRequest, std::string> cases[] = {
      {request([](auto& r) { r.set_graph(""); }), "graph"},
      {request([](auto& r) { r.set_graph(std::string(64, 'g')); }), "graph"},
      {request([](auto& r) { r.set_input_json("{\"text\":5}"); }), "input.text"},
      {request([](auto& r) { r.set_input_json("{}"); }), "input.text"},
      {request([](auto& r) { r.set_input_json("{"); }), "input_json"},
      {request([](auto& r) { r.set_input_json("{\"text\":\"" + std::string(3 << 20, 'x') + "\"}"); }), "input_json"},
      {request([](auto& r) { r.set_request_id(std::string(129, 'r')); }), "request_id"},
      {request([](auto& r) { r.set_timeout_ms(-1); }), "timeout_ms"},
      {request([](auto& r) { r.set_priority(10); }), "priority"},
      {request([](auto& r) { r.set_priority(-1); }), "priority"},
      {request([](auto& r) { r.set_token_limit(-1); }), "token_limit"},
      {request([](auto& r) { r.set_device_us_limit(-1); }), "device_us_limit"},
      {request([](auto& r) { r.set_money_limit_micros(-1); }), "money_limit_micros"},
      {request([](auto& r) { (*r.mutable_labels())["k"] = std::string(256, 'v'); }), "labels.k"},
      {request([](auto& r) {
         for (int i = 0; i < 17; ++i) (*r.mutable_labels())[std::to_string(i)] = "v";
       }),
       "labels"},
  };
  for (const auto& [wrong, field] : cases) {
    const grpc::Status status = Submit(wrong);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << field;
    const rpc::ErrorDetails details = rpc::DetailsFromGrpc(status);
    ASSERT_EQ(details.violations.size(), 1u) << status.error_message();
    EXPECT_EQ(details.violations[0].field, field) << status.error_message();
  }
  EXPECT_EQ(Submit(request([](auto& r) { r.set_graph("other"); })).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(RouterTest, UnknownTasksAreNotFound) {
  StartRouter();
  const std::string nobody = NewUuid7();
  grpc::ClientContext get, watch, cancel, odd;
  v1::GetRequest request;
  request.set_task_id(nobody);
  v1::GetResponse response;
  EXPECT_EQ(tasks_->Get(&get, request, &response).error_code(), grpc::StatusCode::NOT_FOUND);
  v1::WatchRequest watched;
  watched.set_task_id(nobody);
  EXPECT_EQ(tasks_->Watch(&watch, watched)->Finish().error_code(), grpc::StatusCode::NOT_FOUND);
  v1::CancelRequest cancelled;
  cancelled.set_task_id(nobody);
  v1::CancelResponse state;
  EXPECT_EQ(tasks_->Cancel(&cancel, cancelled, &state).error_code(), grpc::StatusCode::NOT_FOUND);
  request.set_task_id("x");
  EXPECT_EQ(tasks_->Get(&odd, request, &response).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

class FullRouterTest : public RouterTest {
 protected:
  RouterOptions Options() override {
    RouterOptions options = RouterTest::Options();
    options.tasks.max_running = 2;
    return options;
  }
};

TEST_F(FullRouterTest, TakesNoMoreTasksThanItMayAndSaysWhenToTryAgain) {
  FakeAgent first("first", Socket("first-0")), second("second", Socket("second-0"), Echo);
  StartRouter();
  const std::string running = MustSubmit();
  MustSubmit();
  // when one too many comes
  const grpc::Status status = Submit(Request());
  // then it is refused with a time to wait, and fits once another has ended
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_GT(rpc::FromGrpc(status).retry_after_ms, 0);
  Cancel(running);
  MustSubmit();
}

TEST_F(RouterTest, AWrongGraphIsRefusedWithEveryFinding) {
  StartRouter();
  grpc::ClientContext context;
  v1::ApplyRequest request;
  std::string wrong = kGraph;
  wrong.replace(wrong.find("agent: first"), 12, "agent: frist");
  request.mutable_source()->set_yaml(wrong);
  request.mutable_source()->set_file_name("pair.yaml");
  v1::ApplyResponse response;
  const grpc::Status status = graphs_->Apply(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  ASSERT_FALSE(rpc::DetailsFromGrpc(status).violations.empty());
  EXPECT_TRUE(rpc::DetailsFromGrpc(status).violations[0].field.starts_with("pair.yaml:")) << status.error_message();
}

TEST_F(RouterTest, ASecondRouterOnTheSameJournalIsRefused) {
  StartRouter();
  RouterOptions options = Options();
  options.listen = {Socket("other")};
  const auto second = Router::Start(options);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::kFailedPrecondition);
}

}  // namespace
}  // namespace troupe::gateway
