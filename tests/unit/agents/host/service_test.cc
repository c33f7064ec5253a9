#include "agents/host/service.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "runtime/base/prefix.h"
#include "runtime/rpc/channel.h"
#include "runtime/rpc/client_call.h"
#include "runtime/rpc/server.h"

namespace troupe::host {
namespace {
using std::chrono::milliseconds;
using std::chrono::seconds;

// Holds every step until the test ends it.
class HeldKind final : public Kind {
 public:
  Facts facts() const override { return {.model_digest = "feed", .slots = 1}; }
  void Work(std::shared_ptr<Step> step) override {
    std::lock_guard lock(mutex_);
    step->OnCancel([this] {
      std::lock_guard inner(cancel_mutex_);
      ++cancelled_;
      cancel_changed_.notify_all();
    });
    steps_.push_back(std::move(step));
    changed_.notify_all();
  }
  Pages pages() const override { return {.total = pages_total_, .free = 7}; }
  void Remember(int64_t pages) { pages_total_ = pages; }
  // The n-th step ever, once it has come.
  std::shared_ptr<Step> Take(size_t n) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, seconds(30), [&] { return steps_.size() > n; }));
    return std::move(steps_.at(n));
  }
  bool WaitCancelled(int count) {
    std::unique_lock lock(cancel_mutex_);
    return cancel_changed_.wait_for(lock, seconds(30), [&] { return cancelled_ >= count; });
  }

 private:
  std::mutex mutex_, cancel_mutex_;
  std::condition_variable changed_, cancel_changed_;
  std::vector<std::shared_ptr<Step>> steps_;
  std::atomic<int64_t> pages_total_ = 0;
  int cancelled_ = 0;
};

// A router's side of one step.
class Caller {
 public:
  using Stream = rpc::ClientStream<v1::WorkRequest, v1::WorkResponse>;

  Caller(v1::AgentService::Stub& stub, const std::string& key, const std::string& input, bool quiet = false,
         const std::string& committed = "") {
    v1::WorkRequest request;
    request.mutable_start()->set_idempotency_key(key);
    request.mutable_start()->set_input_json(input);
    request.mutable_start()->set_quiet(quiet);
    request.mutable_start()->set_committed_text(committed);
    stream_ = Stream::Start([&stub](auto* context, auto* reactor) { stub.async()->Work(context, reactor); },
                            {.timeout_ms = 60'000},
                            {.on_message =
                                 [this](v1::WorkResponse& response) {
                                   std::lock_guard lock(mutex_);
                                   got_.push_back(response);
                                   changed_.notify_all();
                                   return true;
                                 },
                             .on_done =
                                 [this](const grpc::Status& status) {
                                   std::lock_guard lock(mutex_);
                                   status_ = status;
                                   changed_.notify_all();
                                 }},
                            std::move(request));
  }
  ~Caller() {
    stream_.Cancel();
    Wait();
  }

  void Cancel() { stream_.Cancel(); }
  void Answer(int ordinal, const std::string& output) {
    v1::WorkRequest request;
    request.mutable_answer()->set_ordinal(ordinal);
    request.mutable_answer()->set_output_json(output);
    stream_.Send(std::move(request));
  }
  void Refuse(int ordinal, Code code) {
    v1::WorkRequest request;
    request.mutable_answer()->set_ordinal(ordinal);
    request.mutable_answer()->mutable_failed()->set_code(static_cast<int>(code));
    stream_.Send(std::move(request));
  }
  v1::WorkResponse Message(size_t n) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, seconds(30), [&] { return got_.size() > n || status_; }));
    return got_.size() > n ? got_[n] : v1::WorkResponse();
  }
  // How the call ended, as an Error; code kOk for OK.
  Error Wait() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, seconds(30), [&] { return status_.has_value(); }));
    return status_->ok() ? Error{Code::kOk, ""} : rpc::FromGrpc(*status_);
  }
  v1::WorkResponse Last() {
    Wait();
    std::lock_guard lock(mutex_);
    return got_.empty() ? v1::WorkResponse() : got_.back();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<v1::WorkResponse> got_;
  std::optional<grpc::Status> status_;
  Stream stream_;
};

kind::Kind TextKind() {
  kind::Kind kind;
  kind.name = "held";
  kind.input.kind = kind::Type::Kind::kObject;
  kind.input.fields.push_back({.name = "text", .type = {.kind = kind::Type::Kind::kString}});
  return kind;
}

class ServiceTest : public testing::Test {
 protected:
  void SetUp() override {
    Spec spec;
    spec.agent = "writer";
    spec.kind = "held";
    spec.replica = "writer-0";
    spec.slots = 1;
    spec.queue_limit = 1;
    spec.max_tokens = 100;
    spec.device.product = "cpu";
    service_ = std::make_unique<Service>(spec, declared_, kind_);
    rpc::ServerOptions options;
    options.addresses = {"127.0.0.1:0"};
    options.services = {{service_.get(), v1::AgentService::service_full_name()}};
    auto server = rpc::Server::Start(options);
    ASSERT_TRUE(server) << ToString(server.error());
    server_ = std::move(*server);
    stub_ = v1::AgentService::NewStub(*rpc::OpenChannel(server_->addresses()[0]));
  }
  void TearDown() override {
    service_->Drain();
    service_->HandBack();
    server_->Shutdown(seconds(10));
  }

  const kind::Kind declared_ = TextKind();
  HeldKind kind_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<v1::AgentService::Stub> stub_;
};

const char kInput[] = R"({"text":"hi"})";

TEST_F(ServiceTest, DescribesItself) {
  // when
  grpc::ClientContext context;
  v1::DescribeResponse response;
  ASSERT_TRUE(stub_->Describe(&context, {}, &response).ok());
  // then
  EXPECT_EQ(response.agent(), "writer");
  EXPECT_EQ(response.replica(), "writer-0");
  EXPECT_EQ(response.model_digest(), "feed");
  EXPECT_EQ(response.slots(), 1);
  EXPECT_EQ(response.queue_limit(), 1);
  EXPECT_TRUE(response.answers_once());
}

TEST_F(ServiceTest, AStepStreamsAndEnds) {
  // given
  Caller caller(*stub_, "k", kInput);
  auto step = kind_.Take(0);
  EXPECT_EQ(step->input().at("text"), "hi");
  EXPECT_EQ(step->max_tokens(), 100);
  // when
  step->Delta("one ", 1);
  EXPECT_EQ(caller.Message(0).delta().text(), "one ");
  step->Done({{"text", "one two"}}, {.prompt_tokens = 3, .generated_tokens = 2});
  // then
  EXPECT_EQ(caller.Wait().code, Code::kOk);
  EXPECT_EQ(caller.Last().done().output_json(), R"({"text":"one two"})");
  EXPECT_EQ(caller.Last().done().usage().prompt_tokens(), 3);
}

TEST_F(ServiceTest, TextThatWaitsForItsTurnGoesOutBeforeTheEnd) {
  Caller caller(*stub_, "k", kInput);
  auto step = kind_.Take(0);
  for (int i = 1; i <= 50; ++i) step->Delta("w" + std::to_string(i) + " ", i);
  step->Done({{"text", ""}}, {});
  ASSERT_EQ(caller.Wait().code, Code::kOk);
  std::string text, expected;
  for (int i = 1; i <= 50; ++i) expected += "w" + std::to_string(i) + " ";
  int pieces = 0;
  for (; !caller.Message(pieces).has_done(); ++pieces) text += caller.Message(pieces).delta().text();
  EXPECT_EQ(text, expected);
  EXPECT_EQ(caller.Message(pieces - 1).delta().generated_tokens(), 50);
  EXPECT_EQ(caller.Message(0).delta().text(), "w1 ");
}

TEST_F(ServiceTest, NobodyIsSentDeltasWhoDoesNotReadThem) {
  // given
  Caller caller(*stub_, "k", kInput, /*quiet=*/true);
  auto step = kind_.Take(0);
  // when
  step->Delta("one ", 1);
  step->Done(1, {});
  // then
  EXPECT_TRUE(caller.Message(0).has_done());
}

TEST_F(ServiceTest, AFinishedStepSentAgainIsAnsweredFromMemory) {
  // given
  {
    Caller first(*stub_, "task/a#1", kInput);
    kind_.Take(0)->Done({{"text", "once"}}, {.generated_tokens = 9});
    ASSERT_EQ(first.Wait().code, Code::kOk);
  }
  // when
  Caller again(*stub_, "task/a#1", kInput);
  // then: nobody worked for it
  EXPECT_EQ(again.Last().done().output_json(), R"({"text":"once"})");
  EXPECT_EQ(again.Last().done().usage().generated_tokens(), 9);
}

TEST_F(ServiceTest, TheSameKeyWithAnotherInputIsOtherWork) {
  // given: a router that lost its last records may decide anew
  {
    Caller first(*stub_, "task/a#1", kInput);
    kind_.Take(0)->Done({{"text", "old"}}, {});
    ASSERT_EQ(first.Wait().code, Code::kOk);
  }
  // when
  Caller again(*stub_, "task/a#1", R"({"text":"another question"})");
  kind_.Take(1)->Done({{"text", "new"}}, {});
  // then
  EXPECT_EQ(again.Last().done().output_json(), R"({"text":"new"})");
}

TEST_F(ServiceTest, AnAnswerThatContradictsWhatWasShownIsNotRemembered) {
  // given
  {
    Caller first(*stub_, "task/a#1", kInput);
    kind_.Take(0)->Done({{"text", "we will send it"}}, {});
    ASSERT_EQ(first.Wait().code, Code::kOk);
  }
  // when: clients saw the beginning of another replica's text, then of this one's
  Caller other(*stub_, "task/a#1", kInput, false, "we cannot");
  kind_.Take(1)->Done({{"text", "we cannot send it"}}, {});
  EXPECT_EQ(other.Last().done().output_json(), R"({"text":"we cannot send it"})");
  Caller same(*stub_, "task/a#1", kInput, false, "we cannot");
  // then
  EXPECT_EQ(same.Last().done().output_json(), R"({"text":"we cannot send it"})");
}

TEST_F(ServiceTest, AStepSentAgainWhileItRunsTakesOver) {
  // given
  Caller first(*stub_, "task/a#1", kInput);
  auto old_step = kind_.Take(0);
  // when
  Caller again(*stub_, "task/a#1", kInput, false, "shown so far");
  // then
  EXPECT_EQ(first.Wait().code, Code::kAborted);
  EXPECT_TRUE(kind_.WaitCancelled(1));
  old_step->Fail(Cancelled("stopped"), {});
  auto step = kind_.Take(1);
  EXPECT_EQ(step->committed_text(), "shown so far");
  step->Done(1, {});
  EXPECT_EQ(again.Wait().code, Code::kOk);
}

TEST_F(ServiceTest, AFullQueueRefusesAtOnceWithAdvice) {
  // given: one at work, one waiting
  Caller first(*stub_, "1", kInput);
  auto step = kind_.Take(0);
  Caller second(*stub_, "2", kInput);
  grpc::ClientContext context;
  v1::ReportResponse load;
  auto report = stub_->Report(&context, {});
  while (load.queued() != 1) ASSERT_TRUE(report->Read(&load));
  context.TryCancel();
  // when
  Caller third(*stub_, "3", kInput);
  // then
  const Error refused = third.Wait();
  EXPECT_EQ(refused.code, Code::kResourceExhausted);
  EXPECT_GT(refused.retry_after_ms, 0);
  step->Done(1, {});
  kind_.Take(1)->Done(2, {});
  EXPECT_EQ(second.Wait().code, Code::kOk);
}

TEST_F(ServiceTest, TellsHowInputsBeganWhereTheModelRemembersThem) {
  // given
  const std::string input = R"({"text":")" + std::string(2 * kPrefixBytes, 'x') + R"("})";
  size_t taken = 0;
  const auto report_after = [&](const std::string& key) {
    Caller caller(*stub_, key, input);
    kind_.Take(taken++)->Done(1, {});
    EXPECT_EQ(caller.Wait().code, Code::kOk);
    grpc::ClientContext context;
    auto report = stub_->Report(&context, {});
    v1::ReportResponse load;
    EXPECT_TRUE(report->Read(&load));
    context.TryCancel();
    return load;
  };
  // when, then
  EXPECT_EQ(report_after("1").prefixes_size(), 0);
  kind_.Remember(9);
  const v1::ReportResponse load = report_after("2");
  EXPECT_EQ(load.pages_total(), 9);
  EXPECT_EQ(load.pages_free(), 7);
  EXPECT_EQ(std::vector<uint64_t>(load.prefixes().begin(), load.prefixes().end()), PrefixDigests(input));
}

// A router's side of a step that is answered once.
class OnceCaller {
 public:
  OnceCaller(v1::AgentService::Stub& stub, const std::string& key, const std::string& input) {
    v1::DoRequest request;
    request.mutable_start()->set_idempotency_key(key);
    request.mutable_start()->set_input_json(input);
    cancel_ = rpc::CallUnary<v1::DoResponse>(
        [&stub](auto* context, auto* message, auto* response, auto done) {
          stub.async()->Do(context, message, response, std::move(done));
        },
        std::move(request), {.timeout_ms = 60'000},
        [this](Result<v1::DoResponse> response) { end_.set_value(std::move(response)); });
  }
  void Cancel() { cancel_(); }
  Result<v1::DoResponse> Wait() { return end_.get_future().get(); }

 private:
  std::promise<Result<v1::DoResponse>> end_;
  std::function<void()> cancel_;
};

TEST_F(ServiceTest, AStepThatIsAnsweredOnceEndsWithItsOutput) {
  // given
  OnceCaller caller(*stub_, "task/a#1", kInput);
  auto step = kind_.Take(0);
  // when: text that nobody could read is dropped
  step->Delta("one ", 1);
  step->Done({{"text", "one two"}}, {.generated_tokens = 2});
  // then
  const auto end = caller.Wait();
  ASSERT_TRUE(end) << ToString(end.error());
  EXPECT_EQ(end->done().output_json(), R"({"text":"one two"})");
  EXPECT_EQ(end->done().usage().generated_tokens(), 2);
  // and it is remembered, whichever way it is sent again
  Caller again(*stub_, "task/a#1", kInput);
  EXPECT_EQ(again.Last().done().output_json(), R"({"text":"one two"})");
  OnceCaller once_more(*stub_, "task/a#1", kInput);
  EXPECT_EQ(once_more.Wait()->done().output_json(), R"({"text":"one two"})");
}

TEST_F(ServiceTest, AStepThatIsAnsweredOnceCannotAsk) {
  // given
  OnceCaller caller(*stub_, "k", kInput);
  auto step = kind_.Take(0);
  // when
  std::promise<Result<Value>> answer;
  step->Ask("expert", 1, [&](Result<Value> said) { answer.set_value(std::move(said)); });
  // then
  EXPECT_EQ(answer.get_future().get().error().code, Code::kFailedPrecondition);
  step->Fail({Code::kFailedPrecondition, "nobody to ask"}, {});
  EXPECT_EQ(caller.Wait()->failed().message(), "nobody to ask");
}

TEST_F(ServiceTest, CancellingAStepThatIsAnsweredOnceStopsTheKind) {
  // given
  OnceCaller caller(*stub_, "k", kInput);
  auto step = kind_.Take(0);
  // when
  caller.Cancel();
  // then
  EXPECT_EQ(caller.Wait().error().code, Code::kCancelled);
  EXPECT_TRUE(kind_.WaitCancelled(1));
  step->Done({{"text", "too late"}}, {});
  EXPECT_TRUE(service_->WaitIdle(seconds(30)));
}

TEST_F(ServiceTest, CancellingTheCallStopsTheKind) {
  // given
  Caller caller(*stub_, "k", kInput);
  auto step = kind_.Take(0);
  // when
  caller.Cancel();
  // then
  EXPECT_EQ(caller.Wait().code, Code::kCancelled);
  EXPECT_TRUE(kind_.WaitCancelled(1));
  EXPECT_TRUE(step->cancelled());
  step->Fail(Cancelled("stopped"), {});
  EXPECT_TRUE(service_->WaitIdle(seconds(30)));
}

TEST_F(ServiceTest, OneCancelledInTheQueueNeverReachesTheKind) {
  // given
  Caller first(*stub_, "1", kInput);
  auto step = kind_.Take(0);
  grpc::ClientContext context;
  v1::ReportResponse load;
  auto report = stub_->Report(&context, {});
  {
    Caller second(*stub_, "2", kInput);
    while (load.queued() != 1) ASSERT_TRUE(report->Read(&load));
    // when
    second.Cancel();
    while (load.queued() != 0) ASSERT_TRUE(report->Read(&load));
  }
  context.TryCancel();
  step->Done(1, {});
  EXPECT_TRUE(service_->WaitIdle(seconds(30)));
  Caller third(*stub_, "3", kInput);
  auto next = kind_.Take(1);
  next->Done("third", {});
  // then
  EXPECT_EQ(third.Last().done().output_json(), "\"third\"");
}

TEST_F(ServiceTest, AWrongInputFailsNamingTheField) {
  // given, when
  Caller wrong_type(*stub_, "1", R"({"text":3})");
  Caller broken(*stub_, "2", "{");
  // then
  EXPECT_EQ(wrong_type.Last().failed().code(), static_cast<int>(Code::kInvalidArgument));
  EXPECT_NE(wrong_type.Last().failed().message().find("input.text"), std::string::npos);
  EXPECT_EQ(broken.Last().failed().code(), static_cast<int>(Code::kInvalidArgument));
}

TEST_F(ServiceTest, AQuestionToAPeerIsAnswered) {
  // given
  Caller caller(*stub_, "k", kInput);
  auto step = kind_.Take(0);
  std::promise<Result<Value>> first, second;
  // when
  step->Ask("expert", {{"prompt", "?"}}, [&](Result<Value> answer) { first.set_value(std::move(answer)); });
  const v1::Ask asked = caller.Message(0).ask();
  caller.Answer(asked.ordinal(), "42");
  step->Ask("expert", 2, [&](Result<Value> answer) { second.set_value(std::move(answer)); });
  caller.Answer(2, "43");
  // then
  EXPECT_EQ(asked.peer(), "expert");
  EXPECT_EQ(asked.input_json(), R"({"prompt":"?"})");
  EXPECT_EQ(*first.get_future().get(), 42);
  EXPECT_EQ(*second.get_future().get(), 43);
  step->Done(1, {});
  EXPECT_EQ(caller.Wait().code, Code::kOk);
}

TEST_F(ServiceTest, AQuestionThatNobodyAnswersEndsWithItsStep) {
  // given
  Caller caller(*stub_, "k", kInput);
  auto step = kind_.Take(0);
  std::promise<Result<Value>> refused, dropped;
  // when one is refused, and the caller goes away while the next is open
  step->Ask("expert", 1, [&](Result<Value> answer) { refused.set_value(std::move(answer)); });
  caller.Message(0);
  caller.Refuse(1, Code::kResourceExhausted);
  EXPECT_EQ(refused.get_future().get().error().code, Code::kResourceExhausted);
  step->Ask("expert", 2, [&](Result<Value> answer) { dropped.set_value(std::move(answer)); });
  caller.Message(1);
  caller.Cancel();
  // then
  EXPECT_EQ(dropped.get_future().get().error().code, Code::kCancelled);
  step->Fail(Cancelled("stopped"), {});
  EXPECT_TRUE(service_->WaitIdle(seconds(30)));
}

TEST_F(ServiceTest, AStepThatIsLetGoOfFails) {
  // given
  Caller caller(*stub_, "k", kInput);
  // when
  kind_.Take(0).reset();
  // then
  EXPECT_EQ(caller.Last().failed().code(), static_cast<int>(Code::kInternal));
}

TEST_F(ServiceTest, DrainingFinishesWhatRunsAndRefusesTheRest) {
  // given
  Caller caller(*stub_, "1", kInput);
  auto step = kind_.Take(0);
  // when
  service_->Drain();
  Caller late(*stub_, "2", kInput);
  // then
  EXPECT_EQ(late.Wait().code, Code::kUnavailable);
  EXPECT_FALSE(service_->WaitIdle(milliseconds(1)));
  step->Done(1, {});
  EXPECT_TRUE(service_->WaitIdle(seconds(30)));
  EXPECT_EQ(caller.Wait().code, Code::kOk);
}

TEST_F(ServiceTest, WhatIsLeftIsHandedBackAsUnavailable) {
  // given
  Caller caller(*stub_, "1", kInput);
  auto step = kind_.Take(0);
  service_->Drain();
  // when
  service_->HandBack();
  // then
  EXPECT_EQ(caller.Wait().code, Code::kUnavailable);
  EXPECT_TRUE(kind_.WaitCancelled(1));
  step->Fail(Cancelled("stopped"), {});
}
}  // namespace
}  // namespace troupe::host
