// A real gRPC server on a socket stands for the router, so that breaking off and resuming are the real thing.
#include "router/cli/follow.h"

#include <gtest/gtest.h>

#include <mutex>

#include "tests/support/temp_folder.h"
#include "tests/unit/cli/records.h"

namespace troupe::cli {
namespace {

// Streams `records`, breaking off after each `break_after` of them.
class BreakingRouter final : public v1::TaskService::Service {
 public:
  grpc::Status Run(grpc::ServerContext*, const v1::RunRequest* request,
                   grpc::ServerWriter<v1::RunResponse>* writer) override {
    const std::lock_guard lock(mutex_);
    request_ids_.push_back(request->submit().request_id());
    if (refuse_) return {grpc::StatusCode::INVALID_ARGUMENT, "input.message: is missing"};
    v1::RunResponse response;
    response.set_task_id("task-1");
    return Send(*writer, response, 0);
  }
  grpc::Status Watch(grpc::ServerContext*, const v1::WatchRequest* request,
                     grpc::ServerWriter<v1::WatchResponse>* writer) override {
    const std::lock_guard lock(mutex_);
    resumed_after_.push_back(request->after_sequence());
    v1::WatchResponse response;
    // one more than asked for: an overlap must not be shown twice
    return Send(*writer, response, std::max<int64_t>(0, request->after_sequence() - 1));
  }

  template <typename Response>
  grpc::Status Send(grpc::ServerWriter<Response>& writer, Response response, int64_t after) {
    int sent = 0;
    for (const v1::Record& record : records_) {
      if (record.sequence() <= after) continue;
      if (sent++ == break_after_) return {grpc::StatusCode::UNAVAILABLE, "going away"};
      *response.mutable_record() = record;
      writer.Write(response);
    }
    return grpc::Status::OK;
  }

  std::mutex mutex_;
  std::vector<v1::Record> records_;
  int break_after_ = 1'000;
  bool refuse_ = false;
  std::vector<std::string> request_ids_;
  std::vector<int64_t> resumed_after_;
};

class Following : public testing::Test {
 protected:
  void SetUp() override {
    address_ = "unix:" + (folder_.path / "router.sock").string();
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address_, grpc::InsecureServerCredentials());
    builder.RegisterService(&router_);
    server_ = builder.BuildAndStart();
    Script script;
    router_.records_.push_back(script.Accepted());
    v1::Record& started = script.At(1);
    Start(started, "reply", "writer");
    router_.records_.push_back(started);
    for (int i = 0; i < 4; ++i) {
      v1::Record& progress = script.At(2 + i);
      Progress(progress, "reply", "word" + std::to_string(i) + "\n", i);
      router_.records_.push_back(progress);
    }
    v1::Record& done = script.At(9);
    Done(done, "reply", "writer-0", 4);
    Finish(done, "\"the answer\"");
    router_.records_.push_back(done);
    out_ = tmpfile();
    options_.stream = out_;
  }
  void TearDown() override {
    server_->Shutdown();
    fclose(out_);
  }
  v1::RunRequest Request() {
    v1::RunRequest request;
    request.mutable_submit()->set_graph("help-desk");
    request.mutable_submit()->set_request_id("request-1");
    request.set_detail(v1::DETAIL_TEXT);
    return request;
  }
  std::string Shown() {
    rewind(out_);
    std::string text(65536, '\0');
    text.resize(fread(text.data(), 1, text.size(), out_));
    return text;
  }

  const TempFolder folder_;
  std::string address_;
  BreakingRouter router_;
  std::unique_ptr<grpc::Server> server_;
  std::FILE* out_ = nullptr;
  FollowOptions options_;
};

TEST_F(Following, ShowsATaskToItsEnd) {
  Client client(address_);
  const auto view = RunAndFollow(client, SystemClock(), Request(), options_);
  ASSERT_TRUE(view) << ToString(view.error());
  EXPECT_EQ(view->output(), "the answer");
  EXPECT_EQ(view->task_id(), "task-1");
}

TEST_F(Following, AStreamThatBreaksOffGoesOnWhereItWasWithoutARepeat) {
  // given a router that breaks off after every second record and overlaps by one
  router_.break_after_ = 2;
  Client client(address_);
  // when
  const auto view = RunAndFollow(client, SystemClock(), Request(), options_);
  // then every line is there once
  ASSERT_TRUE(view) << ToString(view.error());
  const std::string shown = Shown();
  for (const char* word : {"word0", "word1", "word2", "word3", "accepted by", "task done"}) {
    const size_t first = shown.find(word);
    EXPECT_NE(first, std::string::npos) << word << " in\n" << shown;
    EXPECT_EQ(shown.find(word, first + 1), std::string::npos) << word << " twice in\n" << shown;
  }
  const std::lock_guard lock(router_.mutex_);
  EXPECT_EQ(router_.request_ids_, std::vector<std::string>{"request-1"});
  EXPECT_EQ(router_.resumed_after_.front(), 2);
}

TEST_F(Following, ARefusalIsSaidAndNotTriedAgain) {
  router_.refuse_ = true;
  Client client(address_);
  const auto view = RunAndFollow(client, SystemClock(), Request(), options_);
  ASSERT_FALSE(view);
  EXPECT_EQ(view.error().code, Code::kInvalidArgument);
  EXPECT_EQ(view.error().message, "input.message: is missing");
  const std::lock_guard lock(router_.mutex_);
  EXPECT_EQ(router_.request_ids_.size(), 1u);
}

TEST_F(Following, WithoutARouterItSaysHowToStartOne) {
  Client client("unix:" + (folder_.path / "nobody.sock").string());
  const auto view = RunAndFollow(client, SystemClock(), Request(), options_);
  ASSERT_FALSE(view);
  EXPECT_EQ(view.error().code, Code::kUnavailable);
  EXPECT_NE(view.error().message.find("troupe up GRAPH.yaml"), std::string::npos);
}

TEST_F(Following, RecordsAreLinesOfJsonWhenAsked) {
  options_.show = Show::kRecords;
  Client client(address_);
  ASSERT_TRUE(WatchAndFollow(client, SystemClock(), "task-1", 0, v1::DETAIL_TEXT, options_));
  const std::string shown = Shown();
  EXPECT_EQ(std::count(shown.begin(), shown.end(), '\n'), 7);
  EXPECT_TRUE(ParseValue(shown.substr(0, shown.find('\n'))));
}

}  // namespace
}  // namespace troupe::cli
