#include "router/content/make_job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "router/content/make_budget.h"
#include "router/content/question.h"
#include "router/content/texts_file.h"
#include "tests/unit/content/sample_set.h"

namespace troupe::content {
namespace {

constexpr int64_t kTries = 3;

// Two segments in two languages, three texts each.
ContentSet EmptySet() {
  ContentSet set = SampleSet();
  set.slots = {{.name = "first_name", .type = SlotType::kName, .max_length = 40, .use = SlotUse::kOnce}};
  set.cells = {{"new", "en"}, {"new", "de"}, {"loyal", "en"}, {"loyal", "de"}};
  set.variants = 3;
  set.checks = {.min_length = 5, .max_length = 200, .banned = {"guaranteed"}, .similarity = 0.8};
  set.texts.clear();
  return set;
}

std::shared_ptr<const ContentSet> Shared(ContentSet set) { return std::make_shared<const ContentSet>(std::move(set)); }

MakeJob PlanOf(const ContentSet& set, int64_t tries = kTries) {
  auto job = MakeJob::Plan(Shared(set), tries);
  EXPECT_TRUE(job) << job.error().message;
  return std::move(*job);
}

// A writer that answers the same question alike, and many of them badly.
Answer AnswerTo(const Wish& wish) {
  std::mt19937 random(
      static_cast<uint32_t>(wish.cell * 10'007 + static_cast<size_t>(wish.number * 101 + wish.attempt)));
  std::string words;
  for (int i = 0; i < 6; ++i) words += " word" + std::to_string(random() % 1000);
  switch (random() % 8) {
    case 0:
      return {.fault = "its task failed"};
    case 1:
      return {.prose = "No slot at all" + words};
    case 2:
      return {.prose = "It is guaranteed, {{first_name}}" + words};
    case 3:
      return {.prose = "{{first_name}}, all say the same thing on such a day."};
    default:
      return {.prose = "Dear {{first_name}}," + words + "."};
  }
}

// What was asked and answered so far, and the texts that came of it.
struct World {
  ContentSet set;
  std::map<Wish, int> asked;
};

// Answers in a random order, some questions under way side by side, until `stop_after` answers were taken.
void Play(World& world, uint32_t seed, int stop_after) {
  MakeJob job = PlanOf(world.set);
  std::mt19937 random(seed);
  std::vector<Wish> under_way;
  for (int taken = 0; taken < stop_after && job.counts().left() > 0; ++taken) {
    while (under_way.size() < 4) {
      const auto wish = job.Next();
      if (!wish) break;
      under_way.push_back(*wish);
    }
    ASSERT_FALSE(under_way.empty());
    const size_t which = random() % under_way.size();
    const Wish wish = under_way[which];
    under_way.erase(under_way.begin() + static_cast<std::ptrdiff_t>(which));
    ++world.asked[wish];
    job.Take(wish, AnswerTo(wish));
    // a job may die between an answer and the file
    if (random() % 4 == 0) continue;
    for (Text& text : job.TakeMade()) world.set.texts.push_back(std::move(text));
  }
  if (job.counts().left() == 0) {
    for (Text& text : job.TakeMade()) world.set.texts.push_back(std::move(text));
  }
}

TEST(MakeJob, PlansWhatTheTextsLeave) {
  // given a cell with a text of a person's own, one that a job made, and one that was rejected
  ContentSet set = EmptySet();
  set.cells = {{"new", "en"}};
  set.texts = {{.id = "own", .cell = {"new", "en"}, .text = "Hi {{first_name}}", .state = TextState::kAccepted},
               {.id = "new-en-2", .cell = {"new", "en"}, .text = "Well, {{first_name}}"},
               {.id = "new-en-1", .cell = {"new", "en"}, .text = "Bad", .state = TextState::kRejected}};
  // when it is planned
  MakeJob job = PlanOf(set);
  // then one is missing, under a number that was never used
  EXPECT_EQ(job.counts().wanted, 1);
  EXPECT_EQ(job.Next(), (Wish{0, 3, 1}));
  EXPECT_EQ(job.Next(), std::nullopt);
}

TEST(MakeJob, ASetThatHasAllItsTextsWantsNothing) {
  ContentSet set = EmptySet();
  set.cells = {{"new", "en"}};
  set.variants = 1;
  set.texts = {{.id = "own", .cell = {"new", "en"}, .text = "Hi {{first_name}}"}};
  EXPECT_EQ(PlanOf(set).counts().wanted, 0);
  set.writer.reset();
  EXPECT_FALSE(MakeJob::Plan(Shared(set), 1));
}

TEST(MakeJob, AsksInTheSetsOrder) {
  MakeJob job = PlanOf(EmptySet());
  std::vector<Wish> wishes;
  while (const auto wish = job.Next()) wishes.push_back(*wish);
  EXPECT_EQ(wishes.size(), 12u);
  EXPECT_TRUE(std::is_sorted(wishes.begin(), wishes.end()));
  EXPECT_EQ(wishes[4], (Wish{1, 2, 1}));
}

TEST(MakeJob, ATextThatFailsIsAskedForAgainWithWhatWasWrongThenReported) {
  ContentSet set = EmptySet();
  set.cells = {{"new", "en"}};
  set.variants = 1;
  MakeJob job = PlanOf(set, 2);
  job.Take(*job.Next(), {.prose = "It is guaranteed, {{first_name}}."});
  const auto again = job.Next();
  ASSERT_EQ(again, (Wish{0, 1, 2}));
  EXPECT_THAT(job.ProblemsBefore(*again)[0], testing::HasSubstr("banned word 'guaranteed'"));
  job.Take(*again, {.prose = "Nobody is meant by this."});
  EXPECT_EQ(job.counts().left(), 0);
  EXPECT_TRUE(job.TakeMade().empty());
  ASSERT_EQ(job.unmade().size(), 1u);
  EXPECT_EQ(job.unmade()[0].tries, 2);
  EXPECT_THAT(job.unmade()[0].problems[0], testing::HasSubstr("lacks {{first_name}}"));
}

TEST(MakeJob, HostileProseNeverBecomesAText) {
  const std::vector<std::string> hostile = {
      "{{first_name}} <script>alert(1)</script>",
      "{{first_name}} <img src=x onerror=f()> and more",
      "{{first_name}} {% for x in y %} and so on",
      "{{first_name}} {{ config.items() }} and so on",
      "{{first_name}} {{second_name}} and so on",
      "{{first_name}} ${7*7} and so on",
      "{{first_name}} }} and so on",
      "{{first_name}} [Your Name] and so on",
      "{{{first_name}}} and so on",
      std::string("{{first_name}} a\0b and so on", 27),
      "{{first_name}} \x1b[31m and so on",
      "{{first_name}} \u202egpj.exe and so on",
      "{{first_name}} \u200b and so on",
      "{{first_name}} \xff and so on",
      "{{first_name}} and {{first_name}} again",
      "Hello first_name, and so on",
      "{{first_name}}\r\nSet-Cookie: x=y",
      "{{first_name}} " + std::string(70'000, 'x'),
      "",
  };
  for (const OutputKind output : {OutputKind::kText, OutputKind::kHtml, OutputKind::kJson}) {
    ContentSet set = EmptySet();
    set.output = output;
    set.cells = {{"new", "en"}};
    set.variants = 1;
    for (const std::string& prose : hostile) {
      MakeJob job = PlanOf(set, 1);
      job.Take(*job.Next(), {.prose = prose});
      EXPECT_TRUE(job.TakeMade().empty()) << prose;
      EXPECT_EQ(job.counts().unmade, 1) << prose;
    }
  }
}

TEST(MakeJob, WhatIsMadeDoesNotDependOnTheOrderOfAnswers) {
  World calm{.set = EmptySet()};
  Play(calm, 1, 1'000'000);
  ASSERT_GT(calm.set.texts.size(), 6u);
  ASSERT_LT(calm.set.texts.size(), 12u) << "some must fail, or nothing is shown";
  for (uint32_t seed = 2; seed < 200; ++seed) {
    World world{.set = EmptySet()};
    Play(world, seed, 1'000'000);
    ASSERT_EQ(TextsYaml(world.set), TextsYaml(calm.set)) << "seed " << seed;
    ASSERT_EQ(world.asked, calm.asked) << "seed " << seed;
  }
}

TEST(MakeJob, CutOffAnywhereAndPlannedAgainItEndsTheSameAndAsksTheSameQuestions) {
  World calm{.set = EmptySet()};
  Play(calm, 1, 1'000'000);
  for (uint32_t seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    World world{.set = EmptySet()};
    for (int cut = 0; cut < 5; ++cut) Play(world, random(), static_cast<int>(random() % 12));
    Play(world, random(), 1'000'000);
    ASSERT_EQ(TextsYaml(world.set), TextsYaml(calm.set)) << "seed " << seed;
    // a question may be put again, which the router answers from what it has; another one never is
    for (const auto& [wish, times] : world.asked) ASSERT_TRUE(calm.asked.contains(wish)) << "seed " << seed;
  }
}

TEST(Questions, AreNamedByAllThatShapesTheAnswer) {
  ContentSet set = EmptySet();
  set.writer->prompt = "For {{ cell.segment }} in {{ language }}: {{ slots[0].mark }}, text {{ number }}.";
  const auto questions = Questions::Of(set, "v1");
  ASSERT_TRUE(questions);
  const auto id = [&](const Questions& of, const Wish& wish) { return of.For(wish, {})->request_id; };
  EXPECT_EQ(questions->For({0, 2, 1}, {})->input["prompt"], "For new in en: {{first_name}}, text 2.");
  EXPECT_EQ(id(*questions, {0, 1, 1}), id(*Questions::Of(set, "v1"), {0, 1, 1}));
  std::set<std::string> ids = {id(*questions, {0, 1, 1}), id(*questions, {1, 1, 1}), id(*questions, {0, 2, 1}),
                               id(*questions, {0, 1, 2}), id(*Questions::Of(set, "v2"), {0, 1, 1})};
  set.checks.max_length = 90;
  ids.insert(id(*Questions::Of(set, "v1"), {0, 1, 1}));
  set.writer->prompt += " Now.";
  ids.insert(id(*Questions::Of(set, "v1"), {0, 1, 1}));
  EXPECT_EQ(ids.size(), 7u);
  EXPECT_TRUE(questions->tells_variants_apart());
  for (const std::string& one : ids) EXPECT_LE(one.size(), 128u);
}

TEST(Questions, APromptThatAsksForWhatIsNotThereIsAnError) {
  ContentSet set = EmptySet();
  set.writer->prompt = "For {{ cell.colour }}";
  EXPECT_FALSE(Questions::Of(set, "v1")->For({0, 1, 1}, {}));
  set.writer->prompt = "For {{ cell.";
  EXPECT_FALSE(Questions::Of(set, "v1"));
}

TEST(TextIds, AreDifferentWhereNamesJoinAlike) {
  ContentSet set = EmptySet();
  set.cells = {{"a-b", "c"}, {"a", "b-c"}, {std::string(60, 'x'), std::string(60, 'y')}, {"d", "e"}};
  const TextIds ids(set);
  EXPECT_EQ(ids.Of(3, 12), "d-e-12");
  EXPECT_NE(ids.Of(0, 1), ids.Of(1, 1));
  EXPECT_LE(ids.Of(2, 1'000'000).size(), 63u);
  EXPECT_EQ(ids.NumberIn(3, "d-e-12"), 12);
  for (const char* other : {"d-e-012", "d-e-", "d-e-x", "d-e-0", "d-e--1", "own"}) EXPECT_EQ(ids.NumberIn(3, other), 0);
}

TEST(MakeBudget, GoesBeyondItsLimitByNoMoreThanOneIsDearerThanThoseBefore) {
  MakeBudget none({});
  EXPECT_TRUE(none.AllowsOneMore(100));
  // the first goes alone, as nobody knows what one costs
  MakeBudget budget({.tokens = 100});
  EXPECT_TRUE(budget.AllowsOneMore(0));
  EXPECT_FALSE(budget.AllowsOneMore(1));
  budget.Add({.tokens = 30, .device_us = 7});
  EXPECT_TRUE(budget.AllowsOneMore(1));
  EXPECT_FALSE(budget.AllowsOneMore(2));
  budget.Add({.tokens = 41});
  EXPECT_FALSE(budget.AllowsOneMore(0));
  EXPECT_EQ(budget.spent().tokens, 71);
  MakeBudget money({.money_micros = 10});
  money.Add({.tokens = 1000, .money_micros = 6});
  EXPECT_FALSE(money.AllowsOneMore(0));
}

}  // namespace
}  // namespace troupe::content
