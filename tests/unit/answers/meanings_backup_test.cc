// What is known of questions, over a restart.
#include <gmock/gmock.h>

#include "tests/unit/answers/fake_backend.h"
#include "tests/unit/answers/fake_store.h"

namespace troupe::answers {
namespace {

using testing::HasSubstr;

class MeaningsBackupTest : public AnswersTest {
 protected:
  MeaningsBackupTest() {
    UseCache("{ttl: 1h, stale: 1h, semantic: {text: \"{{ input.text }}\", agent: reader, judge: equal}}");
    Restart();
  }
  void TearDown() override {
    router_->Stop();
    AnswersTest::TearDown();
  }
  void Restart() {
    if (router_) router_->Stop();
    router_ = std::make_unique<Answers>(AnswersOptions{.memory_bytes = memory_bytes_}, Actors(), timers_, clock_,
                                        std::make_unique<FakeStore>(shelf_));
    asked_ = router_.get();
  }
  // A question with that vector.
  std::shared_ptr<Ear> Ask(const std::string& question, double x, double y) {
    const size_t before = made();
    auto ear = Start(question, "", question);
    Made(before).Done(Value{{"vectors", Value::array({Value::array({x, y})})}});
    next_ = before + 1;
    return ear;
  }
  // The step that was asked last is really done.
  FakeCall& MadeAnew() { return Made(next_); }
  void Learn(const std::string& question, double x, double y, const std::string& answer) {
    const auto ear = Ask(question, x, y);
    MadeAnew().Done(answer);
    ear->End();
  }
  bool Knows(size_t questions) {
    return Eventually("questions are known", [&] { return router_->meanings().size() == questions; });
  }

  size_t memory_bytes_ = 1u << 20;
  size_t next_ = 0;
  const std::shared_ptr<Shelf> shelf_ = std::make_shared<Shelf>();
  std::unique_ptr<Answers> router_;
};

TEST_F(MeaningsBackupTest, AQuestionInOtherWordsIsAnsweredAfterARestart) {
  // given
  Learn("How can I change my password?", 1.0, 0.0, "In the settings.");
  Learn("Who are you?", 0.0, 1.0, "A bank.");
  // when
  Restart();
  ASSERT_TRUE(Knows(2));
  // then
  const auto again = Ask("How do I change my password?", 0.99, 0.05);
  EXPECT_EQ(*again->End().output, "In the settings.");
  EXPECT_THAT(again->End().site.reason, HasSubstr("means the same"));
  // and the guard still keeps apart what is another question
  const auto opposite = Ask("How can I not change my password?", 1.0, 0.0);
  MadeAnew().Done("Do nothing.");
  EXPECT_EQ(*opposite->End().output, "Do nothing.");
}

TEST_F(MeaningsBackupTest, AnAnswerThatIsGoneMeanwhileIsMade) {
  Learn("How can I change my password?", 1.0, 0.0, "In the settings.");
  Restart();
  ASSERT_TRUE(Knows(1));
  {
    const std::lock_guard lock(shelf_->mutex);
    shelf_->entries.clear();
    shelf_->order.clear();
  }
  const auto again = Ask("How do I change my password?", 0.99, 0.05);
  MadeAnew().Done("By phone.");
  EXPECT_EQ(*again->End().output, "By phone.");
}

TEST_F(MeaningsBackupTest, AnAnswerThatWasMadeAnewKeepsItsQuestion) {
  // given
  Learn("How can I change my password?", 1.0, 0.0, "In the settings.");
  clock_.Advance(90 * 60'000);
  Start("How can I change my password?", "", "How can I change my password?")->End();
  Made(2).Done("By phone.");
  EXPECT_TRUE(Eventually("it is kept", [&] {
    const std::lock_guard lock(shelf_->mutex);
    return shelf_->order.size() == 2;
  }));
  // when
  Restart();
  ASSERT_TRUE(Knows(1));
  // then
  EXPECT_EQ(*Ask("How do I change my password?", 0.99, 0.05)->End().output, "By phone.");
}

TEST_F(MeaningsBackupTest, NoMoreAreBroughtBackThanThereIsRoomForAndTheNewestComeFirst) {
  // given
  for (int i = 0; i < 40; ++i) Learn("Who is number " + std::to_string(i) + "?", 1.0, 0.0, std::to_string(i));
  Learn("How can I change my password?", 0.0, 1.0, "In the settings.");
  // when
  memory_bytes_ = 40'000;
  Restart();
  // then
  ASSERT_TRUE(Knows(3));
  EXPECT_EQ(*Ask("How do I change my password?", 0.05, 0.99)->End().output, "In the settings.");
}

TEST_F(MeaningsBackupTest, WhatWasLearntIsThereAfterARestart) {
  // given
  const Counts::Key step{"g", "a"};
  Learn("How can I change my password?", 1.0, 0.0, "In the settings.");
  for (int i = 0; i < 2'000; ++i) router_->meanings().Learn(step, 0.8, true, 1.0);
  const double threshold = *router_->meanings().Threshold(step);
  ASSERT_LT(threshold, 0.9);
  // when
  Restart();
  ASSERT_TRUE(Knows(1));
  // then
  EXPECT_EQ(*Ask("How do I change my password?", 0.9, 0.43)->End().output, "In the settings.");
  EXPECT_EQ(*router_->meanings().Threshold(step), threshold);
}

TEST_F(MeaningsBackupTest, WhatIsNoVectorIsNoQuestion) {
  Learn("How can I change my password?", 1.0, 0.0, "In the settings.");
  {
    const std::lock_guard lock(shelf_->mutex);
    cache::Entry odd = shelf_->entries.begin()->second;
    for (const std::string& vector : {std::string("abc"), std::string(9, '\xff'), std::string(20, '\0')}) {
      odd.vector = vector;
      shelf_->entries["odd" + std::to_string(vector.size())] = odd;
      shelf_->order.push_back("odd" + std::to_string(vector.size()));
    }
  }
  Restart();
  EXPECT_TRUE(Knows(1));
}

}  // namespace
}  // namespace troupe::answers
