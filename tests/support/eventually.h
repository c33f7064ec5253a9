// Waits for what other threads or processes bring about, and says what it waited for where that does not come:
//   ASSERT_TRUE(Eventually("the log says so", [&] { return LinesWith("written again") == 1; }));
// The limit is there to end a test that hangs: far above what anything takes, so no time is asserted.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <string_view>
#include <thread>

namespace troupe {

inline testing::AssertionResult Eventually(std::string_view what, const std::function<bool()>& condition,
                                           std::chrono::milliseconds limit = std::chrono::seconds(30)) {
  const auto start = std::chrono::steady_clock::now();
  // Looks often at first, seldom later: most waits are short.
  for (auto pause = std::chrono::microseconds(100); !condition(); std::this_thread::sleep_for(pause)) {
    if (std::chrono::steady_clock::now() - start > limit) {
      return testing::AssertionFailure() << "waited " << limit.count() << " ms in vain until " << what;
    }
    pause = std::min<std::chrono::microseconds>(pause * 2, std::chrono::milliseconds(10));
  }
  return testing::AssertionSuccess();
}

}  // namespace troupe
