// Some thousand damaged inputs for each target, the same ones each time: what `tests/run --fuzz` does for hours, for
// some seconds. And a target with a mistake in it, which must be found.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "runtime/base/id.h"
#include "tests/fuzz/runner.h"

namespace troupe::fuzz {
namespace {

class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("fuzz-" + NewUuid7().substr(24))) {}
  ~Folder() { std::filesystem::remove_all(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  const std::filesystem::path path_;
};

std::string Describe(const Target& target, const Outcome& outcome) {
  std::string text;
  for (const Finding& finding : outcome.findings) text += "\n  " + finding.what + "\n    " + finding.file.string();
  return text + "\nreplay with: fuzz " + std::string(target.name) + " --replay FILE";
}

class Smoke : public testing::TestWithParam<Target> {};

TEST_P(Smoke, TakesDamagedInputsWell) {
  // given: inputs that cost a call are fewer
  const bool is_call = GetParam().name.ends_with("requests");
  RunOptions options{.seed = 20261124, .max_inputs = is_call ? 600u : 3000u};
  // kept where it fails, so that it can be replayed
  options.findings = std::filesystem::temp_directory_path() / "fuzz-smoke";
  // when
  const Outcome outcome = Feed(GetParam(), options);
  // then
  EXPECT_EQ(outcome.inputs, options.max_inputs);
  EXPECT_TRUE(outcome.findings.empty()) << Describe(GetParam(), outcome);
}

INSTANTIATE_TEST_SUITE_P(All, Smoke, testing::ValuesIn(Targets()), [](const auto& info) {
  std::string name(info.param.name);
  for (char& c : name) c = c == '-' ? '_' : c;
  return name;
});

std::vector<std::string> OneSeed() { return {"abc"}; }
std::vector<std::string> OneWord() { return {"boom"}; }

Target Planted(std::optional<std::string> (*take)(const std::string&)) {
  return {.name = "planted", .what = "", .seeds = OneSeed, .words = OneWord, .take = take};
}

TEST(Runner, FindsWhatATargetCallsWrong) {
  // given
  const Folder folder;
  const Target target = Planted([](const std::string& input) -> std::optional<std::string> {
    if (input.find("boom") == input.npos) return std::nullopt;
    return "it says boom";
  });
  // when
  const Outcome outcome = Feed(target, {.max_inputs = 1000, .max_findings = 2, .findings = folder.path()});
  // then: written down, and wrong again when replayed
  ASSERT_EQ(outcome.findings.size(), 2u);
  EXPECT_EQ(outcome.findings[0].what, "it says boom");
  EXPECT_EQ(Replay(target, outcome.findings[0].file), "it says boom");
}

TEST(Runner, GoesOnAfterACrash) {
  const Folder folder;
  const Target target = Planted([](const std::string& input) -> std::optional<std::string> {
    if (input.find("boom") != input.npos) std::_Exit(7);
    return std::nullopt;
  });
  const Outcome outcome = Feed(target, {.max_inputs = 300, .max_findings = 3, .findings = folder.path()});
  ASSERT_EQ(outcome.findings.size(), 3u);
  EXPECT_EQ(outcome.findings[2].what, "ended the process with status 7");
}

TEST(Runner, WhatHangsIsAFinding) {
  const Folder folder;
  const Target target = Planted([](const std::string& input) -> std::optional<std::string> {
    for (volatile bool hangs = input.find("boom") != input.npos; hangs;) {
    }
    return std::nullopt;
  });
  const Outcome outcome =
      Feed(target, {.max_inputs = 1000, .input_limit_s = 1, .max_findings = 1, .findings = folder.path()});
  ASSERT_EQ(outcome.findings.size(), 1u);
  EXPECT_EQ(outcome.findings[0].what, "took longer than 1 s");
}

TEST(Runner, TheSameSeedFeedsTheSame) {
  static std::string last;  // of this process; the runner's children hand it over by what they find
  const Folder folder;
  const Target target = Planted([](const std::string& input) -> std::optional<std::string> {
    last += input;
    if (last.size() < 2000) return std::nullopt;
    return std::to_string(std::hash<std::string>()(last));
  });
  const RunOptions options{.seed = 7, .max_inputs = 1000, .max_findings = 1, .findings = folder.path()};
  const Outcome first = Feed(target, options);
  const Outcome second = Feed(target, options);
  ASSERT_EQ(first.findings.size(), 1u);
  ASSERT_EQ(second.findings.size(), 1u);
  EXPECT_EQ(first.findings[0].what, second.findings[0].what);
}

}  // namespace
}  // namespace troupe::fuzz
