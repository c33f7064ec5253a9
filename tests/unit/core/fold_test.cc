// A broken journal is seen, not guessed around.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/graph_builder.h"
#include "tests/unit/core/player.h"

namespace troupe::core::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<Record> Journal() {
  Player player(MakeGraph({Call("a", "one"), Each("h", "part", "{{ steps.a }}", Body({Call("x", "one")}))}));
  player.Accept();
  player.Done("a", {1, 2, 3});
  player.Done("h[0].x", 1);
  player.Done("h[1].x", 2);
  player.Done("h[2].x", 3);
  EXPECT_EQ(player.state().status, TaskStatus::kDone);
  return player.records();
}

Status FoldAll(const std::vector<Record>& records) {
  TaskState state;
  for (const Record& record : records) TRY(Fold(state, record));
  return {};
}

TEST(Fold, TakesAWholeJournal) { EXPECT_TRUE(FoldAll(Journal())); }

TEST(Fold, RefusesAGap) {
  for (size_t i = 0; i + 1 < Journal().size(); ++i) {
    auto records = Journal();
    records.erase(records.begin() + static_cast<long>(i));
    const Status folded = FoldAll(records);
    ASSERT_FALSE(folded) << i;
    EXPECT_EQ(folded.error().code, Code::kDataLoss);
  }
}

TEST(Fold, RefusesAnEventThatDoesNotFollow) {
  // The same record twice, with its number made to fit.
  for (size_t i = 0; i < Journal().size(); ++i) {
    auto records = Journal();
    records.insert(records.begin() + static_cast<long>(i), records[i]);
    for (size_t j = 0; j < records.size(); ++j) records[j].sequence = static_cast<int64_t>(j) + 1;
    ASSERT_FALSE(FoldAll(records)) << i;
  }
}

TEST(Fold, RefusesDecisionsThatDoNotFollow) {
  const std::vector<Decision> bad = {StartStep{.path = "a"},
                                     SkipStep{"a"},
                                     OpenScope{.path = "h", .index = 1},
                                     CompleteStep{.path = "a"},
                                     FailStep{.path = "a"},
                                     StopStep{.path = "a"},
                                     StartStep{.path = "new", .attempt = 2},
                                     AskPerson{.path = "a"},
                                     MoveDeadline{5},
                                     OpenGraph{.path = "a"},
                                     AskTeacher{.path = "a", .attempt = 2},
                                     AskTeacher{.path = "new"}};
  for (const Decision& decision : bad) {
    auto records = Journal();
    records[1].decisions.push_back(decision);
    records.resize(2);
    const Status folded = FoldAll(records);
    ASSERT_FALSE(folded) << decision.index();
    EXPECT_EQ(folded.error().code, Code::kDataLoss);
  }
}

}  // namespace
}  // namespace troupe::core::testing
