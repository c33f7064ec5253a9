// One watcher, whose client, turn and reads from the journal are in the test's hands.
#include "router/gateway/watch_call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <initializer_list>
#include <string>
#include <vector>

#include "runtime/base/id.h"

namespace troupe::gateway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr journal::TaskKey kKey = 1;

SharedRecord MakeRecord(int64_t sequence, const std::string& text = "") {
  auto record = std::make_shared<v1::Record>();
  record->set_sequence(sequence);
  if (!text.empty()) record->mutable_event()->mutable_step_progress()->set_text(text);
  return record;
}

std::vector<int64_t> UpTo(int64_t last) {
  std::vector<int64_t> out;
  for (int64_t i = 1; i <= last; ++i) out.push_back(i);
  return out;
}

// Holds records of one task.
class FakeJournal final : public journal::Journal {
 public:
  void Keep(const SharedRecord& record) { rows_.push_back({record->sequence(), record->SerializeAsString()}); }

  Result<std::vector<journal::RecordRow>> ReadRecords(journal::TaskKey, int64_t after, int max_records,
                                                      size_t) override {
    std::vector<journal::RecordRow> out;
    for (const journal::RecordRow& row : rows_) {
      if (row.sequence > after && static_cast<int>(out.size()) < max_records) out.push_back(row);
    }
    return out;
  }
  Result<std::optional<journal::TaskRow>> FindTask(const std::string&) override { return journal::TaskRow{}; }

  void Append(journal::Entry) override {}
  void Hurry() override {}
  Status Health() const override { return {}; }
  Status SaveGraph(journal::GraphRow, std::string) override { return {}; }
  Result<std::vector<journal::GraphRow>> ReadGraphs() override { return std::vector<journal::GraphRow>(); }
  Result<std::vector<std::string>> ReadGraphEvents() override { return std::vector<std::string>(); }
  Result<std::vector<journal::VersionCount>> CountEnded(const std::string&, journal::TaskKey) override {
    return std::vector<journal::VersionCount>();
  }
  Result<journal::TaskKey> LastKey() override { return kKey; }
  Result<std::vector<journal::TaskRow>> Unfinished() override { return std::vector<journal::TaskRow>(); }
  Result<std::optional<journal::TaskRow>> FindRequest(const std::string&) override {
    return std::optional<journal::TaskRow>();
  }
  Result<std::vector<journal::TaskRow>> ListTasks(const journal::TaskFilter&) override {
    return std::vector<journal::TaskRow>();
  }
  Result<std::string> ReadBlob(const std::string&) override { return std::string(); }
  Stats GetStats() const override { return {}; }
  Status Close() override { return {}; }

 private:
  std::vector<journal::RecordRow> rows_;
};

// The client of a call, which takes in one message at a time and only when it is told to.
class FakeClient final : public grpc::ServerCallbackWriter<v1::WatchResponse> {
 public:
  explicit FakeClient(grpc::ServerWriteReactor<v1::WatchResponse>* call) : call_(call) { BindReactor(call); }
  ~FakeClient() override { Leave(); }

  bool IsWrittenTo() const { return under_way_ != 0; }
  // What it has got once nothing more is on its way.
  const std::vector<int64_t>& TakeInAll() {
    while (under_way_ != 0) {
      got_.push_back(std::exchange(under_way_, 0));
      if (!end) call_->OnWriteDone(true);
    }
    return got_;
  }
  void Leave() {
    auto* call = std::exchange(call_, nullptr);
    if (call == nullptr) return;
    if (!end) call->OnCancel();
    call->OnDone();
  }

  std::optional<grpc::Status> end;

 private:
  void Finish(grpc::Status status) override { end = status; }
  void SendInitialMetadata() override {}
  void Write(const v1::WatchResponse* message, grpc::WriteOptions) override {
    under_way_ = message->record().sequence();
  }
  void WriteAndFinish(const v1::WatchResponse* message, grpc::WriteOptions options, grpc::Status status) override {
    Write(message, options);
    end = status;
  }
  grpc::internal::ServerReactor* reactor() override { return call_; }
  void CallOnDone() override {}

  grpc::ServerWriteReactor<v1::WatchResponse>* call_;
  int64_t under_way_ = 0;
  std::vector<int64_t> got_;
};

// Takes the only turn and keeps it until told otherwise.
class Another final : public DeliveryGate::Delivery {
 public:
  Use OnPermit(DeliveryGate::Permit permit) override {
    permit_ = permit;
    return Use::kWriting;
  }
  bool HasTurn() const { return permit_.has_value(); }
  DeliveryGate::Permit permit() const { return *permit_; }

 private:
  std::optional<DeliveryGate::Permit> permit_;
};

class WatchCallTest : public testing::Test {
 protected:
  using Call = WatchCall<v1::WatchResponse>;

  ~WatchCallTest() override {
    ReadNow();
    client_.reset();
    tasks_.Stop();
    tasks_.Join();
    timers_.Stop();
    std::filesystem::remove_all(folder_);
  }

  // A watcher from the first record on, of a task that runs.
  void Watch(v1::Detail detail = v1::DETAIL_TEXT) {
    call_ = std::make_shared<Call>(tasks_, detail, 0);
    client_ = std::make_unique<FakeClient>(call_->Open());
    call_->Begin("task", runner_, nullptr);
  }
  // The task's records, the journal's and those of whoever is told of them.
  SharedRecord Record(int64_t sequence, const std::string& text = "") {
    const SharedRecord record = MakeRecord(sequence, text);
    journal_.Keep(record);
    return record;
  }
  void Tell(const std::vector<SharedRecord>& records, int64_t durable) {
    call_->OnDurable(records, durable, RecordsSink::Task::kRunning);
  }

  std::shared_ptr<Another> TakeTurn() {
    auto another = std::make_shared<Another>();
    tasks_.deliveries().Enter(kKey + 1, another);
    return another;
  }
  void GiveTurnBack(const Another& another) { tasks_.deliveries().Leave(another.permit()); }

  // Nothing is read before ReadNow.
  void HoldReads() {
    tasks_.Read([held = reads_may_go_on_.get_future().share()] { held.wait(); });
    reads_are_held_ = true;
  }
  // All that is to be read has been once this returns.
  void ReadNow() {
    if (std::exchange(reads_are_held_, false)) reads_may_go_on_.set_value();
    std::promise<void> done;
    tasks_.Read([&] { done.set_value(); });
    done.get_future().wait();
  }
  // What the client has got once there is nothing more for it.
  std::vector<int64_t> GetAll() {
    do {
      client_->TakeInAll();
      ReadNow();
    } while (client_->IsWrittenTo());
    return client_->TakeInAll();
  }

  const std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("tr-" + NewUuid7().substr(24));
  ManualClock clock_;
  FakeJournal journal_;
  dispatch::Timers timers_;
  Graphs graphs_{journal_, clock_, nullptr};
  dispatch::Dispatcher dispatcher_{{}, timers_, clock_};
  answers::Answers answers_{{.memory_bytes = 0}, {}, timers_, clock_};
  Tasks tasks_{
      {.deliveries = {.at_once = 1}}, folder_, journal_, dispatcher_, answers_, timers_, clock_, graphs_, nullptr};
  std::atomic<int64_t> resting_{0};
  RunnerWorld world_{journal_, dispatcher_, answers_, timers_, clock_,
                     nullptr,  resting_,    nullptr,  nullptr, tasks_.deliveries()};
  std::shared_ptr<TaskRunner> runner_ = std::make_shared<TaskRunner>(world_, kKey, "task", nullptr);
  std::shared_ptr<Call> call_;
  std::unique_ptr<FakeClient> client_;
  std::promise<void> reads_may_go_on_;
  bool reads_are_held_ = false;
};

TEST_F(WatchCallTest, HasItsTurnUntilWhatItWasToldIsWritten) {
  Watch();
  Tell({Record(1), Record(2)}, 2);
  const auto next = TakeTurn();
  EXPECT_FALSE(next->HasTurn());
  EXPECT_THAT(client_->TakeInAll(), ElementsAre(1, 2));
  EXPECT_TRUE(next->HasTurn());
}

TEST_F(WatchCallTest, HasItsTurnUntilWhatItReadsIsWritten) {
  Record(1);
  HoldReads();
  Watch();
  Tell({}, 1);
  const auto next = TakeTurn();
  EXPECT_FALSE(next->HasTurn());
  ReadNow();
  EXPECT_FALSE(next->HasTurn());
  EXPECT_THAT(client_->TakeInAll(), ElementsAre(1));
  EXPECT_TRUE(next->HasTurn());
}

TEST_F(WatchCallTest, AClientThatGoesGivesItsTurnBack) {
  Watch();
  Tell({Record(1)}, 1);
  const auto next = TakeTurn();
  client_->Leave();
  EXPECT_TRUE(next->HasTurn());
}

TEST_F(WatchCallTest, WhatItsClientDoesNotWantTakesNoTurn) {
  Watch(v1::DETAIL_STEPS);
  Tell({Record(1, "text")}, 1);
  EXPECT_TRUE(TakeTurn()->HasTurn());
  EXPECT_TRUE(call_->idle());
}

TEST_F(WatchCallTest, WhatItIsToldWhileItReadsComesOnce) {
  // given one that is about to read what was there when it came
  HoldReads();
  Watch();
  const std::vector<SharedRecord> records{Record(1), Record(2), Record(3)};
  Tell({}, 2);
  // when it is told of that too, by the thread that tells many, and of more
  Tell(records, 3);
  EXPECT_THAT(GetAll(), ElementsAre(1, 2, 3));
  // then it goes on behind that
  Tell({Record(4)}, 4);
  EXPECT_THAT(GetAll(), ElementsAre(1, 2, 3, 4));
}

TEST_F(WatchCallTest, WhatIsMissingBeforeWhatItIsToldIsRead) {
  Watch();
  const auto another = TakeTurn();
  Record(1);
  Record(2);
  Tell({Record(3)}, 3);
  GiveTurnBack(*another);
  EXPECT_THAT(GetAll(), ElementsAre(1, 2, 3));
}

TEST_F(WatchCallTest, WhatItWaitsForMayTurnOutToBeNothingThatItsClientWants) {
  // given one that waits for its turn to read
  Watch(v1::DETAIL_STEPS);
  const auto another = TakeTurn();
  const SharedRecord text = Record(1, "text");
  Tell({}, 1);
  // when it is told what that was, then its turn passes to the next, and it stays
  Tell({text}, 1);
  const auto next = TakeTurn();
  GiveTurnBack(*another);
  EXPECT_TRUE(next->HasTurn());
  ReadNow();
  EXPECT_FALSE(client_->end) << client_->end->error_message();
  GiveTurnBack(*next);
  Tell({Record(2)}, 2);
  EXPECT_THAT(GetAll(), ElementsAre(2));
}

TEST_F(WatchCallTest, HoldsABoundedNumberOfRecords) {
  Watch();
  const auto another = TakeTurn();
  std::vector<SharedRecord> records;
  for (int64_t i = 1; i <= 40; ++i) {
    EXPECT_EQ(call_->idle(), i <= 16) << i;
    records.push_back(Record(i));
    Tell({records.back()}, i);
  }
  for (int64_t i = 1; i <= 40; ++i) EXPECT_EQ(records[static_cast<size_t>(i - 1)].use_count(), i <= 16 ? 2 : 1) << i;
  GiveTurnBack(*another);
  EXPECT_EQ(GetAll(), UpTo(40));
  EXPECT_TRUE(call_->idle());
}

TEST_F(WatchCallTest, HoldsABoundedNumberOfBytes) {
  Watch();
  const auto another = TakeTurn();
  std::vector<SharedRecord> records;
  for (int64_t i = 1; i <= 5; ++i) {
    records.push_back(Record(i, std::string(20u << 10, 'x')));
    Tell({records.back()}, i);
  }
  EXPECT_FALSE(call_->idle());
  for (int64_t i = 1; i <= 5; ++i) EXPECT_EQ(records[static_cast<size_t>(i - 1)].use_count(), i <= 2 ? 2 : 1) << i;
  GiveTurnBack(*another);
  EXPECT_EQ(GetAll(), UpTo(5));
  EXPECT_TRUE(call_->idle());
}

TEST_F(WatchCallTest, OneThatWasBehindAsksWhatCameMeanwhile) {
  // given one that can hold no more
  Watch();
  const auto another = TakeTurn();
  for (int64_t i = 1; i <= 16; ++i) Tell({Record(i)}, i);
  // when more becomes durable, which it is not told
  for (int64_t i = 17; i <= 20; ++i) Record(i);
  runner_->OnDurable(20);
  GiveTurnBack(*another);
  // then it gets that too, although nothing more comes
  EXPECT_EQ(GetAll(), UpTo(20));
}

TEST_F(WatchCallTest, OneThatWasBehindIsNotIdleBeforeItHasWhatCameMeanwhile) {
  Watch();
  const auto another = TakeTurn();
  for (int64_t i = 1; i <= 16; ++i) Tell({Record(i)}, i);
  for (int64_t i = 17; i <= 20; ++i) Record(i);
  runner_->OnDurable(20);
  // when what it holds is on its way
  GiveTurnBack(*another);
  EXPECT_FALSE(call_->idle());
  EXPECT_EQ(GetAll(), UpTo(20));
  EXPECT_TRUE(call_->idle());
}

}  // namespace
}  // namespace troupe::gateway
