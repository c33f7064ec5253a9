#include "tests/unit/rpc/fixture.h"

namespace troupe::rpc {
namespace {
class StreamTest : public RpcTest {
 protected:
  void ServeEcho() {
    service_.work = [this](auto*) { return std::make_shared<EchoCall>(events_)->Open(); };
  }
  EchoCall::Events events_;
  std::shared_ptr<Heard> heard_ = std::make_shared<Heard>();
};

TEST_F(StreamTest, AMessageSentAsFirstAndLastIsAnswered) {
  // given
  ServeEcho();
  // when
  auto stream = WorkStream::Start(WorkMethod(), {.timeout_ms = 30'000}, Listen(heard_), StartOf("hello"),
                                  WorkStream::More::kLast);
  // then
  ASSERT_TRUE(heard_->done.Wait());
  EXPECT_TRUE(heard_->status.ok()) << heard_->status.error_message();
  EXPECT_EQ(heard_->Text(), "hello");
  EXPECT_TRUE(events_.ended->Wait());
}

TEST_F(StreamTest, ManyMessagesGoBothWaysInOrder) {
  // given
  ServeEcho();
  std::string expected = "0,";
  // when
  auto stream = WorkStream::Start(WorkMethod(), {.timeout_ms = 30'000}, Listen(heard_), StartOf("0,"));
  for (int i = 1; i < 500; ++i) {
    stream.Send(AnswerOf(std::to_string(i) + ","));
    expected += std::to_string(i) + ",";
  }
  stream.EndInput();
  // then
  ASSERT_TRUE(heard_->done.Wait());
  EXPECT_TRUE(heard_->status.ok()) << heard_->status.error_message();
  EXPECT_EQ(heard_->Text(), expected);
}

TEST_F(StreamTest, TheLastMessageAndTheEndArriveTogether) {
  // given
  class Once final : public ServerStreamCall<v1::WorkRequest, v1::WorkResponse> {
    bool OnMessage(v1::WorkRequest&) override {
      v1::WorkResponse first, last;
      first.mutable_delta()->set_text("a");
      last.mutable_delta()->set_text("b");
      Send(std::move(first));
      SendAndEnd(std::move(last), ToGrpc(Exhausted("enough", 5)));
      return false;
    }
  };
  service_.work = [](auto*) { return std::make_shared<Once>()->Open(); };
  // when
  auto stream = WorkStream::Start(WorkMethod(), {.timeout_ms = 30'000}, Listen(heard_), StartOf(""));
  // then
  ASSERT_TRUE(heard_->done.Wait());
  EXPECT_EQ(heard_->Text(), "ab");
  EXPECT_EQ(FromGrpc(heard_->status), Exhausted("enough", 5));
}

TEST_F(StreamTest, AServerStreamArrivesInOrderAndEnds) {
  // given
  service_.report = [](auto*) {
    auto [writer, reactor] = ServerWriter<v1::ReportResponse>::Open();
    for (int i = 0; i < 300; ++i) {
      v1::ReportResponse load;
      load.set_active(i);
      EXPECT_TRUE(writer.Send(std::move(load)));
    }
    writer.End(Status{});
    return reactor;
  };
  int expected = 0;
  Flag done;
  grpc::Status status;
  // when
  auto reader = ReportReader::Start(ReportMethod(), v1::ReportRequest(), {.timeout_ms = 30'000},
                                    {.on_message = [&](auto& load) { EXPECT_EQ(load.active(), expected++); },
                                     .on_done =
                                         [&](const grpc::Status& s) {
                                           status = s;
                                           done.Set();
                                         }});
  // then
  ASSERT_TRUE(done.Wait());
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(expected, 300);
}

TEST_F(StreamTest, AServerWriterThatIsDroppedEndsAsCancelled) {
  // given
  service_.report = [](auto*) { return ServerWriter<v1::ReportResponse>::Open().second; };
  Flag done;
  grpc::Status status;
  // when
  auto reader = ReportReader::Start(ReportMethod(), v1::ReportRequest(), {.timeout_ms = 30'000},
                                    {.on_message = [](auto&) {},
                                     .on_done =
                                         [&](const grpc::Status& s) {
                                           status = s;
                                           done.Set();
                                         }});
  // then
  ASSERT_TRUE(done.Wait());
  EXPECT_EQ(status.error_code(), grpc::StatusCode::CANCELLED);
}
}  // namespace
}  // namespace troupe::rpc
