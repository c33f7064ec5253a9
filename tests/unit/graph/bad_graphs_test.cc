// Every file of bad/ is wrong in its own way; FILE.expected beside it says what lint tells, word by word. To write the
// .expected files anew after a change of words: TROUPE_UPDATE_EXPECTED=1 tests/graph_test, and read the diff.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "router/graph/lint.h"
#include "router/graph/parse.h"
#include "tests/support/places.h"

namespace troupe::graph {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = SourcePath("tests/unit/graph/bad");

std::vector<std::string> BadGraphs() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string ReadText(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

// Messages name files as the caller did and as they were looked for; the folder is another one on each machine.
std::string WithoutFolder(std::string text) {
  for (size_t at = text.find(kFolder.string()); at != std::string::npos; at = text.find(kFolder.string())) {
    text.replace(at, kFolder.string().size() + 1, "");
  }
  return text;
}

class BadGraph : public testing::TestWithParam<std::string> {};

TEST_P(BadGraph, IsRefusedWithEveryFindingAtItsPlace) {
  // given
  const fs::path path = kFolder / (GetParam() + ".yaml");
  const fs::path expected_path = kFolder / (GetParam() + ".expected");
  // when
  Parsed parsed = LoadGraph(path.string());
  // then
  std::string told = WithoutFolder(ToString(parsed.findings));
  if (std::getenv("TROUPE_UPDATE_EXPECTED") != nullptr) std::ofstream(expected_path) << told;
  EXPECT_EQ(parsed.graph, nullptr) << "it was taken as correct";
  EXPECT_EQ(told, ReadText(expected_path));
  EXPECT_NE(told.find(": error: "), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(All, BadGraph, testing::ValuesIn(BadGraphs()), [](const auto& test) {
  std::string name = test.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(BadGraphs, AreManyAndEachTellsAPlace) { EXPECT_GE(BadGraphs().size(), 25u); }

}  // namespace
}  // namespace troupe::graph
