#include "router/cli/timeline.h"

#include <gtest/gtest.h>

#include "tests/unit/cli/records.h"

namespace troupe::cli {
namespace {

size_t Count(const std::string& text, const std::string& piece) {
  size_t count = 0;
  for (size_t at = text.find(piece); at != std::string::npos; at = text.find(piece, at + 1)) ++count;
  return count;
}

v1::GetResponse TwoTries() {
  v1::GetResponse response;
  response.mutable_task()->set_graph("a<b>&c");
  response.mutable_task()->set_accepted_ms(kStartMs);
  response.mutable_task()->set_ended_ms(kStartMs + 1000);
  v1::Step& step = *response.add_steps();
  step.set_path("reply");
  for (int i = 1; i <= 2; ++i) {
    v1::Attempt& attempt = *step.add_attempts();
    attempt.set_attempt(i);
    attempt.set_decided_ms(kStartMs + 400 * (i - 1));
    attempt.mutable_site()->set_replica("writer-0");
    attempt.mutable_site()->set_sent_ms(kStartMs + 400 * (i - 1));
    attempt.mutable_site()->set_ended_ms(kStartMs + 400 * i);
  }
  step.mutable_attempts(0)->set_error_code(14);
  step.mutable_attempts(0)->set_error_message("\x1b[31mgone");
  return response;
}

TEST(Timeline, OneBarForEachAttemptAtItsTime) {
  const std::string svg = RenderTimeline(TwoTries());
  EXPECT_EQ(Count(svg, "<rect class=\"failed\""), 1u);
  EXPECT_EQ(Count(svg, "<rect class=\"bar\" x=\"620.0\""), 1u);  // 40% of 760, after margin and labels
  EXPECT_EQ(Count(svg, "width=\"304.0\""), 2u);
}

TEST(Timeline, TextIsEscapedAndHarmless) {
  const std::string svg = RenderTimeline(TwoTries());
  EXPECT_NE(svg.find("a&lt;b&gt;&amp;c"), std::string::npos);
  EXPECT_EQ(svg.find('\x1b'), std::string::npos);
}

TEST(Timeline, AnEmptyTaskIsStillAPicture) {
  const std::string svg = RenderTimeline(v1::GetResponse());
  EXPECT_TRUE(svg.starts_with("<svg "));
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
}

TEST(Timeline, AFileThatCannotBeWrittenIsSaid) {
  const auto written = WriteTimeline(v1::GetResponse(), "/no/such/folder/x.svg");
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().message.find("/no/such/folder/x.svg"), std::string::npos);
}

}  // namespace
}  // namespace troupe::cli
