// Answers that are kept, through the whole router: steps whose graph says `cache`, and whole graphs.
#include <gmock/gmock.h>

#include "tests/support/eventually.h"
#include "tests/unit/gateway/harness.h"
#include "troupe/v1/cache.grpc.pb.h"

namespace troupe::gateway {
namespace {

using testing::HasSubstr;

// `spec` stands in the graph's spec, `cache` is that of the first step.
std::string CachedGraph(const std::string& spec, const std::string& cache) {
  return R"(apiVersion: troupe.dev/v1
kind: AgentGraph
metadata: {name: pair}
spec:
)" + spec +
         R"(  input:
    text: {type: string, maxLength: 100000, private: true}
    who: {type: string, default: ann}
  agents:
    first: {kind: scripted}
    second: {kind: scripted, echo: true}
  steps:
    one: {agent: first, )" +
         cache + R"(input: {text: "{{ input.text }}"}}
    two: {agent: second, input: {text: "{{ steps.one.text }}"}}
  output: "{{ steps.two.text }}"
)";
}
constexpr char kOfUser[] = "cache: {ttl: 1h, user: \"{{ input.who }}\"}";

class KeptAnswersTest : public RouterTest {
 protected:
  void UseGraph(const std::string& spec, const std::string& cache) {
    std::ofstream(folder_ / "pair.yaml") << CachedGraph(spec, cache);
  }
  RouterOptions Options() override {
    RouterOptions options = RouterTest::Options();
    options.answers.memory_bytes = memory_bytes_;
    return options;
  }
  // Nothing is kept of an agent that has not said yet which model it has.
  void Begin() {
    StartRouter();
    ASSERT_TRUE(Eventually("both agents are ready", [this] {
      grpc::ClientContext context;
      Limit(context);
      v1::ListGraphsResponse response;
      if (!graphs_->ListGraphs(&context, v1::ListGraphsRequest(), &response).ok()) return false;
      const auto& replicas = response.graphs(0).replicas();
      return replicas.size() == 2 && replicas[0].ready() && replicas[1].ready();
    }));
  }
  static v1::SubmitRequest Ask(const std::string& text, const std::string& who = "ann") {
    v1::SubmitRequest request = Request();
    request.set_input_json(Dump(Value{{"text", text}, {"who", who}}));
    return request;
  }
  v1::ExecuteResponse Execute(const v1::SubmitRequest& submit) {
    grpc::ClientContext context;
    Limit(context);
    v1::ExecuteRequest request;
    *request.mutable_submit() = submit;
    v1::ExecuteResponse response;
    const grpc::Status status = tasks_->Execute(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  int Tasks() {
    grpc::ClientContext context;
    Limit(context);
    v1::ListResponse response;
    EXPECT_TRUE(tasks_->List(&context, v1::ListRequest(), &response).ok());
    return response.tasks_size();
  }
  v1::StatsResponse Stats() {
    const auto channel = rpc::OpenChannel(Socket("router"), {.own_connection = true});
    grpc::ClientContext context;
    Limit(context);
    v1::StatsResponse response;
    EXPECT_TRUE(v1::CacheService::NewStub(*channel)->Stats(&context, v1::StatsRequest(), &response).ok());
    return response;
  }
  // What the step `one` of a finished task was done by.
  v1::Attempt One(const std::string& task_id) {
    Watch(task_id);
    return Get(task_id).steps(0).attempts(0);
  }

  size_t memory_bytes_ = 1u << 20;
  FakeAgent first_{"first", Socket("first-0")};
  FakeAgent second_{"second", Socket("second-0"), Echo};
};

TEST_F(KeptAnswersTest, TheSecondTaskIsAnsweredByWhatTheFirstWasTold) {
  // given
  UseGraph("", std::string(kOfUser) + ", ");
  Begin();
  const std::string before = MustSubmit(Ask("hello"));
  const FakeAgent::WorkPtr work = first_.Next();
  ASSERT_TRUE(work);
  work->Say("hi");
  work->Done(R"({"text":"hi"})");
  EXPECT_EQ(One(before).site().replica(), "first-0");
  // when
  const std::string task_id = MustSubmit(Ask("hello"));
  const std::vector<v1::Record> records = Watch(task_id);
  // then
  ExpectNoGap(records);
  const v1::Attempt attempt = One(task_id);
  EXPECT_EQ(attempt.site().replica(), "cache");
  EXPECT_THAT(attempt.site().reason(), HasSubstr("kept answer, made "));
  EXPECT_THAT(attempt.site().reason(), HasSubstr("saved 3 tokens"));
  EXPECT_EQ(attempt.usage().generated_tokens(), 0);
  EXPECT_EQ(Get(task_id).task().output_json(), "\"hi\"");
  EXPECT_EQ(Get(task_id).task().usage().generated_tokens(), 3) << "the other step's";
  EXPECT_EQ(first_.started(), 1);
}

TEST_F(KeptAnswersTest, AHundredEqualTasksAtOnceMakeOneCall) {
  UseGraph("", std::string(kOfUser) + ", ");
  Begin();
  std::vector<std::string> ids;
  for (int i = 0; i < 100; ++i) ids.push_back(MustSubmit(Ask("hello")));
  const FakeAgent::WorkPtr work = first_.Next();
  ASSERT_TRUE(work);
  work->Done(R"({"text":"hi"})");
  int paid = 0;
  for (const std::string& id : ids) {
    Watch(id);
    const v1::GetResponse got = Get(id);
    EXPECT_EQ(got.task().output_json(), "\"hi\"");
    paid += got.steps(0).attempts(0).usage().generated_tokens() > 0 ? 1 : 0;
  }
  EXPECT_EQ(first_.started(), 1);
  EXPECT_EQ(paid, 1);
  ASSERT_EQ(Stats().tallies_size(), 1);
  EXPECT_EQ(Stats().tallies(0).step(), "one");
  EXPECT_EQ(Stats().tallies(0).waited() + Stats().tallies(0).exact(), 99);
  EXPECT_EQ(Stats().tallies(0).misses(), 1);
}

TEST_F(KeptAnswersTest, WhatIsOneUsersIsNotToldToAnother) {
  UseGraph("", std::string(kOfUser) + ", ");
  Begin();
  for (const char* who : {"ann", "bob"}) {
    const std::string task_id = MustSubmit(Ask("my balance", who));
    const FakeAgent::WorkPtr work = first_.Next();
    ASSERT_TRUE(work) << who << " was told what another one was";
    work->Done(Dump(Value{{"text", std::string("of ") + who}}));
    Watch(task_id);
  }
  for (const char* who : {"ann", "bob"}) {
    const std::string task_id = MustSubmit(Ask("my balance", who));
    Watch(task_id);
    EXPECT_EQ(Get(task_id).task().output_json(), std::string("\"of ") + who + "\"");
  }
  EXPECT_EQ(first_.started(), 2);
}

TEST_F(KeptAnswersTest, ATaskThatIsCancelledTakesNobodyAlong) {
  UseGraph("", std::string(kOfUser) + ", ");
  Begin();
  const std::string leader = MustSubmit(Ask("hello"));
  const FakeAgent::WorkPtr work = first_.Next();
  ASSERT_TRUE(work);
  const std::string other = MustSubmit(Ask("hello"));
  ASSERT_TRUE(Eventually("the other one is under way", [&] { return Get(other).steps_size() > 0; }));
  // it is either waiting by now or will lead a run of its own
  EXPECT_EQ(Cancel(leader), v1::TASK_STATE_CANCELLED);
  if (work->IsCancelled()) {
    const FakeAgent::WorkPtr again = first_.Next();
    ASSERT_TRUE(again);
    again->Done(R"({"text":"hi"})");
  } else {
    work->Done(R"({"text":"hi"})");
  }
  Watch(other);
  EXPECT_EQ(Get(other).task().output_json(), "\"hi\"");
}

TEST_F(KeptAnswersTest, AfterARestartTasksGoOnAndAnswersAreMadeAnew) {
  UseGraph("", std::string(kOfUser) + ", ");
  Begin();
  const std::string one = MustSubmit(Ask("hello")), two = MustSubmit(Ask("hello"));
  ASSERT_TRUE(first_.Next());
  // when
  router_.reset();
  Begin();
  // then
  const FakeAgent::WorkPtr work = first_.Next();
  ASSERT_TRUE(work);
  work->Done(R"({"text":"hi"})");
  for (const std::string& id : {one, two}) {
    ExpectNoGap(Watch(id));
    EXPECT_EQ(Get(id).task().output_json(), "\"hi\"");
  }
  EXPECT_EQ(first_.started(), 2) << "one for each life of the router";
}

TEST_F(KeptAnswersTest, WithoutMemoryNothingIsKept) {
  memory_bytes_ = 0;
  UseGraph(std::string("  ") + kOfUser + "\n", std::string(kOfUser) + ", ");
  Begin();
  for (int i = 0; i < 2; ++i) {
    const std::string task_id = MustSubmit(Ask("hello"));
    const FakeAgent::WorkPtr work = first_.Next();
    ASSERT_TRUE(work);
    work->Done(R"({"text":"hi"})");
    Watch(task_id);
  }
  EXPECT_EQ(Stats().max_bytes(), 0);
}

TEST_F(KeptAnswersTest, AWholeGraphsAnswerIsGivenBeforeATaskIsMade) {
  // given
  UseGraph(std::string("  ") + kOfUser + "\n", "");
  Begin();
  const std::string made_by = MustSubmit(Ask("hello"));
  FakeAgent::WorkPtr work = first_.Next();
  ASSERT_TRUE(work);
  work->Done(R"({"text":"hi"})");
  Watch(made_by);
  // when
  const v1::ExecuteResponse response = Execute(Ask("hello"));
  // then
  EXPECT_EQ(response.task().output_json(), "\"hi\"");
  EXPECT_EQ(response.task().state(), v1::TASK_STATE_DONE);
  EXPECT_EQ(response.task().task_id(), "");
  EXPECT_EQ(response.kept().task_id(), made_by);
  EXPECT_EQ(response.kept().saved_tokens(), 6);
  EXPECT_FALSE(response.kept().stale());
  // and the same by Run, as the record of a task that began and ended
  grpc::ClientContext context;
  Limit(context);
  v1::RunRequest request;
  *request.mutable_submit() = Ask("hello");
  const auto reader = tasks_->Run(&context, request);
  v1::RunResponse said;
  ASSERT_TRUE(reader->Read(&said));
  EXPECT_EQ(said.task_id(), "");
  EXPECT_EQ(said.kept().task_id(), made_by);
  EXPECT_EQ(said.record().event().accepted().graph(), "pair");
  EXPECT_EQ(said.record().decisions(0).finish_task().output().json(), "\"hi\"");
  EXPECT_FALSE(reader->Read(&said));
  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_EQ(Tasks(), 1);
  EXPECT_EQ(first_.started(), 1);
  // and whoever wants a task, or is another user, gets a task
  MustSubmit(Ask("hello"));
  EXPECT_TRUE(first_.Next());
  const std::string of_bob = MustSubmit(Ask("hello", "bob"));
  EXPECT_TRUE(first_.Next());
  EXPECT_EQ(Tasks(), 3);
  ASSERT_EQ(Stats().tallies_size(), 1);
  EXPECT_EQ(Stats().tallies(0).exact(), 2);
}

TEST_F(KeptAnswersTest, AnAnswerThatHadToDoWithoutAStepIsNotKept) {
  std::string yaml = CachedGraph(std::string("  ") + kOfUser + "\n", "onError: keep, ");
  yaml.replace(yaml.find("{{ steps.one.text }}"), 20, "{{ steps.one or 'nothing' }}");
  std::ofstream(folder_ / "pair.yaml") << yaml;
  Begin();
  for (int i = 0; i < 2; ++i) {
    const std::string task_id = MustSubmit(Ask("hello"));
    const FakeAgent::WorkPtr work = first_.Next();
    ASSERT_TRUE(work);
    work->Fail(Code::kInvalidArgument, "no");
    Watch(task_id);
    EXPECT_EQ(Get(task_id).task().state(), v1::TASK_STATE_DONE) << Get(task_id).task().error_message();
    EXPECT_EQ(Stats().entries(), 0);
  }
}

TEST_F(KeptAnswersTest, ExplainSaysWhyAndPurgeThrowsAway) {
  // given
  UseGraph(std::string("  ") + kOfUser + "\n", std::string(kOfUser) + ", ");
  Begin();
  const auto channel = rpc::OpenChannel(Socket("router"), {.own_connection = true});
  const auto cache = v1::CacheService::NewStub(*channel);
  const auto explain = [&](const std::string& step, const std::string& who) {
    grpc::ClientContext context;
    Limit(context);
    v1::ExplainRequest request;
    request.set_graph("pair");
    request.set_step(step);
    request.set_input_json(Ask("hello", who).input_json());
    v1::ExplainResponse response;
    const grpc::Status status = cache->Explain(&context, request, &response);
    return status.ok() ? response.why() : "error: " + status.error_message();
  };
  const std::string task_id = MustSubmit(Ask("hello"));
  const FakeAgent::WorkPtr work = first_.Next();
  ASSERT_TRUE(work);
  work->Done(R"({"text":"hi"})");
  Watch(task_id);
  // then
  EXPECT_THAT(explain("one", "ann"), HasSubstr("hit: kept answer, made "));
  EXPECT_THAT(explain("", "ann"), HasSubstr("; task " + task_id + " made it"));
  EXPECT_THAT(explain("one", "bob"), HasSubstr("miss: nobody has asked the same"));
  EXPECT_THAT(explain("one", ""), HasSubstr("the answer is nobody's"));
  EXPECT_THAT(explain("two", "ann"), HasSubstr("error: step 'two' has no 'cache'"));
  EXPECT_THAT(explain("three", "ann"), HasSubstr("error: graph pair has no step 'three'"));
  // when
  grpc::ClientContext context;
  v1::PurgeRequest request;
  request.set_graph("pair");
  v1::PurgeResponse response;
  EXPECT_TRUE(cache->Purge(&context, request, &response).ok());
  // then
  EXPECT_THAT(explain("one", "ann"), HasSubstr("miss: "));
  EXPECT_THAT(explain("", "ann"), HasSubstr("miss: "));
}

}  // namespace
}  // namespace troupe::gateway
