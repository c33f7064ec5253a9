// Text as it grows: who watches sees all of it once, from the beginning, whenever they come; it is written down only
// where somebody watches or there is much of it.
#include "tests/unit/gateway/harness.h"

namespace troupe::gateway {
namespace {

// One who watches text and reads when the test says so.
class Watcher {
 public:
  Watcher(v1::TaskService::Stub& tasks, const std::string& task_id) {
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    v1::WatchRequest request;
    request.set_task_id(task_id);
    request.set_detail(v1::DETAIL_TEXT);
    reader_ = tasks.Watch(&context_, request);
  }
  ~Watcher() {
    context_.TryCancel();
    ReadAll();
  }

  // Reads on until it has seen so much text, or the end.
  void ReadText(size_t bytes) {
    while (text_.size() < bytes && ReadOne()) {
    }
  }
  void ReadAll() {
    while (ReadOne()) {
    }
  }
  const std::string& text() const { return text_; }
  const std::vector<v1::Record>& records() const { return records_; }

 private:
  bool ReadOne() {
    v1::WatchResponse response;
    if (!reader_->Read(&response)) return false;
    records_.push_back(response.record());
    text_ += response.record().event().step_progress().text();
    return true;
  }

  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchResponse>> reader_;
  std::vector<v1::Record> records_;
  std::string text_;
};

std::string TextOf(const std::vector<v1::Record>& records) {
  std::string text;
  for (const v1::Record& record : records) text += record.event().step_progress().text();
  return text;
}

TEST_F(RouterTest, OneWhoComesLateSeesTheTextFromTheBeginning) {
  FakeAgent first("first", Socket("first-0")), second("second", Socket("second-0"), Echo);
  StartRouter();
  // given a step that has begun to speak while nobody watched
  const std::string task_id = MustSubmit();
  const FakeAgent::WorkPtr work = first.Next();
  ASSERT_TRUE(work);
  EXPECT_FALSE(work->start().quiet());
  for (const char* word : {"one ", "two ", "three "}) work->Say(word);
  // when somebody comes, and it goes on
  Watcher late(*tasks_, task_id);
  late.ReadText(14);
  work->Say("four");
  late.ReadText(18);
  Watcher later(*tasks_, task_id);
  work->Done("{\"text\":\"one two three four\"}");
  // then both see all of it once
  late.ReadAll();
  later.ReadAll();
  EXPECT_EQ(late.text(), "one two three four");
  EXPECT_EQ(later.text(), "one two three four");
  ExpectNoGap(late.records());
  ExpectNoGap(later.records());
  EXPECT_EQ(TextOf(Watch(task_id)), "one two three four");
}

TEST_F(RouterTest, TextThatNobodyWatchesIsNotWrittenDown) {
  FakeAgent first("first", Socket("first-0")), second("second", Socket("second-0"), Echo);
  StartRouter();
  const std::string task_id = MustSubmit();
  const FakeAgent::WorkPtr work = first.Next();
  ASSERT_TRUE(work);
  // given a step that speaks while one follows the steps only
  for (const char* word : {"one ", "two ", "three"}) work->Say(word);
  work->Done("{\"text\":\"one two three\"}");
  Watch(task_id, 0, v1::DETAIL_STEPS);
  // then its end has the text, and nothing was recorded of it before
  const std::vector<v1::Record> records = Watch(task_id);
  EXPECT_EQ(TextOf(records), "");
  EXPECT_EQ(records.size(), 3u);
}

TEST_F(RouterTest, AKindThatDoesNotStreamIsToldSo) {
  FakeAgent first("first", Socket("first-0"), Echo), second("second", Socket("second-0"));
  StartRouter();
  // given one who watches text
  const std::string task_id = MustSubmit();
  Watcher watcher(*tasks_, task_id);
  const FakeAgent::WorkPtr work = second.Next();
  ASSERT_TRUE(work);
  // then the agent that echoes need not send any
  EXPECT_TRUE(work->start().quiet());
  Echo(work);
  watcher.ReadAll();
}

TEST_F(RouterTest, MuchTextIsWrittenDownAlthoughNobodyWatches) {
  FakeAgent first("first", Socket("first-0")), second("second", Socket("second-0"), Echo);
  StartRouter();
  const std::string task_id = MustSubmit();
  const FakeAgent::WorkPtr work = first.Next();
  ASSERT_TRUE(work);
  // given more text than is kept in memory, in pieces
  std::string whole;
  for (int i = 0; i < 40; ++i) {
    const std::string piece(5'000, static_cast<char>('a' + i % 26));
    work->Say(piece);
    whole += piece;
  }
  work->Done(Dump(Value{{"text", whole}}));
  // then the records hold the whole of it
  Watch(task_id, 0, v1::DETAIL_RESULT);
  const std::vector<v1::Record> records = Watch(task_id);
  EXPECT_EQ(TextOf(records), whole);
  ExpectNoGap(records);
  EXPECT_LT(records.size(), 10u);
}

TEST_F(RouterTest, WhenTheWatcherLeavesTheTextIsStillWhole) {
  FakeAgent first("first", Socket("first-0")), second("second", Socket("second-0"), Echo);
  StartRouter();
  const std::string task_id = MustSubmit();
  const FakeAgent::WorkPtr work = first.Next();
  ASSERT_TRUE(work);
  // given a watcher that has seen a beginning and left
  {
    Watcher watcher(*tasks_, task_id);
    work->Say("one ");
    watcher.ReadText(4);
  }
  // when the step says the rest to nobody
  work->Say("two ");
  work->Say("three");
  work->Done("{\"text\":\"one two three\"}");
  // then one who reads it later sees no end that its beginning does not lead to
  Watch(task_id, 0, v1::DETAIL_RESULT);
  EXPECT_EQ(TextOf(Watch(task_id)), "one two three");
}

TEST_F(RouterTest, AStepSentAgainGoesOnAfterAllThatItSaid) {
  FakeAgent first("first", Socket("first-0")), second("second", Socket("second-0"), Echo);
  StartRouter();
  const std::string task_id = MustSubmit();
  const FakeAgent::WorkPtr before = first.Next();
  ASSERT_TRUE(before);
  // given text from before somebody came, text after, and an agent that dies then
  before->Say("one ");
  Watcher watcher(*tasks_, task_id);
  watcher.ReadText(4);
  before->Say("two ");
  watcher.ReadText(8);
  before->Break();
  first.Kill();
  first.Serve();
  const FakeAgent::WorkPtr again = first.Next();
  ASSERT_TRUE(again);
  // when it goes on
  EXPECT_EQ(again->start().committed_text(), "one two ");
  again->Say("three");
  again->Done("{\"text\":\"one two three\"}");
  // then nothing was said twice
  watcher.ReadAll();
  EXPECT_EQ(watcher.text(), "one two three");
  ExpectNoGap(watcher.records());
}

TEST_F(RouterTest, AWatcherWhoseBufferIsFullIsServedFromTheJournal) {
  FakeAgent first("first", Socket("first-0")), second("second", Socket("second-0"), Echo);
  StartRouter();
  const std::string task_id = MustSubmit();
  const FakeAgent::WorkPtr work = first.Next();
  ASSERT_TRUE(work);
  // given one who reads nothing while another sees many records, each too large for a connection to hold many
  Watcher slow(*tasks_, task_id);
  Watcher quick(*tasks_, task_id);
  std::string whole;
  for (int i = 0; i < 120; ++i) {
    const std::string piece(60'000, static_cast<char>('a' + i % 26));
    work->Say(piece);
    whole += piece;
    quick.ReadText(whole.size());
  }
  ASSERT_EQ(quick.text(), whole);
  work->Done("{\"text\":\"done\"}");
  quick.ReadAll();
  ASSERT_GT(quick.records().size(), 120u);
  // when it reads at last
  slow.ReadAll();
  // then it has seen the same, in order
  EXPECT_EQ(slow.text(), whole);
  ExpectNoGap(slow.records());
  ASSERT_EQ(slow.records().size(), quick.records().size());
  for (size_t i = 0; i < slow.records().size(); ++i) {
    EXPECT_EQ(slow.records()[i].SerializeAsString(), quick.records()[i].SerializeAsString());
  }
}

}  // namespace
}  // namespace troupe::gateway
