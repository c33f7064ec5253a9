// Handing tasks in and following them.
#include <thread>

#include "tests/unit/gateway/harness.h"

namespace troupe::gateway {
namespace {

TEST_F(RouterTest, RunGivesTheResultInOneMessage) {
  // given two agents that echo
  FakeAgent first("first", Socket("first-0"), Echo), second("second", Socket("second-0"), Echo);
  StartRouter();
  // when a task is run by a client that wants the result only
  grpc::ClientContext context;
  Limit(context);
  v1::RunRequest request;
  *request.mutable_submit() = Request("hello");
  request.set_detail(v1::DETAIL_RESULT);
  const auto reader = tasks_->Run(&context, request);
  v1::RunResponse response;
  // then it is one message with the id and the output
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.task_id().size(), 36u);
  ASSERT_EQ(response.record().decisions_size(), 1);
  EXPECT_EQ(response.record().decisions(0).finish_task().output().json(), "\"hello\"");
  v1::RunResponse more;
  EXPECT_FALSE(reader->Read(&more));
  EXPECT_TRUE(reader->Finish().ok());
  // and it can be looked at afterwards
  const v1::GetResponse got = Get(response.task_id());
  EXPECT_EQ(got.task().state(), v1::TASK_STATE_DONE);
  EXPECT_EQ(got.task().output_json(), "\"hello\"");
  ASSERT_EQ(got.steps_size(), 2);
  EXPECT_EQ(got.steps(0).path(), "one");
  EXPECT_EQ(got.steps(0).attempts(0).site().replica(), "first-0");
  EXPECT_EQ(got.steps(0).attempts(0).site().reason(), "only replica");
  EXPECT_EQ(got.task().usage().generated_tokens(), 6);
}

TEST_F(RouterTest, ExecuteGivesTheTaskOnceItHasEnded) {
  // given two agents that echo
  FakeAgent first("first", Socket("first-0"), Echo), second("second", Socket("second-0"), Echo);
  StartRouter();
  v1::ExecuteRequest request;
  *request.mutable_submit() = Request("hello", "once");
  const auto execute = [&](v1::ExecuteResponse& response) {
    grpc::ClientContext context;
    Limit(context);
    return tasks_->Execute(&context, request, &response);
  };
  // when
  v1::ExecuteResponse response;
  const grpc::Status status = execute(response);
  // then it is what Get says of it, without the input
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.task().output_json(), "\"hello\"");
  v1::Task got = Get(response.task().task_id()).task();
  got.clear_input_json();
  EXPECT_EQ(response.task().SerializeAsString(), got.SerializeAsString());
  // and the same request again is the same task
  v1::ExecuteResponse again;
  ASSERT_TRUE(execute(again).ok());
  EXPECT_EQ(again.task().SerializeAsString(), got.SerializeAsString());
}

TEST_F(RouterTest, ExecuteWaitsForARunningTaskAndTellsItsFailure) {
  // given a task that runs
  FakeAgent first("first", Socket("first-0")), second("second", Socket("second-0"), Echo);
  StartRouter();
  MustSubmit(Request("hello", "once"));
  const FakeAgent::WorkPtr work = first.Next();
  ASSERT_TRUE(work);
  // when it is executed under the same request_id, and fails
  grpc::ClientContext context;
  Limit(context);
  v1::ExecuteRequest request;
  *request.mutable_submit() = Request("hello", "once");
  v1::ExecuteResponse response;
  std::thread failing([&] { work->Fail(Code::kInvalidArgument, "no such thing"); });
  const grpc::Status status = tasks_->Execute(&context, request, &response);
  failing.join();
  // then the call is OK and the task says why
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.task().state(), v1::TASK_STATE_FAILED);
  EXPECT_EQ(response.task().error_path(), "one");
}

TEST_F(RouterTest, ExecuteNamesAWrongField) {
  StartRouter();
  grpc::ClientContext context;
  Limit(context);
  v1::ExecuteRequest request;
  request.mutable_submit()->set_graph("nobody");
  v1::ExecuteResponse response;
  EXPECT_EQ(tasks_->Execute(&context, request, &response).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(RouterTest, WatchBeginsAnywhereAndShowsTextOnce) {
  FakeAgent first("first", Socket("first-0")), second("second", Socket("second-0"), Echo);
  StartRouter();
  // given a watcher of a task whose first step streams
  grpc::ClientContext context;
  Limit(context);
  v1::RunRequest request;
  *request.mutable_submit() = Request();
  request.set_detail(v1::DETAIL_TEXT);
  const auto reader = tasks_->Run(&context, request);
  v1::RunResponse response;
  ASSERT_TRUE(reader->Read(&response));
  const std::string task_id = response.task_id();
  std::vector<v1::Record> live{response.record()};
  const FakeAgent::WorkPtr work = first.Next();
  ASSERT_TRUE(work);
  EXPECT_FALSE(work->start().quiet());
  for (const char* word : {"one ", "two ", "three"}) work->Say(word);
  work->Done("{\"text\":\"one two three\"}");
  while (reader->Read(&response)) live.push_back(response.record());
  ASSERT_TRUE(reader->Finish().ok());
  // then the live records have no gap and their text is whole
  ExpectNoGap(live);
  std::string text;
  for (const v1::Record& record : live) text += record.event().step_progress().text();
  EXPECT_EQ(text, "one two three");
  // and the journal says the same from any point on
  const std::vector<v1::Record> all = Watch(task_id);
  ASSERT_EQ(all.size(), live.size());
  for (size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].SerializeAsString(), live[i].SerializeAsString());
  const std::vector<v1::Record> rest = Watch(task_id, 2);
  EXPECT_EQ(rest.size(), all.size() - 2);
  ExpectNoGap(rest, 3);
  EXPECT_TRUE(Watch(task_id, static_cast<int64_t>(all.size())).empty());
  EXPECT_EQ(Watch(task_id, 0, v1::DETAIL_RESULT).size(), 1u);
  for (const v1::Record& record : Watch(task_id, 0, v1::DETAIL_STEPS)) EXPECT_FALSE(record.event().has_step_progress());
}

TEST_F(RouterTest, AWatcherThatDoesNotReadGetsEverythingLater) {
  FakeAgent first("first", Socket("first-0")), second("second", Socket("second-0"), Echo);
  StartRouter();
  // given a watcher that reads nothing while a step says far more than is buffered for it
  const std::string task_id = MustSubmit();
  grpc::ClientContext context;
  Limit(context);
  v1::WatchRequest request;
  request.set_task_id(task_id);
  request.set_detail(v1::DETAIL_TEXT);
  const auto slow = tasks_->Watch(&context, request);
  const FakeAgent::WorkPtr work = first.Next();
  ASSERT_TRUE(work);
  work->Done("{\"text\":\"" + std::string(90'000, 'x') + "\"}");
  const std::vector<v1::Record> quick = Watch(task_id);
  // when it reads at last, then it has missed nothing; large payloads are in place
  std::vector<v1::Record> records;
  for (v1::WatchResponse response; slow->Read(&response);) records.push_back(response.record());
  ASSERT_TRUE(slow->Finish().ok());
  ASSERT_EQ(records.size(), quick.size());
  ExpectNoGap(records);
  EXPECT_EQ(records.back().decisions(0).finish_task().output().json().size(), 90'002u);
}

TEST_F(RouterTest, AWatcherThatFellBehindCatchesUpWhileTheTaskRuns) {
  FakeAgent first("first", Socket("first-0")), second("second", Socket("second-0"), Echo);
  StartRouter();
  const std::string task_id = MustSubmit();
  const FakeAgent::WorkPtr work = first.Next();
  ASSERT_TRUE(work);
  const auto watch = [&](grpc::ClientContext& context) {
    Limit(context);
    v1::WatchRequest request;
    request.set_task_id(task_id);
    request.set_detail(v1::DETAIL_TEXT);
    return tasks_->Watch(&context, request);
  };
  const auto read_text = [](grpc::ClientReader<v1::WatchResponse>& reader, size_t bytes) {
    std::string text;
    for (v1::WatchResponse response; text.size() < bytes && reader.Read(&response);) {
      text += response.record().event().step_progress().text();
    }
    return text;
  };
  // given one that reads and one that does not, while a step says more than any buffer on the way takes
  grpc::ClientContext quick_context, slow_context;
  const auto quick = watch(quick_context);
  const auto slow = watch(slow_context);
  std::string said;
  std::string heard;
  for (int i = 0; i < 300; ++i) {
    const std::string piece = std::to_string(i) + std::string(8'000, '.');
    work->Say(piece);
    said += piece;
    heard += read_text(*quick, said.size() - heard.size());
    ASSERT_EQ(heard, said);
  }
  // when the other one reads at last, and nothing new comes, then it gets all of it
  EXPECT_EQ(read_text(*slow, said.size()), said);
  // and what comes next reaches both
  work->Say("more");
  EXPECT_EQ(read_text(*slow, 4), "more");
  EXPECT_EQ(read_text(*quick, 4), "more");
  work->Done(Dump(Value{{"text", "end"}}));
  for (const auto& reader : {quick.get(), slow.get()}) {
    for (v1::WatchResponse response; reader->Read(&response);) continue;
    EXPECT_TRUE(reader->Finish().ok());
  }
}

TEST_F(RouterTest, EveryOneOfManyWatchersSeesEveryRecordOnce) {
  FakeAgent first("first", Socket("first-0")), second("second", Socket("second-0"), Echo);
  StartRouter();
  const std::string task_id = MustSubmit();
  const FakeAgent::WorkPtr work = first.Next();
  ASSERT_TRUE(work);
  // given many watchers of one task, every third of which reads nothing until the task has ended
  constexpr int kWatchers = 48;
  struct Watcher {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReader<v1::WatchResponse>> reader;
    std::vector<v1::Record> records;
    std::thread thread;
  };
  std::vector<std::unique_ptr<Watcher>> watchers;
  const auto read = [](Watcher& watcher) {
    for (v1::WatchResponse response; watcher.reader->Read(&response);) watcher.records.push_back(response.record());
    EXPECT_TRUE(watcher.reader->Finish().ok());
  };
  for (int i = 0; i < kWatchers; ++i) {
    Watcher& watcher = *watchers.emplace_back(std::make_unique<Watcher>());
    Limit(watcher.context);
    v1::WatchRequest request;
    request.set_task_id(task_id);
    request.set_detail(v1::DETAIL_TEXT);
    watcher.reader = tasks_->Watch(&watcher.context, request);
    if (i % 3 != 0) watcher.thread = std::thread([&] { read(watcher); });
  }
  // when a step says much, piece by piece, each on disk before the next
  std::string said;
  for (int i = 0; i < 60; ++i) {
    const std::string piece = std::to_string(i) + std::string(2'000, '.');
    work->Say(piece);
    said += piece;
    if (i % 8 == 0) Get(task_id);
  }
  work->Done(Dump(Value{{"text", "end"}}));
  const std::vector<v1::Record> all = Watch(task_id);
  // then all have seen the same
  for (int i = 0; i < kWatchers; ++i) {
    Watcher& watcher = *watchers[static_cast<size_t>(i)];
    if (watcher.thread.joinable()) {
      watcher.thread.join();
    } else {
      read(watcher);
    }
    ExpectNoGap(watcher.records);
    ASSERT_EQ(watcher.records.size(), all.size());
    std::string text;
    for (const v1::Record& record : watcher.records) text += record.event().step_progress().text();
    EXPECT_EQ(text, said);
  }
}

TEST_F(RouterTest, ManyAtOnceAllEndRight) {
  FakeAgent first("first", Socket("first-0"), Echo), second("second", Socket("second-0"), Echo);
  StartRouter();
  // given many callers at once
  constexpr int kCallers = 8, kEach = 50;
  std::atomic<int> right{0};
  std::vector<std::thread> callers;
  for (int caller = 0; caller < kCallers; ++caller) {
    callers.emplace_back([&, caller] {
      for (int i = 0; i < kEach; ++i) {
        grpc::ClientContext context;
        Limit(context);
        const std::string text = std::to_string(caller) + "-" + std::to_string(i);
        v1::RunRequest request;
        *request.mutable_submit() = Request(text);
        request.set_detail(i % 2 ? v1::DETAIL_RESULT : v1::DETAIL_STEPS);
        const auto reader = tasks_->Run(&context, request);
        v1::RunResponse response;
        v1::Record last;
        while (reader->Read(&response)) last = response.record();
        if (reader->Finish().ok() && last.decisions(0).finish_task().output().json() == "\"" + text + "\"") ++right;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  // then each has its own answer
  EXPECT_EQ(right, kCallers * kEach);
}

TEST_F(RouterTest, CancelReachesTheAgent) {
  FakeAgent first("first", Socket("first-0")), second("second", Socket("second-0"), Echo);
  StartRouter();
  const std::string task_id = MustSubmit();
  ASSERT_TRUE(first.Next());
  // when the task is cancelled while its first step is at work
  EXPECT_EQ(Cancel(task_id), v1::TASK_STATE_CANCELLED);
  // then the agent hears of it, and the task stays as it is
  EXPECT_TRUE(first.WaitCancelled(1));
  EXPECT_EQ(Get(task_id).task().state(), v1::TASK_STATE_CANCELLED);
  EXPECT_EQ(Cancel(task_id), v1::TASK_STATE_CANCELLED);
  EXPECT_EQ(second.started(), 0);
}

TEST_F(RouterTest, DeadlineEndsTheTask) {
  FakeAgent first("first", Socket("first-0")), second("second", Socket("second-0"), Echo);
  StartRouter();
  v1::SubmitRequest request = Request();
  request.set_timeout_ms(50);
  const std::string task_id = MustSubmit(request);
  const std::vector<v1::Record> records = Watch(task_id);
  ASSERT_FALSE(records.empty());
  EXPECT_EQ(Get(task_id).task().error_code(), static_cast<int>(Code::kDeadlineExceeded));
}

TEST_F(RouterTest, ListPages) {
  FakeAgent first("first", Socket("first-0"), Echo), second("second", Socket("second-0"), Echo);
  StartRouter();
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) {
    v1::SubmitRequest request = Request();
    (*request.mutable_labels())["n"] = std::to_string(i % 2);
    ids.push_back(MustSubmit(request));
    Watch(ids.back());
  }
  v1::ListRequest request;
  request.set_page_size(2);
  std::vector<std::string> seen;
  do {
    grpc::ClientContext context;
    Limit(context);
    v1::ListResponse response;
    ASSERT_TRUE(tasks_->List(&context, request, &response).ok());
    for (const v1::Task& task : response.tasks()) seen.push_back(task.task_id());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(seen, std::vector<std::string>(ids.rbegin(), ids.rend()));
  grpc::ClientContext context;
  Limit(context);
  v1::ListRequest labelled;
  (*labelled.mutable_labels())["n"] = "1";
  v1::ListResponse response;
  ASSERT_TRUE(tasks_->List(&context, labelled, &response).ok());
  EXPECT_EQ(response.tasks_size(), 2);
}

}  // namespace
}  // namespace troupe::gateway
