// Versions of a graph on a real router: hot, tried out on a share, gone back from, and the same after a restart.
#include <atomic>
#include <condition_variable>
#include <mutex>

#include "runtime/rpc/status.h"
#include "tests/unit/gateway/harness.h"

namespace troupe::gateway {
namespace {

class Versions : public RouterTest {
 protected:
  void SetUp() override {
    // what says "bad" fails, whatever version it is of
    first_ = std::make_unique<FakeAgent>("first", Socket("first-0"), [this](const FakeAgent::WorkPtr& work) {
      if (hold_) return Keep(work);
      if (work->start().input_json().find("bad") != std::string::npos) {
        return work->Fail(Code::kInvalidArgument, "it says bad");
      }
      Echo(work);
    });
    second_ = std::make_unique<FakeAgent>("second", Socket("second-0"), Echo);
    StartRouter();
  }
  RouterOptions Options() override {
    RouterOptions options = RouterTest::Options();
    options.log = [this](const std::string& line) {
      const std::lock_guard lock(mutex_);
      log_ += line + "\n";
    };
    return options;
  }
  void TearDown() override { router_.reset(); }

  void Keep(const FakeAgent::WorkPtr& work) {
    const std::lock_guard lock(mutex_);
    held_.push_back(work);
    came_.notify_all();
  }
  void Release() {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(came_.wait_for(lock, std::chrono::seconds(20), [this] { return !held_.empty(); }));
    for (const auto& work : held_) Echo(work);
    held_.clear();
  }
  std::string Logged() {
    const std::lock_guard lock(mutex_);
    return log_;
  }

  // `prompt` tells versions apart: what step "one" is given.
  static v1::ApplyRequest Version(const std::string& prompt, int percent = 0, int min_tasks = 0) {
    v1::ApplyRequest request;
    std::string yaml = kGraph;
    const std::string given = "input: {text: \"{{ input.text }}\"}";
    yaml.replace(yaml.find(given), given.size(), "input: {text: \"" + prompt + " {{ input.text }}\"}");
    request.mutable_source()->set_yaml(yaml);
    request.mutable_source()->set_file_name("pair.yaml");
    if (percent != 0) {
      request.mutable_canary()->set_percent(percent);
      request.mutable_canary()->set_min_tasks(min_tasks);
    }
    return request;
  }
  v1::ApplyResponse Apply(const v1::ApplyRequest& request) {
    grpc::ClientContext context;
    Limit(context);
    v1::ApplyResponse response;
    const grpc::Status status = graphs_->Apply(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  grpc::Status Rollback(const std::string& to = "", const std::string& reason = "") {
    grpc::ClientContext context;
    Limit(context);
    v1::RollbackRequest request;
    request.set_name("pair");
    request.set_version(to);
    request.set_reason(reason);
    v1::RollbackResponse response;
    return graphs_->Rollback(&context, request, &response);
  }
  grpc::Status Promote(const std::string& version = "") {
    grpc::ClientContext context;
    Limit(context);
    v1::PromoteRequest request;
    request.set_name("pair");
    request.set_version(version);
    v1::PromoteResponse response;
    return graphs_->Promote(&context, request, &response);
  }
  v1::ListVersionsResponse List() {
    grpc::ClientContext context;
    Limit(context);
    v1::ListVersionsRequest request;
    request.set_name("pair");
    v1::ListVersionsResponse response;
    const grpc::Status status = graphs_->ListVersions(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  std::string CurrentVersion() {
    const v1::ListVersionsResponse versions = List();
    for (const v1::GraphVersion& version : versions.versions()) {
      if (version.role() == v1::VERSION_ROLE_CURRENT) return version.version();
    }
    return "";
  }
  // What the router is started with the next time.
  void WriteFile(const std::string& prompt) { std::ofstream(folder_ / "pair.yaml") << Version(prompt).source().yaml(); }
  // To its end; the version that it ran on.
  std::string RunOne(const std::string& text = "hello", const std::string& request_id = "") {
    const std::string task_id = MustSubmit(Request(text, request_id));
    Watch(task_id);
    return Get(task_id).task().graph_version();
  }
  // Runs tasks with this text until one was on this version.
  void RunUntilOn(const std::string& version, const std::string& text) {
    for (int i = 0; i < 1'000; ++i) {
      if (RunOne(text) == version) return;
    }
    FAIL() << "of 1,000 tasks none was on version " << version;
  }
  void Restart() {
    ASSERT_TRUE(router_->Stop(std::chrono::milliseconds(1000)));
    router_.reset();
    StartRouter();
  }

  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<FakeAgent::WorkPtr> held_;
  std::string log_;
  std::atomic<bool> hold_ = false;
  std::unique_ptr<FakeAgent> first_, second_;
};

TEST_F(Versions, ATaskUnderWayStaysOnItsVersionAndNewOnesDoNot) {
  const std::string before = CurrentVersion();
  hold_ = true;
  const std::string running = MustSubmit();
  // when another version is applied meanwhile
  const v1::ApplyResponse applied = Apply(Version("new"));
  EXPECT_TRUE(applied.changed());
  EXPECT_EQ(applied.percent(), 100);
  EXPECT_NE(applied.version(), before);
  // then the list tells how many are on which
  const v1::ListVersionsResponse versions = List();
  ASSERT_EQ(versions.versions_size(), 2);
  EXPECT_EQ(versions.versions(0).version(), applied.version());
  EXPECT_EQ(versions.versions(0).running(), 0);
  EXPECT_EQ(versions.versions(1).role(), v1::VERSION_ROLE_RETIRED);
  EXPECT_EQ(versions.versions(1).running(), 1);
  EXPECT_EQ(versions.previous_version(), before);
  // and the first task ends on its own, over a restart too
  hold_ = false;
  Release();
  Watch(running);
  EXPECT_EQ(Get(running).task().graph_version(), before);
  EXPECT_EQ(Get(running).task().output_json(), "\"hello\"");
  const std::string next = MustSubmit();
  Watch(next);
  EXPECT_EQ(Get(next).task().graph_version(), applied.version());
  EXPECT_EQ(Get(next).task().output_json(), "\"new hello\"");
}

TEST_F(Versions, GoingBackIsWrittenDown) {
  const std::string first = CurrentVersion();
  const std::string second = Apply(Version("new")).version();
  ASSERT_TRUE(Rollback("", "wrong language").ok());
  EXPECT_EQ(CurrentVersion(), first);
  EXPECT_EQ(RunOne(), first);
  EXPECT_EQ(Rollback().error_code(), grpc::StatusCode::FAILED_PRECONDITION) << "none was before the first";
  // and after a restart with the graph's file all is the same
  Restart();
  EXPECT_EQ(CurrentVersion(), first);
  const v1::ListVersionsResponse versions = List();
  ASSERT_EQ(versions.events_size(), 4);
  EXPECT_EQ(versions.events(0).applied().version(), first);
  EXPECT_TRUE(versions.events(0).applied().at_start());
  EXPECT_EQ(versions.events(1).applied().version(), second);
  EXPECT_FALSE(versions.events(1).applied().at_start());
  EXPECT_EQ(versions.events(2).rolled_back().from_version(), second);
  EXPECT_EQ(versions.events(2).rolled_back().reason(), "wrong language");
  EXPECT_FALSE(versions.events(2).rolled_back().automatic());
  EXPECT_EQ(versions.events(3).start_file_seen().version(), first);
}

TEST_F(Versions, ARestartUndoesNothingThatWasDecided) {
  // given a router whose file is the second version, and somebody who has applied and promoted others since
  const std::string a = CurrentVersion();
  WriteFile("b");
  Restart();
  const std::string b = CurrentVersion();
  ASSERT_NE(b, a);
  const std::string c = Apply(Version("c")).version();
  Restart();
  EXPECT_EQ(CurrentVersion(), c);
  EXPECT_NE(Logged().find("the file is still " + b.substr(0, 12) + " as at the last start"), std::string::npos)
      << Logged();
  const std::string d = Apply(Version("d", 50)).version();
  ASSERT_TRUE(Promote().ok());
  Restart();
  EXPECT_EQ(CurrentVersion(), d);
  // gone back further than the file's version, it stays there
  ASSERT_TRUE(Rollback(a).ok());
  Restart();
  EXPECT_EQ(CurrentVersion(), a);
  Restart();
  EXPECT_EQ(CurrentVersion(), a);
  EXPECT_EQ(RunOne(), a);
  // but a file with new content is applied, once
  WriteFile("e");
  Restart();
  const std::string e = CurrentVersion();
  EXPECT_NE(e, a);
  EXPECT_NE(Logged().find(e.substr(0, 12) +
                          " applied: the file is new since the last start; 'troupe rollback pair' "
                          "goes back to " +
                          a.substr(0, 12)),
            std::string::npos)
      << Logged();
  ASSERT_TRUE(Rollback().ok());
  Restart();
  EXPECT_EQ(CurrentVersion(), a);
}

TEST_F(Versions, ACanaryGoesOnOverARestart) {
  const std::string current = CurrentVersion();
  const std::string canary = Apply(Version("new", 50)).version();
  // with the file as it was, and with the file that it came from
  for (const std::string prompt : {"", "new"}) {
    if (!prompt.empty()) WriteFile(prompt);
    Restart();
    EXPECT_EQ(List().canary().version(), canary);
    EXPECT_EQ(List().canary().rule().percent(), 50);
    EXPECT_EQ(CurrentVersion(), current);
    RunUntilOn(canary, "hello");
    RunUntilOn(current, "hello");
  }
  EXPECT_NE(Logged().find("as before; canary " + canary.substr(0, 12) + " goes on"), std::string::npos) << Logged();
  EXPECT_NE(Logged().find("the file's " + canary.substr(0, 12) + " is still tried out"), std::string::npos) << Logged();
  ASSERT_TRUE(Promote().ok());
  Restart();
  EXPECT_EQ(CurrentVersion(), canary);
}

TEST_F(Versions, AStartDoesNotBringBackWhatWasRolledBack) {
  // given a router that is started with a newer file, which somebody has gone back from
  const std::string first = CurrentVersion();
  WriteFile("new");
  Restart();
  const std::string second = CurrentVersion();
  ASSERT_NE(second, first);
  ASSERT_TRUE(Rollback().ok());
  // when it is started again, then it stays gone back from
  Restart();
  EXPECT_EQ(CurrentVersion(), first);
  EXPECT_NE(Logged().find("was rolled back and stays so"), std::string::npos) << Logged();
  // but whoever applies it means it
  EXPECT_TRUE(Apply(Version("new")).changed());
  EXPECT_EQ(CurrentVersion(), second);
}

TEST_F(Versions, ACanaryGetsItsShareAndRepeatedRequestsStay) {
  const std::string current = CurrentVersion();
  const v1::ApplyResponse applied = Apply(Version("new", 50));
  EXPECT_EQ(applied.percent(), 50);
  int on_canary = 0;
  for (int i = 0; i < 60; ++i) on_canary += RunOne("hello", "r-" + std::to_string(i)) == applied.version() ? 1 : 0;
  EXPECT_GT(on_canary, 10);
  EXPECT_LT(on_canary, 50);
  const v1::ListVersionsResponse versions = List();
  EXPECT_EQ(versions.canary().version(), applied.version());
  EXPECT_EQ(versions.canary().on_canary().ended(), on_canary);
  EXPECT_EQ(versions.canary().on_current().ended(), 60 - on_canary);
  // the same in the list of graphs
  grpc::ClientContext context;
  v1::ListGraphsResponse graphs;
  ASSERT_TRUE(graphs_->ListGraphs(&context, {}, &graphs).ok());
  EXPECT_EQ(graphs.graphs(0).version(), current);
  EXPECT_EQ(graphs.graphs(0).canary().on_canary().ended(), on_canary);
  // and after a restart, from what the journal has
  Restart();
  EXPECT_EQ(List().canary().on_canary().ended(), on_canary);
  EXPECT_EQ(List().canary().on_current().ended(), 60 - on_canary);
  EXPECT_EQ(List().canary().rule().percent(), 50);
  // promoted, all run on it
  EXPECT_EQ(Promote(current).error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  ASSERT_TRUE(Promote(applied.version().substr(0, 12)).ok());
  EXPECT_EQ(CurrentVersion(), applied.version());
  EXPECT_EQ(RunOne(), applied.version());
  EXPECT_FALSE(List().has_canary());
  EXPECT_EQ(Promote().error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  WriteFile("new");
  Restart();
  EXPECT_EQ(CurrentVersion(), applied.version());
}

TEST_F(Versions, ACanaryThatFailsIsGoneBackFrom) {
  // given a canary whose tasks all fail
  const std::string current = CurrentVersion();
  const v1::ApplyResponse applied = Apply(Version("bad", 50, 3));
  // when as many as it takes have ended on it
  for (int i = 0; i < 3; ++i) RunUntilOn(applied.version(), "hello");
  // then new tasks run on the other, and why is in the history and in the log
  for (int i = 0; List().has_canary(); ++i) ASSERT_LT(i, 2'000) << "it is not gone back from";
  for (int i = 0; i < 20; ++i) EXPECT_EQ(RunOne(), current);
  const v1::ListVersionsResponse versions = List();
  const v1::VersionRolledBack& back = versions.events(versions.events_size() - 1).rolled_back();
  EXPECT_EQ(back.from_version(), applied.version());
  EXPECT_EQ(back.to_version(), current);
  EXPECT_TRUE(back.automatic());
  EXPECT_TRUE(back.reason().starts_with("3 of 3 tasks (100%) failed on it")) << back.reason();
  EXPECT_NE(Logged().find("is rolled back: 3 of 3"), std::string::npos) << Logged();
  // and it is so after a restart
  Restart();
  EXPECT_FALSE(List().has_canary());
  EXPECT_EQ(CurrentVersion(), current);
}

TEST_F(Versions, AStricterRuleIsJudgedByWhatHasEndedAlready) {
  // given a canary that does badly, and not for long enough
  const std::string current = CurrentVersion();
  const v1::ApplyResponse applied = Apply(Version("bad", 50, 50));
  for (int i = 0; i < 3; ++i) RunUntilOn(applied.version(), "hello");
  ASSERT_TRUE(List().has_canary());
  // when that will do
  Apply(Version("bad", 50, 3));
  // then nobody waits for another task
  EXPECT_FALSE(List().has_canary());
  EXPECT_EQ(CurrentVersion(), current);
}

TEST_F(Versions, FailuresOfBothAreNotTheCanarysFault) {
  const v1::ApplyResponse applied = Apply(Version("new", 50, 8));
  for (int i = 0; i < 40; ++i) RunOne("bad", "f-" + std::to_string(i));
  EXPECT_GE(List().canary().on_canary().failed(), 8);
  EXPECT_EQ(List().canary().version(), applied.version());
}

TEST_F(Versions, WrongWishesAreRefusedWithTheReason) {
  grpc::ClientContext context;
  v1::ApplyRequest unknown = Version("new", 120);
  v1::ApplyResponse response;
  const grpc::Status refused = graphs_->Apply(&context, unknown, &response);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(rpc::DetailsFromGrpc(refused).violations.at(0).field, "canary.percent");
  EXPECT_EQ(Rollback("abc").error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Rollback("abcdefabcdef").error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Rollback("", std::string(501, 'x')).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Promote().error_code(), grpc::StatusCode::FAILED_PRECONDITION);
}

}  // namespace
}  // namespace troupe::gateway
