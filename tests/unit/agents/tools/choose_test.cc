#include "agents/tools/choose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "agents/tools/distill.h"
#include "runtime/base/value.h"
#include "tests/support/temp_folder.h"
#include "tests/unit/agents/tiny_models.h"

namespace troupe::tools {
namespace {

using testing::HasSubstr;

class ChooseTest : public host::TinyModelTest {
 protected:
  template <typename Command>
  static Status Run(std::vector<std::string> arguments) {  // from the end
    CLI::App app;
    const Command command(app);
    app.parse(std::move(arguments));
    return command.Run();
  }
  // What is printed about asked.txt.
  std::vector<Value> Chosen(const std::string& count) const {
    testing::internal::CaptureStdout();
    const Status chosen = Run<Choose>({count, "--count", Path("asked.txt"), Path("student"), "choose"});
    std::istringstream printed(testing::internal::GetCapturedStdout());
    EXPECT_TRUE(chosen) << ToString(chosen.error());
    std::vector<Value> lines;
    for (std::string line; std::getline(printed, line);) lines.push_back(*ParseValue(line));
    return lines;
  }
  std::string Path(const std::string& name) const { return (temp_.path / name).string(); }

  TempFolder temp_;
};

TEST_F(ChooseTest, WhatTheStudentDoubtsMostComesFirstAndEachTextOnce) {
  // given a student that knows texts with "a" and texts with "b"
  std::string csv = "text,label\n";
  for (int i = 0; i < 40; ++i) {
    csv += std::string(i % 2 == 0 ? "a " : "b ") + static_cast<char>('c' + i % 20) + (i % 2 == 0 ? ",x\n" : ",y\n");
  }
  WriteAll(temp_.path / "texts.csv", csv);
  WriteAll(temp_.path / "recipe.yaml",
           "apiVersion: troupe.dev/v1\nkind: DistillRecipe\nmetadata: {name: ab}\nspec:\n  model: " + Bert().string() +
               "\n  data: {train: texts.csv, heldOut: 0.2}\n"
               "  training: {epochs: 40, batch: 8, rate: 1e-2, dropout: 0}\n");
  ASSERT_TRUE(Run<Distill>({Path("student"), Path("recipe.yaml"), "distill"}));
  // when all of some texts are wanted, one of which is there twice
  WriteAll(temp_.path / "asked.txt", "a d\nb e\na d\na g\nm q m q\nb k\n");
  const std::vector<Value> all = Chosen("9"), two = Chosen("2");
  // then each comes once, and the first is the one of which it is least sure
  ASSERT_EQ(all.size(), 5u);
  for (const Value& line : all) EXPECT_GE(line["confidence"], all[0]["confidence"]);
  // and fewer are the first of them
  ASSERT_EQ(two.size(), 2u);
  EXPECT_EQ(two[0], all[0]);
  EXPECT_EQ(two[1], all[1]);
}

TEST_F(ChooseTest, AModelWithoutAHeadIsTold) {
  WriteAll(temp_.path / "asked.txt", "a d\n");
  const Status chosen = Run<Choose>({Path("asked.txt"), Bert().string(), "choose"});
  ASSERT_FALSE(chosen);
  EXPECT_THAT(chosen.error().message, HasSubstr("classification head"));
}

}  // namespace
}  // namespace troupe::tools
