// Watchers and the gate through which all that is written to them goes (see DeliveryGate), narrow here: one at a time.
#include <array>
#include <thread>

#include "tests/unit/gateway/harness.h"

namespace troupe::gateway {
namespace {

class DeliveriesTest : public RouterTest {
 protected:
  // Longer than any test: who does not give the permit back keeps it from all others.
  int64_t limit_ms_ = 3'600'000;
  RouterOptions Options() override {
    RouterOptions options = RouterTest::Options();
    options.tasks.deliveries = {.at_once = 1, .limit_ms = limit_ms_};
    return options;
  }

  // A client that reads nothing, of an ended task whose last records are larger than what is taken in for it.
  struct Hung {
    grpc::ClientContext context;
    std::unique_ptr<v1::TaskService::Stub> tasks;
    std::unique_ptr<grpc::ClientReader<v1::WatchResponse>> reader;
  };
  static constexpr size_t kLarge = 1u << 20;
  // It is being written to, without end, once this returns.
  std::unique_ptr<Hung> Hang(const std::string& task_id) {
    const std::vector<v1::Record> all = Watch(task_id);
    auto hung = std::make_unique<Hung>();
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
    arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 65'536);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    hung->tasks = v1::TaskService::NewStub(
        grpc::CreateCustomChannel(Socket("router"), grpc::InsecureChannelCredentials(), arguments));
    Limit(hung->context);
    v1::WatchRequest request;
    request.set_task_id(task_id);
    request.set_detail(v1::DETAIL_TEXT);
    // the first that it gets is large
    for (const v1::Record& record : all) {
      if (record.ByteSizeLong() > kLarge) break;
      request.set_after_sequence(record.sequence());
    }
    EXPECT_LT(request.after_sequence(), all.back().sequence());
    hung->reader = hung->tasks->Watch(&hung->context, request);
    hung->reader->WaitForInitialMetadata();
    return hung;
  }
  static void Leave(Hung& hung) {
    hung.context.TryCancel();
    for (v1::WatchResponse response; hung.reader->Read(&response);) continue;
    (void)hung.reader->Finish();
  }

  std::string RunToTheEnd(FakeAgent& first, const std::string& output) {
    const std::string task_id = MustSubmit();
    const FakeAgent::WorkPtr work = first.Next();
    EXPECT_TRUE(work);
    if (work) work->Done(Dump(Value{{"text", output}}));
    EXPECT_FALSE(Watch(task_id).empty());
    return task_id;
  }

  std::unique_ptr<grpc::ClientReader<v1::WatchResponse>> Follow(grpc::ClientContext& context,
                                                                const std::string& task_id) {
    Limit(context);
    v1::WatchRequest request;
    request.set_task_id(task_id);
    request.set_detail(v1::DETAIL_TEXT);
    return tasks_->Watch(&context, request);
  }
  static std::vector<v1::Record> ReadAll(grpc::ClientReader<v1::WatchResponse>& reader) {
    std::vector<v1::Record> out;
    for (v1::WatchResponse response; reader.Read(&response);) out.push_back(response.record());
    EXPECT_TRUE(reader.Finish().ok());
    return out;
  }
  static std::vector<std::string> Texts(const std::vector<v1::Record>& records) {
    std::vector<std::string> out;
    for (const v1::Record& record : records) {
      if (record.event().has_step_progress()) out.push_back(record.event().step_progress().text());
    }
    return out;
  }
};

TEST_F(DeliveriesTest, EveryWayToWatchGivesItsPermitBack) {
  FakeAgent first("first", Socket("first-0")), second("second", Socket("second-0"), Echo);
  StartRouter();
  const std::string task_id = MustSubmit();
  const FakeAgent::WorkPtr work = first.Next();
  ASSERT_TRUE(work);
  // given those who follow a running task in every detail, one that goes away, and text that not all of them want
  std::vector<std::thread> threads;
  std::atomic<int> records{0};
  for (const v1::Detail detail : {v1::DETAIL_RESULT, v1::DETAIL_STEPS, v1::DETAIL_TEXT, v1::DETAIL_TEXT}) {
    threads.emplace_back([&, detail] { records += static_cast<int>(Watch(task_id, 0, detail).size()); });
  }
  {
    grpc::ClientContext context;
    const auto reader = Follow(context, task_id);
    v1::WatchResponse response;
    ASSERT_TRUE(reader->Read(&response));
    context.TryCancel();
    while (reader->Read(&response)) continue;
    EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  for (int i = 0; i < 100; ++i) {
    work->Say("word ");
    if (i % 10 == 0) Get(task_id);
  }
  work->Done(Dump(Value{{"text", "end"}}));
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(records, 4);
  // when it has ended, and some look back who have seen all, some, or ask for what is not there
  const auto all = static_cast<int64_t>(Watch(task_id).size());
  EXPECT_TRUE(Watch(task_id, all).empty());
  EXPECT_EQ(Watch(task_id, 0, v1::DETAIL_RESULT).size(), 1u);
  EXPECT_EQ(Watch(task_id, all - 1).size(), 1u);
  // then the one permit is there for the next
  ExpectNoGap(Watch(task_id));
}

TEST_F(DeliveriesTest, AnAnswerWaitsForNoWatcher) {
  FakeAgent first("first", Socket("first-0")), second("second", Socket("second-0"), Echo);
  StartRouter();
  // given one that does not read and keeps the only permit
  const auto hung = Hang(RunToTheEnd(first, std::string(kLarge, 'x')));
  // when a task is run for its answer, then it comes
  std::thread working([&] {
    if (const FakeAgent::WorkPtr work = first.Next()) Echo(work);
  });
  EXPECT_EQ(Run(v1::DETAIL_RESULT).size(), 1u);
  working.join();
  Leave(*hung);
}

TEST_F(DeliveriesTest, TextIsJoinedWhileItsWatchersWaitForTheirTurn) {
  FakeAgent first("first", Socket("first-0")), second("second", Socket("second-0"), Echo);
  StartRouter();
  const std::string ended = RunToTheEnd(first, std::string(kLarge, 'x'));
  // given a watcher that has seen some text, and one that keeps the only permit from it
  const std::string task_id = MustSubmit();
  const FakeAgent::WorkPtr work = first.Next();
  ASSERT_TRUE(work);
  grpc::ClientContext context;
  const auto reader = Follow(context, task_id);
  work->Say("zero ");
  std::vector<v1::Record> records;
  for (v1::WatchResponse response; Texts(records).empty() && reader->Read(&response);) {
    records.push_back(response.record());
  }
  const auto hung = Hang(ended);
  // when the task says more, piece by piece, each taken in before the next
  const auto last_sequence = [&] { return Get(task_id).task().last_sequence(); };
  const int64_t before = last_sequence();
  work->Say("one ");
  for (int i = 0; i < 2'000 && last_sequence() == before; ++i) std::this_thread::yield();
  ASSERT_EQ(last_sequence(), before + 1);
  for (const char* piece : {"two ", "three ", "four "}) {
    work->Say(piece);
    Get(task_id);
  }
  // then there is one record that waits, and one of all that came after it
  Leave(*hung);
  for (v1::WatchResponse response; Texts(records).size() < 3 && reader->Read(&response);) {
    records.push_back(response.record());
  }
  work->Done(Dump(Value{{"text", "end"}}));
  for (const v1::Record& record : ReadAll(*reader)) records.push_back(record);
  ExpectNoGap(records);
  EXPECT_EQ(Texts(records), (std::vector<std::string>{"zero ", "one ", "two three four "}));
}

TEST_F(DeliveriesTest, ManyWatchersHearTextAsItComes) {
  FakeAgent first("first", Socket("first-0")), second("second", Socket("second-0"), Echo);
  StartRouter();
  // given more than are told by the thread that brings the news
  const std::string task_id = MustSubmit();
  const FakeAgent::WorkPtr work = first.Next();
  ASSERT_TRUE(work);
  std::array<grpc::ClientContext, 6> contexts;
  std::vector<std::unique_ptr<grpc::ClientReader<v1::WatchResponse>>> readers;
  for (grpc::ClientContext& context : contexts) readers.push_back(Follow(context, task_id));
  // then each piece reaches all while the step goes on
  for (const std::string piece : {"one ", "two ", "three "}) {
    work->Say(piece);
    for (const auto& reader : readers) {
      std::string heard;
      for (v1::WatchResponse response; heard.empty() && reader->Read(&response);) {
        heard = response.record().event().step_progress().text();
      }
      ASSERT_EQ(heard, piece);
    }
  }
  work->Done(Dump(Value{{"text", "end"}}));
  for (const auto& reader : readers) ReadAll(*reader);
}

class HurriedDeliveriesTest : public DeliveriesTest {
 protected:
  HurriedDeliveriesTest() { limit_ms_ = 1; }
};

TEST_F(HurriedDeliveriesTest, WhoDoesNotReadKeepsNobodyWaiting) {
  FakeAgent first("first", Socket("first-0")), second("second", Socket("second-0"), Echo);
  StartRouter();
  const std::string task_id = RunToTheEnd(first, std::string(kLarge, 'x'));
  // given several that read nothing
  std::vector<std::unique_ptr<Hung>> hung;
  for (int i = 0; i < 3; ++i) hung.push_back(Hang(task_id));
  // then another one gets everything, and so do they once they read
  const std::vector<v1::Record> all = Watch(task_id);
  ExpectNoGap(all);
  for (const auto& one : hung) {
    const std::vector<v1::Record> late = ReadAll(*one->reader);
    ASSERT_FALSE(late.empty());
    ExpectNoGap(late, all.back().sequence() - static_cast<int64_t>(late.size()) + 1);
  }
}

TEST_F(HurriedDeliveriesTest, ManyThatReadAndManyThatDoNotSeeEveryRecordOnce) {
  FakeAgent first("first", Socket("first-0")), second("second", Socket("second-0"), Echo);
  StartRouter();
  const std::string task_id = MustSubmit();
  const FakeAgent::WorkPtr work = first.Next();
  ASSERT_TRUE(work);
  // given many watchers, every third of which reads nothing until the task has ended
  constexpr size_t kWatchers = 24;
  struct Watcher {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReader<v1::WatchResponse>> reader;
    std::vector<v1::Record> records;
    std::thread thread;
  };
  std::vector<Watcher> watchers(kWatchers);
  for (size_t i = 0; i < kWatchers; ++i) {
    watchers[i].reader = Follow(watchers[i].context, task_id);
    if (i % 3 != 0) watchers[i].thread = std::thread([&, i] { watchers[i].records = ReadAll(*watchers[i].reader); });
  }
  // when a step says more than is buffered for anybody
  std::string said;
  for (int i = 0; i < 200; ++i) {
    const std::string piece = std::to_string(i) + std::string(8'000, '.');
    work->Say(piece);
    said += piece;
    if (i % 4 == 0) Get(task_id);
  }
  work->Done(Dump(Value{{"text", "end"}}));
  const size_t records = Watch(task_id).size();
  // then all get the same in the end
  for (Watcher& watcher : watchers) {
    if (watcher.thread.joinable()) {
      watcher.thread.join();
    } else {
      watcher.records = ReadAll(*watcher.reader);
    }
    ExpectNoGap(watcher.records);
    ASSERT_EQ(watcher.records.size(), records);
    std::string heard;
    for (const std::string& text : Texts(watcher.records)) heard += text;
    EXPECT_EQ(heard, said);
  }
}

}  // namespace
}  // namespace troupe::gateway
