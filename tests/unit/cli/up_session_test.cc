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

TEST(StartFiles, WhereAnotherVersionRunsThatIsSaid) {
  v1::ListGraphsResponse graphs;
  for (const char* name : {"shop", "docs", "else"}) {
    v1::GraphSummary& graph = *graphs.add_graphs();
    graph.set_name(name);
    graph.set_version(std::string(64, 'a'));
  }
  // one runs on its file's version, one does not, one has no file here
  const std::map<std::string, StartFile> files{{"shop", {"shop.yaml", std::string(64, 'a')}},
                                               {"docs", {"my/docs.yaml", std::string(64, 'b')}}};
  EXPECT_EQ(
      OtherThanTheirFiles(graphs, files),
      (std::vector<std::string>{"docs runs on version aaaaaaaaaaaa and not on bbbbbbbbbbbb of my/docs.yaml, as was "
                                "decided before this start ('troupe graphs docs'): 'troupe apply my/docs.yaml' "
                                "makes that current"}));
}

}  // namespace
}  // namespace troupe::cli
