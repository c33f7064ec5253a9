// What a loop does next, from what happened and what is seen.
#include "router/learn/loop.h"

#include <gtest/gtest.h>

namespace troupe::learn {
namespace {

using Phase = Round::Phase;

constexpr LoopRule kRule{.every = 200, .promote_after = 500, .min_answers = 400, .min_checks = 20};

LoopState Folded(const std::vector<Event>& events) {
  LoopState state;
  for (const Event& event : events) EXPECT_TRUE(Fold(state, event));
  return state;
}

LoopState OnTrial() { return Folded({Begun{1, 300, 210}, Learnt{1, "/s/001/model", 0.7}, Offered{1, "v2"}}); }

// What is done in that state, and its kind by name.
Action Do(const LoopState& state, const Seen& seen) { return Next(kRule, state, seen); }
template <typename Kind>
bool Is(const Action& action) {
  return std::holds_alternative<Kind>(action);
}
template <typename Kind>
Kind Noted(const Action& action) {
  const auto* note = std::get_if<Note>(&action);
  const Kind* event = note == nullptr ? nullptr : std::get_if<Kind>(&note->event);
  EXPECT_NE(event, nullptr);
  return event == nullptr ? Kind{} : *event;
}

TEST(Loop, ARoundBeginsWithEnoughNewLessons) {
  EXPECT_TRUE(Is<Wait>(Do({}, {.new_lessons = 199, .newest_lesson = 250, .current = "v1"})));
  const Begun begun = Noted<Begun>(Do({}, {.new_lessons = 210, .newest_lesson = 300, .current = "v1"}));
  EXPECT_EQ(begun.round, 1);
  EXPECT_EQ(begun.last_lesson, 300);
  EXPECT_EQ(begun.lessons, 210);
}

TEST(Loop, WhatWasBegunIsTrainedAlsoAfterACrash) {
  const Action action = Do(Folded({Begun{1, 300, 210}}), {.current = "v1"});
  ASSERT_TRUE(Is<Train>(action));
  EXPECT_EQ(std::get<Train>(action).round.number, 1);
}

TEST(Loop, WhatTheGateRefusesWaitsForMoreLessonsThanItHad) {
  const LoopState state = Folded({Begun{1, 300, 210}, Refused{1, "worse"}});
  EXPECT_EQ(state.last_lesson(), 300);
  EXPECT_TRUE(Is<Wait>(Do(state, {.new_lessons = 10, .current = "v1"})));
  EXPECT_EQ(Noted<Begun>(Do(state, {.new_lessons = 200, .newest_lesson = 500, .current = "v1"})).round, 2);
}

TEST(Loop, AStudentIsOfferedUnlessSomebodyElseTriesSomethingOut) {
  const LoopState state = Folded({Begun{1, 300, 210}, Learnt{1, "/m", 0.7}});
  EXPECT_TRUE(Is<Offer>(Do(state, {.new_lessons = 900, .current = "v1"})));
  EXPECT_TRUE(Is<Wait>(Do(state, {.current = "v1", .canary = "of others"})));
}

TEST(Loop, AStudentThatWasToBeHandedOverAndWasNotIsOfferedAgain) {
  EXPECT_TRUE(Is<Offer>(Do(OnTrial(), {.current = "v1"})));
  EXPECT_TRUE(Is<Wait>(Do(OnTrial(), {.current = "v1", .canary = "of others"})));
  // and never one that the router knows already
  EXPECT_FALSE(Is<Offer>(Do(OnTrial(), {.current = "v1", .was_handed_over = true, .rolled_back = "bad"})));
}

TEST(Loop, ACanaryIsPromotedAfterSoManyTasksAnswersAndChecks) {
  const auto seen = [](int64_t ended, int64_t answers, int64_t checked) {
    return Seen{.new_lessons = 900,
                .current = "v1",
                .canary = "v2",
                .ended_on_canary = ended,
                .answers_on_canary = answers,
                .checked_on_canary = checked,
                .was_handed_over = true};
  };
  EXPECT_TRUE(Is<Wait>(Do(OnTrial(), seen(499, 400, 20))));
  EXPECT_TRUE(Is<Wait>(Do(OnTrial(), seen(500, 399, 20))));
  EXPECT_TRUE(Is<Wait>(Do(OnTrial(), seen(500, 400, 19))));
  const Action action = Do(OnTrial(), seen(500, 400, 20));
  ASSERT_TRUE(Is<Promote>(action));
  EXPECT_EQ(std::get<Promote>(action).version, "v2");
  // by whomever
  EXPECT_EQ(Noted<Ended>(Do(OnTrial(), {.current = "v2", .was_handed_over = true})).how, Ended::How::kPromoted);
}

TEST(Loop, ACanaryThatWasRolledBackOrReplacedIsOver) {
  const Ended back =
      Noted<Ended>(Do(OnTrial(), {.current = "v1", .was_handed_over = true, .rolled_back = "its students"}));
  EXPECT_EQ(back.how, Ended::How::kRolledBack);
  EXPECT_EQ(back.why, "its students");
  EXPECT_EQ(Noted<Ended>(Do(OnTrial(), {.current = "v9", .was_handed_over = true})).how, Ended::How::kReplaced);
  // the next round waits for lessons after those that were used
  LoopState state = OnTrial();
  ASSERT_TRUE(Fold(state, back));
  EXPECT_TRUE(Is<Wait>(Do(state, {.current = "v1", .was_handed_over = true, .rolled_back = "its students"})));
  EXPECT_EQ(state.rounds.back().phase, Phase::kRolledBack);
}

TEST(Loop, APromotedStudentThatAPersonGoesBackFromIsNotedOnce) {
  LoopState state = OnTrial();
  ASSERT_TRUE(Fold(state, Ended{1, Ended::How::kPromoted, ""}));
  const Seen seen{.current = "v1", .was_handed_over = true, .rolled_back = "wrong language"};
  const Reverted reverted = Noted<Reverted>(Do(state, seen));
  EXPECT_EQ(reverted.why, "wrong language");
  ASSERT_TRUE(Fold(state, reverted));
  EXPECT_TRUE(Is<Wait>(Do(state, seen)));
}

TEST(Loop, EventsThatDoNotFollowAreRefused) {
  LoopState state;
  EXPECT_FALSE(Fold(state, Learnt{1, "/m", 0.7}));
  EXPECT_FALSE(Fold(state, Begun{2, 1, 1}));
  EXPECT_TRUE(Fold(state, Begun{1, 1, 1}));
  EXPECT_FALSE(Fold(state, Begun{2, 1, 1})) << "the first has not ended";
  EXPECT_FALSE(Fold(state, Offered{1, "v2"}));
  EXPECT_FALSE(Fold(state, Refused{2, ""}));
  EXPECT_FALSE(Fold(state, Reverted{1, ""}));
}

// Whenever it is killed, what it does next is what it would have done.
TEST(Loop, AWholeRoundIsTheSameFromEveryMomentOn) {
  const std::vector<Event> events{Begun{1, 300, 210}, Learnt{1, "/m", 0.7}, Offered{1, "v2"},
                                  Ended{1, Ended::How::kPromoted, ""}};
  // what is seen after so many events, and what follows
  struct Moment {
    Seen seen;
    bool (*is_expected)(const Action&);
  };
  const std::vector<Moment> moments{{{.new_lessons = 210, .newest_lesson = 300, .current = "v1"}, Is<Note>},
                                    {{.current = "v1"}, Is<Train>},
                                    {{.current = "v1"}, Is<Offer>},
                                    {{.current = "v2", .was_handed_over = true}, Is<Note>},
                                    {{.current = "v2", .was_handed_over = true}, Is<Wait>}};
  for (size_t killed = 0; killed < moments.size(); ++killed) {
    const LoopState state = Folded({events.begin(), events.begin() + static_cast<std::ptrdiff_t>(killed)});
    const Action action = Do(state, moments[killed].seen);
    EXPECT_TRUE(moments[killed].is_expected(action)) << "after " << killed << " events";
    // what is noted is what comes next
    const auto* note = std::get_if<Note>(&action);
    if (note != nullptr) {
      EXPECT_EQ(note->event.index(), events[killed].index());
    }
  }
}

}  // namespace
}  // namespace troupe::learn
