// What expressions see, and what is said when they see something else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/graph_builder.h"
#include "tests/unit/core/player.h"

namespace troupe::core::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Names, ReferToValuesOfAnyKind) {
  Player player(MakeGraph({Call("a", "one"), Call("b", "one",
                                                  {{"whole", "{{ steps.a }}"},
                                                   {"number", "{{ steps.a.n + 1 }}"},
                                                   {"element", "{{ steps.a.list[1].x }}"},
                                                   {"mixed", "n is {{ steps.a.n }} of {{ input.total }}"},
                                                   {"list", {"{{ steps.a.n }}", "plain"}}})}));
  player.Accept({{"total", 9}});
  const Value output = {{"n", 4}, {"list", {1, {{"x", "y"}}}}, {"more", "stuff"}};
  player.Done("a", output);
  EXPECT_EQ(
      player.InputOf("b"),
      Value({{"whole", output}, {"number", 5}, {"element", "y"}, {"mixed", "n is 4 of 9"}, {"list", {4, "plain"}}}));
}

TEST(Names, AFileSeesOnlyItsWith) {
  graph::Step step = Call("b", "one");
  graph::ValueTemplate file = Template("Say {{ word }}");
  file.kind = graph::ValueTemplate::Kind::kFile;
  file.fields["word"] = Template("{{ input.word }}");
  step.agent->input = file;
  Player player(MakeGraph({step}));
  player.Accept({{"word", "hi"}});
  EXPECT_EQ(player.InputOf("b"), "Say hi");

  file.text = Template("Say {{ input.word }}").text;
  step.agent->input = file;
  Player other(MakeGraph({step}));
  other.Accept({{"word", "hi"}});
  EXPECT_EQ(other.state().error.code, Code::kInvalidArgument);
}

TEST(Names, AMissingFieldFailsTheStepByName) {
  graph::Step step = Call("b", "one", {{"x", "{{ steps.a.missing }}"}});
  step.agent->input.fields["x"].position = {.file = "g.yaml", .line = 12, .column = 5};
  Player player(MakeGraph({Call("a", "one"), step}));
  player.Accept();
  player.Done("a", {{"n", 1}});
  EXPECT_EQ(player.state().error.code, Code::kInvalidArgument);
  EXPECT_THAT(player.state().error.message, HasSubstr("the input of step 'b' cannot be evaluated (g.yaml:12:5)"));
  EXPECT_EQ(player.state().error_path, "b");
}

TEST(Names, AnAttributeOfNoneIsAnError) {
  graph::Step a = Call("a", "one");
  a.on_error = graph::OnError::kKeep;
  Player player(MakeGraph({a, Call("b", "one", {{"x", "{{ steps.a.text }}"}})}));
  player.Accept();
  player.Fail("a", Code::kNotFound);
  EXPECT_EQ(player.state().error.code, Code::kInvalidArgument);
}

}  // namespace
}  // namespace troupe::core::testing
