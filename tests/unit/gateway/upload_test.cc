// Inputs that come by Upload, through a real router.
#include <future>

#include "runtime/base/digest.h"
#include "runtime/rpc/status.h"
#include "tests/support/eventually.h"
#include "tests/unit/gateway/harness.h"

namespace troupe::gateway {
namespace {

// An input that no single message may hold: the graph ignores nothing, so the padding is blanks around the JSON.
std::string LargeInput(const std::string& text) { return std::string(5u << 20, ' ') + Dump(Value{{"text", text}}); }

class UploadedInputs : public RouterTest {
 protected:
  void SetUp() override {
    first_ = std::make_unique<FakeAgent>("first", Socket("first-0"), Echo);
    second_ = std::make_unique<FakeAgent>("second", Socket("second-0"), Echo);
    StartRouter();
  }
  RouterOptions Options() override {
    RouterOptions options = RouterTest::Options();
    options.tasks.uploads.max_bytes = 8 << 20;
    options.tasks.uploads.max_total_bytes = 9 << 20;
    return options;
  }
  // `sha256` is what the first piece says.
  grpc::Status Upload(const std::string& content, v1::UploadResponse& response, const std::string& sha256 = "") {
    grpc::ClientContext context;
    Limit(context);
    const auto writer = tasks_->Upload(&context, &response);
    v1::UploadRequest piece;
    piece.set_sha256(sha256);
    for (size_t at = 0; at < content.size(); at += 1 << 20) {
      piece.set_chunk(content.substr(at, 1 << 20));
      if (!writer->Write(piece)) break;
    }
    writer->WritesDone();
    return writer->Finish();
  }
  static v1::SubmitRequest Referring(const std::string& sha256, const std::string& request_id = "") {
    v1::SubmitRequest request = Request("", request_id);
    request.clear_input_json();
    request.set_input_sha256(sha256);
    return request;
  }

  std::unique_ptr<FakeAgent> first_, second_;
};

TEST_F(UploadedInputs, ATaskTakesItsInputFromAnUpload) {
  const std::string content = LargeInput("hello");
  v1::UploadResponse uploaded;
  const grpc::Status status = Upload(content, uploaded);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(uploaded.sha256(), Sha256Hex(content));
  EXPECT_EQ(uploaded.bytes(), static_cast<int64_t>(content.size()));
  const std::string task_id = MustSubmit(Referring(uploaded.sha256(), "once"));
  ExpectNoGap(Watch(task_id));
  EXPECT_EQ(Get(task_id).task().output_json(), "\"hello\"");
  // the same input without an upload is the same request
  EXPECT_EQ(MustSubmit(Request("hello", "once")), task_id);
}

TEST_F(UploadedInputs, OneIsKeptOverARestartAndNotSentTwice) {
  const std::string content = LargeInput("hello");
  v1::UploadResponse first;
  ASSERT_TRUE(Upload(content, first, Sha256Hex(content)).ok());
  // when the router is started again
  ASSERT_TRUE(router_->Stop(std::chrono::milliseconds(1000)));
  router_.reset();
  StartRouter();
  // then a client that says what it is going to send is answered by its first piece, whatever that holds
  v1::UploadResponse again;
  ASSERT_TRUE(Upload("anything", again, first.sha256()).ok());
  EXPECT_EQ(again.bytes(), static_cast<int64_t>(content.size()));
  const std::string task_id = MustSubmit(Referring(first.sha256()));
  Watch(task_id);
  EXPECT_EQ(Get(task_id).task().output_json(), "\"hello\"");
}

TEST_F(UploadedInputs, AnotherContentThanWasSaidIsRefused) {
  v1::UploadResponse response;
  const grpc::Status another = Upload("{}", response, std::string(64, 'a'));
  EXPECT_EQ(another.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_NE(another.error_message().find(Sha256Hex("{}")), std::string::npos) << another.error_message();
  const grpc::Status no_digest = Upload("{}", response, "abc");
  EXPECT_EQ(no_digest.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_TRUE(no_digest.error_message().starts_with("sha256: ")) << no_digest.error_message();
  EXPECT_EQ(Submit(Referring(Sha256Hex("{}"))).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(UploadedInputs, WrongOnesAreRefused) {
  EXPECT_EQ(Submit(Referring("../../etc/passwd")).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Submit(Referring(std::string(64, 'a'))).error_code(), grpc::StatusCode::NOT_FOUND);
  v1::SubmitRequest both = Request();
  both.set_input_sha256(std::string(64, 'a'));
  const grpc::Status refused = Submit(both);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_NE(refused.error_message().find("input_sha256"), std::string::npos);
  v1::UploadResponse response;
  EXPECT_EQ(Upload("", response).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Upload(std::string(9 << 20, 'x'), response).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  // what comes is checked like any other input
  ASSERT_TRUE(Upload("no json", response).ok());
  EXPECT_EQ(Submit(Referring(response.sha256())).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(UploadedInputs, RunningTasksHoldSoMuchOfThemAndNoMore) {
  first_.reset();
  FakeAgent first("first", Socket("first-0"));
  v1::UploadResponse uploaded;
  ASSERT_TRUE(Upload(LargeInput("hello"), uploaded).ok());
  // given a task that runs, whose input is more than half of what may be
  const std::string task_id = MustSubmit(Referring(uploaded.sha256()));
  const FakeAgent::WorkPtr work = first.Next();
  ASSERT_TRUE(work);
  // then another one of that size has to wait, and a small one does not
  const grpc::Status refused = Submit(Referring(uploaded.sha256()));
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_GT(rpc::FromGrpc(refused).retry_after_ms, 0);
  MustSubmit();
  Cancel(task_id);
  MustSubmit(Referring(uploaded.sha256()));
}

TEST_F(UploadedInputs, OneThatIsCancelledLeavesNothing) {
  {
    grpc::ClientContext context;
    v1::UploadResponse response;
    const auto writer = tasks_->Upload(&context, &response);
    v1::UploadRequest piece;
    piece.set_sha256(Sha256Hex("half and half"));
    piece.set_chunk("half");
    ASSERT_TRUE(writer->Write(piece));
    context.TryCancel();
    EXPECT_EQ(writer->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  v1::UploadResponse response;
  ASSERT_TRUE(Upload("whole", response).ok());
  router_.reset();
  const std::filesystem::path uploads = folder_ / "data/uploads";
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(uploads), std::filesystem::directory_iterator()), 1);
}

class StalledUploads : public UploadedInputs {
 protected:
  void SetUp() override {
    RouterOptions options = Options();
    options.tasks.uploads.stall_check_ms = 1;
    options.tasks.uploads.max_count = 1;
    Result<std::unique_ptr<Router>> router = Router::Start(std::move(options), clock_);
    ASSERT_TRUE(router) << router.error().message;
    router_ = std::move(*router);
    Connect();
  }
  size_t FilesLeft() const {
    return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(folder_ / "data/uploads"),
                                             std::filesystem::directory_iterator()));
  }
  // How it ends while time passes and the client does nothing.
  grpc::Status EndOf(grpc::ClientWriter<v1::UploadRequest>& writer) {
    std::future<grpc::Status> end = std::async(std::launch::async, [&writer] { return writer.Finish(); });
    EXPECT_TRUE(Eventually("it is ended", [&] {
      clock_.Advance(1'000);
      return end.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    }));
    return end.get();
  }
  ManualClock clock_;
};

TEST_F(StalledUploads, AClientThatSendsNothingIsSentAwayAndNothingIsKept) {
  // given an upload under way, which takes the only place, and sends for longer than the limit
  grpc::ClientContext context;
  Limit(context);
  v1::UploadResponse response;
  const auto writer = tasks_->Upload(&context, &response);
  v1::UploadRequest piece;
  for (int i = 0; i < 3; ++i) {
    piece.set_chunk("piece" + std::to_string(i));
    ASSERT_TRUE(writer->Write(piece));
    const auto size = static_cast<size_t>(6 * (i + 1));
    ASSERT_TRUE(Eventually("the piece is on disk", [&] {
      std::error_code none;
      return std::filesystem::file_size(folder_ / "data/uploads/part-1", none) == size && !none;
    }));
    if (i < 2) clock_.Advance(40'000);
  }
  // when nothing more comes, then it ends without the client doing anything, and leaves nothing
  const grpc::Status status = EndOf(*writer);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED) << status.error_message();
  EXPECT_NE(status.error_message().find("has sent nothing for 60 s"), std::string::npos) << status.error_message();
  EXPECT_EQ(FilesLeft(), 0u);
  // and its place is free
  v1::UploadResponse next;
  EXPECT_TRUE(Upload("whole", next).ok());
  EXPECT_EQ(FilesLeft(), 1u);
}

TEST_F(StalledUploads, OneThatNeverSendsAPieceIsSentAwayToo) {
  grpc::ClientContext context;
  Limit(context);
  v1::UploadResponse response;
  const auto writer = tasks_->Upload(&context, &response);
  const grpc::Status status = EndOf(*writer);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  // by the router, not for the client's own deadline
  EXPECT_NE(status.error_message().find("has sent nothing for 60 s"), std::string::npos) << status.error_message();
}

}  // namespace
}  // namespace troupe::gateway
