// Who hears of a record, once it is durable and not before.
#include "router/gateway/followers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::gateway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Sink final : public RecordsSink {
 public:
  explicit Sink(v1::Detail detail = v1::DETAIL_STEPS) : detail_(detail) {}
  v1::Detail detail() const override { return detail_; }
  void OnDurable(std::span<const SharedRecord> records, int64_t up_to, Task task) override {
    for (const SharedRecord& record : records) seen.push_back(record->sequence());
    durable = up_to;
    ended = task == Task::kEnded;
  }
  void OnRouterStops() override { sent_away = true; }
  void SetIdle(bool idle) { idle_ = idle; }

  std::vector<int64_t> seen;
  int64_t durable = 0;
  bool ended = false;
  bool sent_away = false;

 private:
  const v1::Detail detail_;
};

SharedRecord MakeRecord(int64_t sequence) {
  auto record = std::make_shared<v1::Record>();
  record->set_sequence(sequence);
  return record;
}

class FollowersTest : public testing::Test {
 protected:
  // As the runner writes it.
  Followers::Interest Write(int64_t sequence, Followers::Record record = Followers::Record::kAnother) {
    const Followers::Interest interest = followers_.Announce(sequence, record);
    if (interest.keep) followers_.Keep(MakeRecord(sequence));
    return interest;
  }
  void MakeDurable(int64_t sequence) {
    if (followers_.OnDurable(sequence, [this] { ++ends_; }) == Followers::Told::kAsk) ++tells_;
  }
  Followers followers_;
  int ends_ = 0;
  // How often TellMany is asked for.
  int tells_ = 0;
};

TEST_F(FollowersTest, ManyAreToldOnAThreadOfTheirOwnAndMissNothing) {
  // given more watchers than the bringer of the news tells itself
  std::vector<std::shared_ptr<Sink>> sinks;
  for (int i = 0; i < 6; ++i) followers_.Follow(sinks.emplace_back(std::make_shared<Sink>()));
  for (int64_t i = 1; i <= 3; ++i) Write(i);
  // when records become durable faster than they are told
  MakeDurable(1);
  MakeDurable(3);
  // then that thread is asked for once, and nobody has heard of them yet
  EXPECT_EQ(tells_, 1);
  EXPECT_THAT(sinks[0]->seen, IsEmpty());
  followers_.TellMany();
  for (const auto& sink : sinks) EXPECT_THAT(sink->seen, ElementsAre(1, 2, 3));
  // and the end comes the same way, once, to those who are still there
  followers_.Unfollow(sinks[5].get());
  Write(4, Followers::Record::kLast);
  MakeDurable(4);
  EXPECT_EQ(tells_, 2);
  EXPECT_EQ(ends_, 1);
  followers_.TellMany();
  followers_.TellMany();
  EXPECT_THAT(sinks[0]->seen, ElementsAre(1, 2, 3, 4));
  EXPECT_TRUE(sinks[0]->ended);
  EXPECT_FALSE(sinks[5]->ended);
}

TEST_F(FollowersTest, WhatIsKeptForManyIsBounded) {
  std::vector<std::shared_ptr<Sink>> sinks;
  for (int i = 0; i < 6; ++i) followers_.Follow(sinks.emplace_back(std::make_shared<Sink>()));
  for (int64_t i = 1; i <= 500; ++i) {
    Write(i);
    MakeDurable(i);
  }
  followers_.TellMany();
  // the latest are handed on, the others are in the journal
  EXPECT_EQ(sinks[0]->durable, 500);
  EXPECT_EQ(sinks[0]->seen.size(), 64u);
  EXPECT_EQ(sinks[0]->seen.back(), 500);
}

TEST_F(FollowersTest, OneThatIsBehindIsLeftAloneUntilTheEnd) {
  const auto sink = std::make_shared<Sink>();
  followers_.Follow(sink);
  Write(1);
  MakeDurable(1);
  // given one that waits for its reader
  sink->SetIdle(false);
  const Followers::Interest interest = Write(2);
  EXPECT_FALSE(interest.urgent);
  EXPECT_FALSE(interest.keep);
  MakeDurable(2);
  EXPECT_EQ(sink->durable, 1) << "it is not touched";
  // when it has caught up, it asks, and is told again from then on
  sink->SetIdle(true);
  EXPECT_EQ(followers_.durable(), 2);
  EXPECT_TRUE(Write(3).urgent);
  MakeDurable(3);
  EXPECT_THAT(sink->seen, ElementsAre(1, 3));
  // and the end comes to it wherever it is
  sink->SetIdle(false);
  EXPECT_TRUE(Write(4, Followers::Record::kLast).urgent);
  MakeDurable(4);
  EXPECT_EQ(sink->durable, 4);
  EXPECT_TRUE(sink->ended);
}

TEST_F(FollowersTest, ManyThatAreBehindAskForNoThreadBeforeTheEnd) {
  std::vector<std::shared_ptr<Sink>> sinks;
  for (int i = 0; i < 6; ++i) followers_.Follow(sinks.emplace_back(std::make_shared<Sink>()));
  for (const auto& sink : sinks) sink->SetIdle(false);
  Write(1);
  MakeDurable(1);
  EXPECT_EQ(tells_, 0);
  // one of them is idle again
  sinks[2]->SetIdle(true);
  Write(2);
  MakeDurable(2);
  EXPECT_EQ(tells_, 1);
  followers_.TellMany();
  EXPECT_THAT(sinks[2]->seen, ElementsAre(2));
  EXPECT_EQ(sinks[1]->durable, 0);
  sinks[2]->SetIdle(false);
  Write(3, Followers::Record::kLast);
  MakeDurable(3);
  EXPECT_EQ(tells_, 2);
  followers_.TellMany();
  for (const auto& sink : sinks) EXPECT_TRUE(sink->ended);
}

TEST_F(FollowersTest, ARecordIsToldOnceItIsDurable) {
  const auto sink = std::make_shared<Sink>();
  EXPECT_FALSE(Write(1).urgent) << "nobody waits for it yet";
  EXPECT_EQ(followers_.Follow(sink).durable, 0);
  EXPECT_TRUE(Write(2).urgent);
  EXPECT_TRUE(Write(3).urgent);
  EXPECT_THAT(sink->seen, IsEmpty());
  MakeDurable(2);
  EXPECT_THAT(sink->seen, ElementsAre(2)) << "the first one is in the journal";
  EXPECT_EQ(sink->durable, 2);
  MakeDurable(3);
  EXPECT_THAT(sink->seen, ElementsAre(2, 3));
  EXPECT_FALSE(sink->ended);
}

TEST_F(FollowersTest, WhoWantsTheResultHearsOfTheLastRecordOnly) {
  const auto sink = std::make_shared<Sink>(v1::DETAIL_RESULT);
  followers_.Follow(sink);
  EXPECT_FALSE(Write(1).keep);
  EXPECT_TRUE(Write(2, Followers::Record::kLast).keep);
  MakeDurable(2);
  EXPECT_THAT(sink->seen, ElementsAre(2));
  EXPECT_TRUE(sink->ended);
  EXPECT_EQ(ends_, 1);
  EXPECT_EQ(followers_.Follow(sink).task, RecordsSink::Task::kEnded);
}

TEST_F(FollowersTest, WhoWaitsForARecordIsCalledOnceItIsDurable) {
  std::vector<std::string> called;
  const auto waiter = [&](const std::string& name) {
    return [&called, name](const Status& status) { called.push_back(status ? name : name + " in vain"); };
  };
  EXPECT_TRUE(followers_.WhenDurable(2, waiter("second")));
  EXPECT_FALSE(followers_.WhenDurable(Followers::kLast, waiter("last"))) << "the last record hurries by itself";
  MakeDurable(1);
  EXPECT_THAT(called, IsEmpty());
  MakeDurable(2);
  EXPECT_THAT(called, ElementsAre("second"));
  EXPECT_FALSE(followers_.WhenDurable(2, waiter("late")));
  EXPECT_THAT(called, ElementsAre("second", "late"));
  followers_.Stop();
  EXPECT_THAT(called, ElementsAre("second", "late", "last in vain"));
}

TEST_F(FollowersTest, WhoLeavesHearsNothingMore) {
  const auto sink = std::make_shared<Sink>(v1::DETAIL_TEXT);
  followers_.Follow(sink);
  EXPECT_TRUE(followers_.HasTextWatcher());
  followers_.Unfollow(sink.get());
  EXPECT_FALSE(followers_.HasTextWatcher());
  EXPECT_FALSE(Write(1).keep);
  MakeDurable(1);
  followers_.Stop();
  EXPECT_EQ(sink->durable, 0);
  EXPECT_FALSE(sink->sent_away);
}

TEST_F(FollowersTest, ARestoredTaskHasWhatTheJournalHas) {
  followers_.Restore(7);
  EXPECT_EQ(followers_.Follow(std::make_shared<Sink>()).durable, 7);
  bool called = false;
  EXPECT_FALSE(followers_.WhenDurable(7, [&](const Status&) { called = true; }));
  EXPECT_TRUE(called);
}

}  // namespace
}  // namespace troupe::gateway
