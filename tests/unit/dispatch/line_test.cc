#include "router/dispatch/line.h"

#include <gtest/gtest.h>

#include <vector>

namespace troupe::dispatch {
namespace {

class Step {
 public:
  Step(std::string task, int priority, int number) : task_(std::move(task)), priority_(priority), number_(number) {}
  int priority() const { return priority_; }
  const std::string& task() const { return task_; }
  std::string name() const { return task_ + std::to_string(number_); }

 private:
  const std::string task_;
  const int priority_;
  const int number_;
};

class LineTest : public testing::Test {
 protected:
  std::shared_ptr<Step> Add(const std::string& task, int priority, int number) {
    auto step = std::make_shared<Step>(task, priority, number);
    line_.Push(step);
    return step;
  }
  std::string PopAll() {
    std::string names;
    while (!line_.empty()) {
      const auto front = line_.Front();
      const auto popped = line_.Pop();
      EXPECT_EQ(front, popped);
      names += popped->name() + " ";
    }
    EXPECT_EQ(line_.size(), 0u);
    return names;
  }
  Line<Step> line_;
};

TEST_F(LineTest, TheHigherPriorityComesFirst) {
  Add("a", 1, 1);
  Add("b", 9, 1);
  Add("c", 5, 1);
  Add("b", 9, 2);
  EXPECT_EQ(PopAll(), "b1 b2 c1 a1 ");
}

TEST_F(LineTest, TasksOfOnePriorityTakeTurns) {
  for (int i = 1; i <= 4; ++i) Add("big", 5, i);
  Add("x", 5, 1);
  Add("y", 5, 1);
  Add("x", 5, 2);
  EXPECT_EQ(PopAll(), "big1 x1 y1 big2 x2 big3 big4 ");
}

TEST_F(LineTest, ATaskThatComesBackGoesBehindTheOthers) {
  Add("a", 5, 1);
  Add("b", 5, 1);
  Add("b", 5, 2);
  EXPECT_EQ(line_.Pop()->name(), "a1");
  Add("a", 5, 2);
  EXPECT_EQ(PopAll(), "b1 a2 b2 ");
}

TEST_F(LineTest, WhoLeavesIsForgottenAndWhoIsNotInLineIsNone) {
  const auto a1 = Add("a", 5, 1);
  const auto a2 = Add("a", 5, 2);
  const auto b1 = Add("b", 3, 1);
  EXPECT_EQ(line_.Remove(a1.get()), a1);
  EXPECT_EQ(line_.Remove(a1.get()), nullptr);
  EXPECT_EQ(line_.Remove(b1.get()), b1);
  EXPECT_EQ(line_.Remove(b1.get()), nullptr);
  EXPECT_EQ(line_.size(), 1u);
  EXPECT_EQ(PopAll(), "a2 ");
}

}  // namespace
}  // namespace troupe::dispatch
