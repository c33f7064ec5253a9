// Tasks that wait for a person: across restarts, with deadlines that stand still, and decisions made twice.
#include <gmock/gmock.h>
#include <sqlite3.h>

#include <atomic>
#include <thread>

#include "tests/support/eventually.h"
#include "tests/unit/gateway/harness.h"

namespace troupe::gateway {
namespace {

using testing::HasSubstr;

constexpr char kSign[] = R"(apiVersion: troupe.dev/v1
kind: AgentGraph
metadata: {name: sign}
spec:
  input:
    text: {type: string}
  agents:
    first: {kind: scripted, echo: true}
  steps:
    draft: {agent: first, input: {text: "{{ input.text }}"}}
    ok: {approve: {ask: "send {{ steps.draft.text }}?", show: "{{ steps.draft }}"@EXTRA@}}
  output: "{{ steps.ok }}"
)";

class ApproveTest : public RouterTest {
 protected:
  RouterOptions Options() override {
    RouterOptions options = RouterTest::Options();
    std::string text = kSign;
    text.replace(text.find("@EXTRA@"), 7, extra_);
    std::ofstream(folder_ / "sign.yaml") << text;
    std::ofstream(folder_ / "agents.json")
        << R"([{"graph":"sign","agent":"first","replica":"first-0","address":")" << Socket("first-0") << R"("}])";
    options.graphs = {(folder_ / "sign.yaml").string()};
    options.tasks.max_running = 2;
    options.journal.retry_ms = 1;
    options.journal.lock_wait_ms = 1;
    options.log = [this](const std::string& line) {
      if (line.find("cannot be written") != std::string::npos) journal_is_stuck_ = true;
    };
    return options;
  }
  std::string SubmitSign(int64_t timeout_ms = 0) {
    v1::SubmitRequest request = Request("hello");
    request.set_graph("sign");
    request.set_timeout_ms(timeout_ms);
    return MustSubmit(request);
  }
  grpc::Status Decide(const std::string& task_id, const std::string& path, v1::Verdict verdict,
                      const std::string& by = "ann", v1::Approval* approval = nullptr,
                      std::chrono::milliseconds limit = std::chrono::seconds(20)) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + limit);
    v1::DecideRequest request;
    request.set_task_id(task_id);
    request.set_path(path);
    request.set_verdict(verdict);
    request.set_by(by);
    request.set_note("fine");
    v1::DecideResponse response;
    const grpc::Status status = tasks_->Decide(&context, request, &response);
    if (approval) *approval = response.approval();
    return status;
  }
  std::vector<v1::Task> ListWaiting() {
    grpc::ClientContext context;
    Limit(context);
    v1::ListRequest request;
    request.set_waiting(true);
    v1::ListResponse response;
    const grpc::Status status = tasks_->List(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return {response.tasks().begin(), response.tasks().end()};
  }
  // Reads records until one asks a person.
  void WaitUntilAsked(const std::string& task_id) {
    grpc::ClientContext context;
    Limit(context);
    v1::WatchRequest request;
    request.set_task_id(task_id);
    const auto reader = tasks_->Watch(&context, request);
    bool asked = false;
    for (v1::WatchResponse response; !asked && reader->Read(&response);) {
      for (const v1::Decision& decision : response.record().decisions()) asked |= decision.has_ask_person();
    }
    EXPECT_TRUE(asked);
    context.TryCancel();
    (void)reader->Finish();
  }

  // More keys of the approve step.
  std::string extra_;
  std::atomic<bool> journal_is_stuck_{false};
};

TEST_F(ApproveTest, ATaskWaitsAcrossRestartsAndGoesOnWhenAPersonDecides) {
  FakeAgent first("first", Socket("first-0"), Echo);
  StartRouter();
  const std::string task_id = SubmitSign();
  WaitUntilAsked(task_id);
  // when the router goes without a word and comes back
  router_.reset();
  StartRouter();
  // then the task still waits, and says for what
  const v1::GetResponse waiting = Get(task_id);
  ASSERT_EQ(waiting.task().waiting_size(), 1);
  EXPECT_EQ(waiting.task().waiting(0).path(), "ok");
  EXPECT_EQ(waiting.task().waiting(0).ask(), "send hello?");
  EXPECT_EQ(waiting.task().waiting(0).show_json(), "{\"text\":\"hello\"}");
  EXPECT_EQ(waiting.steps(1).state(), v1::STEP_STATE_WAITS_FOR_PERSON);
  ASSERT_EQ(ListWaiting().size(), 1u);
  EXPECT_EQ(ListWaiting()[0].waiting(0).ask(), "send hello?");
  // and a decision ends it
  v1::Approval approval;
  const grpc::Status decided = Decide(task_id, "ok", v1::VERDICT_APPROVE, "ann", &approval);
  ASSERT_TRUE(decided.ok()) << decided.error_message();
  EXPECT_EQ(approval.by(), "ann");
  EXPECT_GT(approval.decided_ms(), 0);
  ExpectNoGap(Watch(task_id));
  const Result<Value> output = ParseValue(Get(task_id).task().output_json());
  ASSERT_TRUE(output);
  EXPECT_EQ((*output)["approved"], true);
  EXPECT_EQ((*output)["by"], "ann");
  EXPECT_EQ((*output)["note"], "fine");
  EXPECT_TRUE(ListWaiting().empty());
  EXPECT_EQ(first.started(), 1);
}

TEST_F(ApproveTest, TheSameDecisionAgainIsFineAndAnotherIsRefusedAlsoAfterTheEnd) {
  FakeAgent first("first", Socket("first-0"), Echo);
  StartRouter();
  const std::string task_id = SubmitSign();
  WaitUntilAsked(task_id);
  EXPECT_EQ(Decide(task_id, "no_such_step", v1::VERDICT_APPROVE).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Decide(task_id, "draft", v1::VERDICT_APPROVE).error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(Decide(NewUuid7(), "ok", v1::VERDICT_APPROVE).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Decide(task_id, "ok", v1::VERDICT_UNSPECIFIED).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Decide(task_id, "ok", v1::VERDICT_APPROVE, "").error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  ASSERT_TRUE(Decide(task_id, "ok", v1::VERDICT_REJECT).ok());
  Watch(task_id);
  // when the task has ended, before and after a restart
  for (int i = 0; i < 2; ++i) {
    v1::Approval approval;
    EXPECT_TRUE(Decide(task_id, "ok", v1::VERDICT_REJECT, "ann", &approval).ok());
    EXPECT_EQ(approval.verdict(), v1::VERDICT_REJECT);
    const grpc::Status other = Decide(task_id, "ok", v1::VERDICT_APPROVE, "bob");
    EXPECT_EQ(other.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
    EXPECT_THAT(other.error_message(), HasSubstr("ann rejected it at 20"));
    EXPECT_EQ(Decide(task_id, "nobody", v1::VERDICT_APPROVE).error_code(), grpc::StatusCode::NOT_FOUND);
    router_.reset();
    StartRouter();
  }
}

TEST_F(ApproveTest, AWaitThatExpiresDoesSoAfterARestartToo) {
  extra_ = ", timeout: 300ms, onTimeout: approve";
  FakeAgent first("first", Socket("first-0"), Echo);
  StartRouter();
  const std::string task_id = SubmitSign();
  WaitUntilAsked(task_id);
  router_.reset();
  StartRouter();
  // when nobody decides, then the graph's word holds
  const std::vector<v1::Record> records = Watch(task_id);
  EXPECT_TRUE(records.back().event().has_wait_expired());
  EXPECT_THAT(Get(task_id).task().output_json(), HasSubstr("\"approved\":true"));
  EXPECT_EQ(Decide(task_id, "ok", v1::VERDICT_APPROVE).error_code(), grpc::StatusCode::FAILED_PRECONDITION);
}

TEST_F(ApproveTest, TheDeadlineStandsStillWhileItWaits) {
  extra_ = ", timeout: 1500ms, onTimeout: reject";
  FakeAgent first("first", Socket("first-0"), Echo);
  StartRouter();
  // given a task whose time is shorter than the wait
  const std::string task_id = SubmitSign(1000);
  // when nobody decides
  const std::vector<v1::Record> records = Watch(task_id);
  // then it ends by the wait's end and not by its deadline
  EXPECT_TRUE(records.back().event().has_wait_expired());
  EXPECT_EQ(Get(task_id).task().state(), v1::TASK_STATE_DONE);
}

TEST_F(ApproveTest, TasksThatWaitForAPersonTakeNobodysPlace) {
  FakeAgent first("first", Socket("first-0"), Echo);
  StartRouter();
  // given more tasks that wait than may run
  std::vector<std::string> tasks;
  for (int i = 0; i < 5; ++i) {
    tasks.push_back(SubmitSign());
    WaitUntilAsked(tasks.back());
  }
  EXPECT_EQ(ListWaiting().size(), 5u);
  // then they also find their places after a restart, and end
  router_.reset();
  StartRouter();
  tasks.push_back(SubmitSign());
  WaitUntilAsked(tasks.back());
  for (const std::string& task_id : tasks) EXPECT_TRUE(Decide(task_id, "ok", v1::VERDICT_APPROVE).ok());
  for (const std::string& task_id : tasks) Watch(task_id);
  EXPECT_TRUE(ListWaiting().empty());
}

// A crash could lose the first decision, and the second one, refused because of it, would have to hold.
TEST_F(ApproveTest, ARefusalWaitsUntilTheDecisionThatItRestsOnIsOnDisk) {
  FakeAgent first("first", Socket("first-0"), Echo);
  StartRouter();
  const std::string task_id = SubmitSign();
  WaitUntilAsked(task_id);
  // given a decision that cannot reach the disk, as another program holds the journal
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open((folder_ / "data" / "journal.db").c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  grpc::Status approved;
  std::thread ann([&] { approved = Decide(task_id, "ok", v1::VERDICT_APPROVE, "ann"); });
  ASSERT_TRUE(Eventually("the journal is stuck with it", [&] { return journal_is_stuck_.load(); }));
  // when another one comes, then it is not answered yet
  EXPECT_EQ(Decide(task_id, "ok", v1::VERDICT_REJECT, "bob", nullptr, std::chrono::milliseconds(200)).error_code(),
            grpc::StatusCode::DEADLINE_EXCEEDED);
  // but once the first is on disk
  ASSERT_EQ(sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(other);
  ann.join();
  EXPECT_TRUE(approved.ok()) << approved.error_message();
  const grpc::Status refused = Decide(task_id, "ok", v1::VERDICT_REJECT, "bob");
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(refused.error_message(), HasSubstr("ann approved it"));
}

}  // namespace
}  // namespace troupe::gateway
