#include "router/dispatch/timers.h"

#include <gtest/gtest.h>

#include <future>
#include <vector>

namespace troupe::dispatch {
namespace {

TEST(Timers, RunsInTheOrderOfTheirTime) {
  Timers timers;
  std::vector<int> ran;
  std::promise<void> last;
  // given three planned out of order, one of them cancelled
  timers.After(30, [&] {
    ran.push_back(3);
    last.set_value();
  });
  const Timers::Handle cancelled = timers.After(20, [&] { ran.push_back(2); });
  timers.After(0, [&] { ran.push_back(1); });
  timers.Cancel(cancelled);
  last.get_future().wait();
  // then the others ran by time
  EXPECT_EQ(ran, (std::vector<int>{1, 3}));
}

TEST(Timers, StopForgetsTheRest) {
  Timers timers;
  bool ran = false;
  timers.After(1'000'000, [&] { ran = true; });
  timers.Stop();
  timers.After(0, [&] { ran = true; });
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace troupe::dispatch
