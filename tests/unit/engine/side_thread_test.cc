#include "runtime/engine/side_thread.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace troupe::engine {
namespace {

TEST(SideThreadTest, JobsAreDoneInOrderOnOneOtherThread) {
  SideThread side;
  std::vector<int> done;  // no lock: Start and Wait order what both threads do
  std::optional<std::thread::id> where;
  for (int i = 0; i < 100; ++i) {
    side.Start([&, i] {
      if (!where) where = std::this_thread::get_id();
      EXPECT_EQ(*where, std::this_thread::get_id());
      done.push_back(i);
    });
    side.Wait();
    ASSERT_EQ(done.size(), static_cast<size_t>(i) + 1);
    EXPECT_EQ(done.back(), i);
  }
  EXPECT_NE(*where, std::this_thread::get_id());
}

TEST(SideThreadTest, ThereIsNothingToWaitForWithoutAJob) {
  SideThread side;
  side.Wait();
  side.Start([] {});
  side.Wait();
  side.Wait();
}

TEST(SideThreadTest, AJobThatNobodyWaitsForIsDoneBeforeItsThreadGoes) {
  bool is_done = false;
  {
    SideThread side;
    side.Start([&] { is_done = true; });
  }
  EXPECT_TRUE(is_done);
}

}  // namespace
}  // namespace troupe::engine
