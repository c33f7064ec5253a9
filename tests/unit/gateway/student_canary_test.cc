// Canaries whose students are worse, on a real router: sent back by what they do, and counted again after a restart.
#include <gmock/gmock.h>

#include "tests/unit/gateway/harness.h"

namespace troupe::gateway {
namespace {

using testing::HasSubstr;

// What the student is given says which version it works for: {{ student }} and the question. It is good, or sure and
// wrong, or unsure.
constexpr char kTaught[] = R"(apiVersion: troupe.dev/v1
kind: AgentGraph
metadata: {name: pair}
spec:
  input: {text: string}
  agents:
    first: {kind: scripted, echo: true}
    second: {kind: scripted, echo: true}
  steps:
    one: {agent: first, teach: {agent: second, below: 0.8, timeout: 10s, check: 30%}, input: {text: "good {{ input.text }}"}}
  output: "{{ steps.one.label }}"
)";

class StudentCanary : public RouterTest {
 protected:
  void SetUp() override {
    std::ofstream(folder_ / "pair.yaml") << kTaught;
    const auto say = [](const FakeAgent::WorkPtr& work, const std::string& label, double score) {
      work->Done(Dump(Value{{"label", label}, {"score", score}}));
    };
    first_ = std::make_unique<FakeAgent>("first", Socket("first-0"), [say](const FakeAgent::WorkPtr& work) {
      const std::string input = work->start().input_json();
      const bool is_wrong = input.find("wrong") != std::string::npos;
      say(work, is_wrong ? "bill" : "card", input.find("unsure") != std::string::npos ? 0.1 : 0.9);
    });
    second_ = std::make_unique<FakeAgent>("second", Socket("second-0"),
                                          [say](const FakeAgent::WorkPtr& work) { say(work, "card", 1); });
    StartRouter();
  }
  void TearDown() override { router_.reset(); }

  v1::ApplyResponse Try(const std::string& student) {
    v1::ApplyRequest request;
    std::string yaml = kTaught;
    yaml.replace(yaml.find("\"good"), 5, "\"" + student);
    request.mutable_source()->set_yaml(yaml);
    request.mutable_source()->set_file_name("pair.yaml");
    request.mutable_canary()->set_percent(50);
    request.mutable_canary()->set_min_tasks(10);
    request.mutable_canary()->set_min_checks(5);
    grpc::ClientContext context;
    Limit(context);
    v1::ApplyResponse response;
    const grpc::Status status = graphs_->Apply(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  v1::ListVersionsResponse List() {
    grpc::ClientContext context;
    Limit(context);
    v1::ListVersionsRequest request;
    request.set_name("pair");
    v1::ListVersionsResponse response;
    EXPECT_TRUE(graphs_->ListVersions(&context, request, &response).ok());
    return response;
  }
  // Runs tasks until the canary is gone, at most so many.
  int RunUntilGone(int most) {
    for (int i = 0; i < most; ++i) {
      if (!List().has_canary()) return i;
      Watch(MustSubmit(Request("hello", "r" + std::to_string(i))));
    }
    return most;
  }
  std::string LastReason() {
    const v1::ListVersionsResponse versions = List();
    const v1::VersionRolledBack& back = versions.events(versions.events_size() - 1).rolled_back();
    EXPECT_TRUE(back.automatic());
    return back.reason();
  }

  std::unique_ptr<FakeAgent> first_, second_;
};

TEST_F(StudentCanary, OneThatIsSureAndWrongGoesBackByItsSpotChecks) {
  Try("wrong");
  EXPECT_LT(RunUntilGone(200), 200);
  EXPECT_THAT(LastReason(), HasSubstr("teachers differed from its students in"));
}

TEST_F(StudentCanary, OneThatIsUnsureAllTheTimeGoesBack) {
  Try("unsure");
  EXPECT_LT(RunUntilGone(100), 100);
  EXPECT_THAT(LastReason(), HasSubstr("its students were unsure of"));
}

TEST_F(StudentCanary, OneThatIsAsGoodStaysAndWhatItDidIsCountedAgainAfterARestart) {
  Try("good too,");
  EXPECT_EQ(RunUntilGone(60), 60);
  const v1::CanaryStatus before = List().canary();
  EXPECT_GT(before.on_canary().checked(), 0);
  EXPECT_EQ(before.on_canary().answers() + before.on_current().answers(), 60);
  EXPECT_EQ(before.on_canary().differing(), 0);
  EXPECT_EQ(before.rule().unsure_margin_percent(), 10);
  EXPECT_EQ(before.rule().min_checks(), 5);
  router_.reset();
  StartRouter();
  EXPECT_EQ(List().canary().DebugString(), before.DebugString());
}

}  // namespace
}  // namespace troupe::gateway
