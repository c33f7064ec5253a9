#include "router/graph/draw.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "router/graph/parse.h"
#include "router/graph/svg_text.h"
#include "tests/support/places.h"

namespace troupe::graph {
namespace {

using testing::HasSubstr;
using testing::Not;

std::shared_ptr<const Graph> Full() {
  Parsed parsed = LoadGraph(SourcePath("tests/unit/graph/good/full.yaml"));
  EXPECT_NE(parsed.graph, nullptr);
  return parsed.graph;
}

// For looking at them: TROUPE_DRAW_INTO=folder.
void Keep(const std::string& name, const std::string& svg) {
  if (const char* folder = std::getenv("TROUPE_DRAW_INTO")) std::ofstream(std::filesystem::path(folder) / name) << svg;
}

// Every element is closed in order; enough of XML for what is written here.
void ExpectWellFormed(const std::string& xml) {
  std::vector<std::string> open;
  for (size_t at = xml.find('<'); at != std::string::npos; at = xml.find('<', at + 1)) {
    const size_t end = xml.find('>', at);
    ASSERT_NE(end, std::string::npos);
    const std::string tag = xml.substr(at + 1, end - at - 1);
    const std::string name = tag.substr(tag[0] == '/' ? 1 : 0, tag.find_first_of(" /", 1) - (tag[0] == '/' ? 1 : 0));
    if (tag[0] == '/') {
      ASSERT_FALSE(open.empty());
      EXPECT_EQ(open.back(), tag.substr(1));
      open.pop_back();
    } else if (tag.back() != '/') {
      open.push_back(name);
    }
  }
  EXPECT_TRUE(open.empty());
}

TEST(DrawGraph, DotHasStepsArrowsAndClusters) {
  std::string dot = ToDot(*Full());
  EXPECT_THAT(dot, HasSubstr("subgraph \"cluster_s_handle__answer\""));
  EXPECT_THAT(dot, HasSubstr("\"s_handle__answer__draft\" -> \"s_handle__answer__check\";"));
  EXPECT_THAT(dot, HasSubstr("\"s_parts\" -> \"s_handle__facts\" [lhead=\"cluster_s_handle\"];"));
  EXPECT_EQ(std::count(dot.begin(), dot.end(), '{'), std::count(dot.begin(), dot.end(), '}'));
}

TEST(DrawGraph, MermaidHasThemToo) {
  std::string mermaid = ToMermaid(*Full());
  EXPECT_THAT(mermaid, testing::StartsWith("flowchart TD\n"));
  EXPECT_THAT(mermaid, HasSubstr("subgraph s_handle[\"handle<br/>each part · at most 8 · 4 at a time"));
  EXPECT_THAT(mermaid, HasSubstr("s_parts --> s_handle\n"));
}

TEST(DrawGraph, SvgShowsEveryStepAgentAndPool) {
  std::string svg = ToSvg(*Full());
  Keep("graph.svg", svg);
  ExpectWellFormed(svg);
  for (const char* word :
       {">parts<", ">handle<", ">facts<", ">answer<", ">draft<", ">check<", ">reply<", "pool small: NVIDIA-L4",
        "expert · generate · smollm2", "else expert", "when part.skill == &apos;billing&apos;"}) {
    std::string wanted = word;
    if (size_t at = wanted.find("&apos;"); at != std::string::npos) wanted = wanted.substr(0, at);
    EXPECT_THAT(svg, HasSubstr(wanted));
  }
  EXPECT_EQ(svg, ToSvg(*Full())) << "the same graph gives the same picture";
}

TEST(DrawGraph, PeopleAreShownAsWhatTheyAre) {
  Parsed parsed = LoadGraph(SourcePath("tests/unit/graph/good/approve.yaml"));
  ASSERT_NE(parsed.graph, nullptr) << ToString(parsed.findings);
  const std::string svg = ToSvg(*parsed.graph);
  Keep("approve.svg", svg);
  ExpectWellFormed(svg);
  EXPECT_THAT(svg, HasSubstr("a person approves · 3d, then failed"));
  EXPECT_THAT(svg, HasSubstr(std::string("fill=\"") + kPersonFill + "\" stroke=\"" + kPersonStroke));
  EXPECT_THAT(ToDot(*parsed.graph), HasSubstr("sign_off\\na person approves · 3d, then failed\\nRefund"));
  EXPECT_THAT(ToMermaid(*parsed.graph), HasSubstr("s_sign_off[\"sign_off<br/>a person approves"));
}

TEST(DrawGraph, GraphsInsideAreBoxesWithTheirSteps) {
  Parsed parsed = LoadGraph(SourcePath("tests/unit/graph/good/subgraph.yaml"));
  ASSERT_NE(parsed.graph, nullptr) << ToString(parsed.findings);
  Keep("subgraph.svg", ToSvg(*parsed.graph));
  ExpectWellFormed(ToSvg(*parsed.graph));
  EXPECT_THAT(ToDot(*parsed.graph), HasSubstr("subgraph \"cluster_s_triage__more\" {\nlabel=\"more\\ngraph leaf"));
  EXPECT_THAT(ToMermaid(*parsed.graph), HasSubstr("s_triage__more__say[\"say<br/>triage-leaf-writer"));
}

TEST(DrawTimeline, APersonsRowSaysWhoAndThatItWaits) {
  const std::string svg = TimelineSvg(
      "refunds", {{.path = "ok", .replica = "ann", .start_ms = 5, .end_ms = 900, .by_person = true},
                  {.path = "more", .replica = "a person", .end_ms = 9, .state = TimelineRow::State::kAsking,
                   .by_person = true}});
  ExpectWellFormed(svg);
  EXPECT_THAT(svg, HasSubstr(">ann<"));
  EXPECT_THAT(svg, HasSubstr("waiting for a person"));
}

TEST(DrawTimeline, ShowsWhoDidWhatWhenAndWhatFailed) {
  // given
  using State = TimelineRow::State;
  std::vector<TimelineRow> rows = {
      {.path = "parts", .agent = "reader", .replica = "reader-0", .start_ms = 4, .end_ms = 61},
      {.path = "handle", .start_ms = 62, .end_ms = 3900},
      {.path = "handle[0].facts", .agent = "clerk", .replica = "clerk-0", .start_ms = 63, .end_ms = 900},
      {.path = "handle[0].answer[0].draft",
       .agent = "writer",
       .replica = "writer-0",
       .start_ms = 901,
       .end_ms = 1500,
       .state = State::kFailed},
      {.path = "handle[0].answer[0].draft",
       .agent = "writer",
       .replica = "writer-1",
       .start_ms = 1700,
       .end_ms = 3400,
       .attempt = 2,
       .generated_tokens = 42},
      {.path = "handle[1].facts", .start_ms = 63, .end_ms = 63, .state = State::kSkipped},
      {.path = "reply <&>",
       .agent = "writer",
       .replica = "writer-0",
       .start_ms = 3905,
       .end_ms = 5200,
       .state = State::kRunning}};
  // when
  std::string svg = TimelineSvg("help-desk, task 0192", rows);
  // then
  Keep("timeline.svg", svg);
  ExpectWellFormed(svg);
  EXPECT_THAT(svg, HasSubstr("1.7 s · 42 tokens · attempt 2"));
  EXPECT_THAT(svg, HasSubstr("599 ms · failed"));
  EXPECT_THAT(svg, HasSubstr(">skipped<"));
  EXPECT_THAT(svg, HasSubstr("reply &lt;&amp;&gt;"));
}

TEST(DrawTimeline, NoRowsAreAnEmptyPicture) { ExpectWellFormed(TimelineSvg("nothing", {})); }

TEST(SvgText, ShortensByCharactersAndEscapes) {
  EXPECT_EQ(Shorten("äöü", 3), "äöü");
  EXPECT_EQ(Shorten("äöüß", 3), "äö…");
  EXPECT_EQ(XmlEscape("a<b>&\"\n"), "a&lt;b&gt;&amp;&quot; ");
}

}  // namespace
}  // namespace troupe::graph
