// What a router finds again: tasks after a crash, requests made twice.
#include "tests/unit/gateway/harness.h"

namespace troupe::gateway {
namespace {

TEST_F(RouterTest, UnfinishedTasksGoOnWithTheirKeyAndTheirText) {
  FakeAgent first("first", Socket("first-0")), second("second", Socket("second-0"), Echo);
  StartRouter();
  // given a task whose first step has shown some text
  grpc::ClientContext context;
  Limit(context);
  v1::RunRequest request;
  *request.mutable_submit() = Request();
  request.set_detail(v1::DETAIL_TEXT);
  auto reader = tasks_->Run(&context, request);
  v1::RunResponse response;
  ASSERT_TRUE(reader->Read(&response));
  const std::string task_id = response.task_id();
  const FakeAgent::WorkPtr before = first.Next();
  ASSERT_TRUE(before);
  before->Say("shown ");
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.record().event().step_progress().text(), "shown ");
  // when the router goes without a word and comes back
  router_.reset();
  (void)reader->Finish();
  StartRouter();
  // then the step is sent again under the same key with the text that was shown
  const FakeAgent::WorkPtr again = first.Next();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->start().idempotency_key(), before->start().idempotency_key());
  EXPECT_EQ(again->start().committed_text(), "shown ");
  EXPECT_FALSE(again->start().quiet());
  again->Say("and more");
  again->Done("{\"text\":\"shown and more\"}");
  // and the whole story has no gap and no repeat
  const std::vector<v1::Record> records = Watch(task_id);
  ExpectNoGap(records);
  std::string text;
  for (const v1::Record& record : records) text += record.event().step_progress().text();
  EXPECT_EQ(text, "shown and more");
  EXPECT_EQ(Get(task_id).task().output_json(), "\"shown and more\"");
}

TEST_F(RouterTest, FinishedStepsAreNotDoneAgain) {
  FakeAgent first("first", Socket("first-0"), Echo), second("second", Socket("second-0"));
  StartRouter();
  const std::string task_id = MustSubmit();
  ASSERT_TRUE(second.Next());
  router_.reset();
  StartRouter();
  const FakeAgent::WorkPtr work = second.Next();
  ASSERT_TRUE(work);
  Echo(work);
  ExpectNoGap(Watch(task_id));
  EXPECT_EQ(first.started(), 1);
}

TEST_F(RouterTest, TheSameRequestIsTheSameTaskAlsoAfterARestart) {
  FakeAgent first("first", Socket("first-0")), second("second", Socket("second-0"), Echo);
  StartRouter();
  // given a request that was made
  const std::string task_id = MustSubmit(Request("hello", "req-1"));
  // when it is made again while the task runs, after a restart, and after it has ended, then it is the same task
  EXPECT_EQ(MustSubmit(Request("hello", "req-1")), task_id);
  router_.reset();
  StartRouter();
  EXPECT_EQ(MustSubmit(Request("hello", "req-1")), task_id);
  for (FakeAgent::WorkPtr work = first.Next(); work; work = first.Next()) {
    Echo(work);
    if (!work->IsCancelled()) break;
  }
  Watch(task_id);
  EXPECT_EQ(MustSubmit(Request("hello", "req-1")), task_id);
  // and another body under that id is refused
  EXPECT_EQ(Submit(Request("other", "req-1")).error_code(), grpc::StatusCode::ALREADY_EXISTS);
}

TEST_F(RouterTest, ATaskStaysOnItsGraphVersion) {
  FakeAgent first("first", Socket("first-0")), second("second", Socket("second-0"), Echo);
  StartRouter();
  const std::string task_id = MustSubmit();
  ASSERT_TRUE(first.Next());
  // given a new version of the graph, applied while the task runs, that answers with something else
  std::string changed = kGraph;
  changed.replace(changed.find("output: "), std::string::npos, "output: \"new {{ steps.two.text }}\"\n");
  grpc::ClientContext context;
  Limit(context);
  v1::ApplyRequest request;
  request.mutable_source()->set_yaml(changed);
  request.mutable_source()->set_file_name("pair.yaml");
  v1::ApplyResponse response;
  const grpc::Status status = graphs_->Apply(&context, request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_TRUE(response.changed());
  // when the router restarts with it
  std::ofstream(folder_ / "pair.yaml") << changed;
  router_.reset();
  StartRouter();
  const FakeAgent::WorkPtr work = first.Next();
  ASSERT_TRUE(work);
  Echo(work);
  Watch(task_id);
  // then the task ends by the old one
  EXPECT_EQ(Get(task_id).task().output_json(), "\"hello\"");
  EXPECT_NE(Get(task_id).task().graph_version(), response.version());
}

}  // namespace
}  // namespace troupe::gateway
