#include "router/cli/input.h"

#include <gtest/gtest.h>

#include <fstream>

namespace troupe::cli {
namespace {

TaskFlags Fields(std::vector<std::string> fields) {
  TaskFlags flags;
  flags.fields = std::move(fields);
  return flags;
}

TEST(BuildInput, LaterPiecesWinOverEarlierOnes) {
  TaskFlags flags;
  flags.input = R"({"message":"a","n":1,"tone":"dry"})";
  flags.fields = {"n:=2", "tone=warm"};
  flags.message = "b";
  const auto input = BuildInput(flags, "message");
  ASSERT_TRUE(input) << ToString(input.error());
  EXPECT_EQ(*input, (Value{{"message", "b"}, {"n", 2}, {"tone", "warm"}}));
}

TEST(BuildInput, TextFieldsAreTakenAsTheyAre) {
  // an equals sign, an at sign and a colon in the text are text
  const auto input = BuildInput(Fields({"message=@home: 1=1", "url=http://x?a:=b"}), "message");
  ASSERT_TRUE(input) << ToString(input.error());
  EXPECT_EQ((*input)["message"], "@home: 1=1");
  EXPECT_EQ((*input)["url"], "http://x?a:=b");
}

TEST(BuildInput, ReadsFiles) {
  const std::string path = testing::TempDir() + "/input_test.txt";
  std::ofstream(path) << "from a file";
  const auto input = BuildInput(Fields({"message@=" + path}), "message");
  ASSERT_TRUE(input) << ToString(input.error());
  EXPECT_EQ((*input)["message"], "from a file");
}

TEST(BuildInput, SaysWhichFlagIsWrong) {
  const auto message = [](TaskFlags flags) {
    const auto input = BuildInput(flags, "message");
    return input ? "no error" : input.error().message;
  };
  EXPECT_EQ(message(Fields({"message"})), "--field message: write key=text, key:=JSON or key@=FILE");
  EXPECT_EQ(message(Fields({"=x"})), "--field =x: write key=text, key:=JSON or key@=FILE");
  EXPECT_TRUE(message(Fields({"n:={"})).starts_with("--field n: "));
  EXPECT_EQ(message(Fields({"n@=/no/such/file"})), "--field n: cannot read the file /no/such/file");
  TaskFlags flags;
  flags.input = "[1]";
  EXPECT_TRUE(message(flags).starts_with("--input: must be a JSON object"));
}

TEST(MessageField, IsTheOneCalledMessageOrTheOnlyText) {
  EXPECT_EQ(MessageField({"tone", "message"}).value(), "message");
  EXPECT_EQ(MessageField({"question"}).value(), "question");
  const auto unclear = MessageField({"a", "b"});
  ASSERT_FALSE(unclear);
  EXPECT_NE(unclear.error().message.find("--field KEY=TEXT with one of: a, b"), std::string::npos);
  EXPECT_FALSE(MessageField({}));
}

TEST(ParseLabels, KeysAndValues) {
  EXPECT_EQ(ParseLabels({"a=b", "c=d=e"}).value(), (std::map<std::string, std::string>{{"a", "b"}, {"c", "d=e"}}));
  EXPECT_FALSE(ParseLabels({"a"}));
}

}  // namespace
}  // namespace troupe::cli
