// A router whose journal cannot be written for a while, and one that does not keep tasks for ever.
#include <sqlite3.h>

#include <mutex>

#include "tests/support/eventually.h"
#include "tests/unit/gateway/harness.h"

namespace troupe::gateway {
namespace {

class JournalFaultTest : public RouterTest {
 protected:
  RouterOptions Options() override {
    RouterOptions options = RouterTest::Options();
    options.journal.retry_ms = 1;
    options.journal.lock_wait_ms = 1;
    options.journal.retention = retention_;
    options.log = [this](const std::string& line) {
      const std::lock_guard lock(mutex_);
      log_.push_back(line);
    };
    return options;
  }
  int LinesWith(const std::string& text) {
    const std::lock_guard lock(mutex_);
    int count = 0;
    for (const std::string& line : log_) count += line.find(text) != std::string::npos ? 1 : 0;
    return count;
  }

  journal::RetentionOptions retention_;
  std::mutex mutex_;
  std::vector<std::string> log_;
};

TEST_F(JournalFaultTest, NewWorkIsRefusedWithTheReasonAndGoesOnByItself) {
  FakeAgent first("first", Socket("first-0")), second("second", Socket("second-0"), Echo);
  StartRouter();
  // given a task under way, and another program that holds the journal
  const std::string task_id = MustSubmit();
  const FakeAgent::WorkPtr work = first.Next();
  ASSERT_TRUE(work);
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open((folder_ / "data" / "journal.db").c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  // when the step ends and a new task is handed in
  Echo(work);
  ASSERT_TRUE(Eventually("the log tells of the fault", [&] { return LinesWith("cannot be written") == 1; }));
  const grpc::Status refused = Submit(Request("more"));
  // then the new one is refused with the reason, and what can be read is read
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_NE(refused.error_message().find("another program holds a lock"), std::string::npos) << refused.error_message();
  // and all goes on once the other lets go; the log says each once
  ASSERT_EQ(sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(other);
  ExpectNoGap(Watch(task_id));
  EXPECT_EQ(Get(task_id).task().output_json(), "\"hello\"");
  ASSERT_TRUE(Eventually("the log tells of its end", [&] { return LinesWith("written again") == 1; }));
  EXPECT_EQ(LinesWith("cannot be written"), 1);
  const std::string later = MustSubmit(Request("later"));
  const FakeAgent::WorkPtr next = first.Next();
  ASSERT_TRUE(next);
  Echo(next);
  ExpectNoGap(Watch(later));
}

TEST_F(JournalFaultTest, ATaskThatIsNoLongerKeptIsNotFoundAndItsRequestIsForgotten) {
  FakeAgent first("first", Socket("first-0"), Echo), second("second", Socket("second-0"), Echo);
  retention_ = {.max_tasks = 1, .pause_ms = 1};
  StartRouter();
  // given a finished task, and others after it; each is watched from its beginning, as it may go once it has ended
  const std::string task_id = MustSubmit(Request("hello", "req"));
  for (int i = 0; i < 3; ++i) ExpectNoGap(Run(v1::DETAIL_TEXT));
  // when it has been removed
  const auto found = [&] {
    grpc::ClientContext context;
    Limit(context);
    v1::GetRequest request;
    request.set_task_id(task_id);
    v1::GetResponse response;
    return tasks_->Get(&context, request, &response).error_code();
  };
  // then it is not found, and the same request is a new task
  ASSERT_TRUE(Eventually("the task is removed", [&] { return found() == grpc::StatusCode::NOT_FOUND; }));
  EXPECT_NE(MustSubmit(Request("hello", "req")), task_id);
}

}  // namespace
}  // namespace troupe::gateway
