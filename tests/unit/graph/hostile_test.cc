// Files made to hurt: each must be refused quickly and without harm, whatever it holds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <random>

#include "router/graph/lint.h"
#include "router/graph/parse.h"
#include "router/graph/worst_case.h"
#include "tests/support/places.h"

namespace troupe::graph {
namespace {

using testing::HasSubstr;

const std::string kGood = SourcePath("tests/unit/graph/good/");

// The bound is far above what refusing takes (milliseconds) and far below what unfolding or reading it all would.
constexpr auto kQuickly = std::chrono::seconds(5);

std::string FindingsOf(std::string yaml) {
  const auto start = std::chrono::steady_clock::now();
  Parsed parsed = ParseGraph({.yaml = std::move(yaml), .file_name = "x.yaml"});
  EXPECT_LT(std::chrono::steady_clock::now() - start, kQuickly);
  EXPECT_EQ(parsed.graph, nullptr);
  return ToString(parsed.findings);
}

TEST(Hostile, AFileOf100MegabytesIsNotRead) {
  // given: 100 MB that take no room on disk
  const auto path = std::filesystem::temp_directory_path() / ("troupe-large-" + std::to_string(::getpid()) + ".yaml");
  std::ofstream(path).close();
  std::filesystem::resize_file(path, 100'000'000);
  // when
  const auto start = std::chrono::steady_clock::now();
  Parsed parsed = LoadGraph(path.string());
  const auto took = std::chrono::steady_clock::now() - start;
  std::filesystem::remove(path);
  // then
  EXPECT_EQ(parsed.graph, nullptr);
  EXPECT_LT(took, kQuickly);
  EXPECT_THAT(ToString(parsed.findings),
              HasSubstr(".yaml: error: cannot read the graph file: it has 100000000 bytes, at most 1048576 are read"));
}

TEST(Hostile, AGraphOf100MegabytesFromACallerIsNotParsed) {
  EXPECT_EQ(
      FindingsOf(std::string(100'000'000, ' ')),
      "x.yaml: error: the file has 100000000 bytes, at most 1048576 are read; move long texts into files of their "
      "own\n");
}

TEST(Hostile, AliasesThatUnfoldToBillionsAreRefused) {
  std::string yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    yaml += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) yaml += (k ? ", *a" : "*a") + std::to_string(i - 1);
    yaml += "]\n";
  }
  EXPECT_THAT(FindingsOf(yaml), HasSubstr("more than 50000 values, aliases unfolded"));
}

TEST(Hostile, AnAliasInsideOfItselfIsRefused) {
  EXPECT_THAT(FindingsOf("a: &a [1, *a]\n"), HasSubstr("an alias inside of what it stands for"));
}

TEST(Hostile, DeepNestingIsRefusedInEveryForm) {
  EXPECT_THAT(FindingsOf(std::string(500'000, '[')), HasSubstr("nested deeper than 32 levels"));
  EXPECT_THAT(FindingsOf(std::string(500'000, '{')), HasSubstr("error"));
  std::string blocks;
  for (int i = 0; i < 700; ++i) blocks += std::string(i, ' ') + "a:\n";
  EXPECT_THAT(FindingsOf(blocks), HasSubstr("nested deeper than 32 levels"));
  std::string dashes;
  for (int i = 0; i < 100'000; ++i) dashes += "- ";
  EXPECT_THAT(FindingsOf(dashes), HasSubstr("nested deeper than 32 levels"));
}

TEST(Hostile, ManySmallErrorsAreAllTold) {
  std::string yaml = "apiVersion: troupe.dev/v1\nkind: AgentGraph\nmetadata: {name: x}\nspec:\n  input: {}\n";
  for (int i = 0; i < 300; ++i) yaml += "  wrong" + std::to_string(i) + ": 1\n";
  std::string told = FindingsOf(yaml);
  EXPECT_THAT(told, HasSubstr("unknown key 'wrong0'"));
  EXPECT_THAT(told, HasSubstr("unknown key 'wrong299'"));
}

// Changes a correct graph at random places; whatever comes of it is parsed or refused, and a refusal says why.
TEST(Hostile, AMutatedGraphIsParsedOrRefusedButNeverCrashes) {
  const GraphSource source = LoadGraph(kGood + "full.yaml").source;
  const std::vector<std::string> pieces = {
      "{{",    "}}",  "{%",   "steps.", "\n",    "  ",   ":",  "- ", "[",    "]",    "{", "}",  "'",
      "\"",    "|",   ">",    "&a ",    "*a",    "!!x ", "\t", "#",  "\xff", "null", "0", "-1", "9999999999999999999",
      "1e999", "max", "each", "repeat", "agent", "?",    "%"};
  for (uint32_t seed = 1; seed <= 1500; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    GraphSource mutated = source;
    std::string& yaml = mutated.yaml;
    for (int changes = 1 + static_cast<int>(random() % 4); changes > 0; --changes) {
      const size_t at = random() % yaml.size();
      const size_t length = random() % 12;
      switch (random() % 4) {
        case 0:
          yaml.erase(at, length);
          break;
        case 1:
          yaml.insert(at, pieces[random() % pieces.size()]);
          break;
        case 2:
          yaml.insert(at, yaml.substr(random() % yaml.size(), 40));
          break;
        default:
          yaml[at] = static_cast<char>(random());
      }
    }
    Parsed parsed = ParseGraph(mutated);
    if (parsed.graph != nullptr) {
      (void)WorstCaseOf(*parsed.graph);
      (void)Lint(*parsed.graph, FilesMust::kBeNamed);
    } else {
      ASSERT_FALSE(parsed.findings.empty());
    }
    for (const auto& finding : parsed.findings) ASSERT_FALSE(finding.message.empty());
  }
}

}  // namespace
}  // namespace troupe::graph
