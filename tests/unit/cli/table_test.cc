#include "router/cli/table.h"

#include <gtest/gtest.h>

namespace troupe::cli {
namespace {

TEST(Table, ColumnsAreAsWideAsTheirContentAndLinesFitTheTerminal) {
  Table table({"AGENT", "STATE", "NOTE"});
  table.Add({"writer", "ready", ""});
  table.Add({"中文", "not ready", "a long reason\x1b[2J"});
  EXPECT_EQ(table.Render(0), (std::vector<std::string>{"AGENT   STATE      NOTE", "writer  ready",
                                                       "中文    not ready  a long reason␛[2J"}));
  EXPECT_EQ(table.Render(24)[2], "中文    not ready  a lo…");
}

}  // namespace
}  // namespace troupe::cli
