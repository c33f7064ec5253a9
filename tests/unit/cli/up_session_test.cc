#include "router/cli/up_session.h"

#include <gtest/gtest.h>

namespace troupe::cli {
namespace {

TEST(RenderProcesses, SaysHowFarEachIsInColumns) {
  using State = ProcessView::State;
  const std::vector<ProcessView> processes{
      {.name = "router", .about = "unix:/run/router.sock", .state = State::kReady, .time_ms = 120},
      {.name = "shop.writer-0", .about = "generate, small.gguf", .state = State::kStarting, .time_ms = 4100},
      {.name = "shop.judge-0",
       .about = "classify",
       .state = State::kAway,
       .time_ms = 50,
       .deaths = 2,
       .note = "\x1b[2J"},
  };
  const ScreenStyle style{.width = 60, .height = 24, .colour = false, .unicode = true, .router = ""};
  EXPECT_EQ(RenderProcesses(processes, 1, style), (std::vector<std::string>{
                                                      "✓ router         ready        0.1 s  unix:/run/router.sock",
                                                      "⠙ shop.writer-0  loading      4.1 s  generate, small.gguf",
                                                      "⠙ shop.judge-0   away         50 ms  classify  died 2 times…",
                                                  }));
}

}  // namespace
}  // namespace troupe::cli
