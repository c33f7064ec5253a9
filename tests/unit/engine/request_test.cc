#include "runtime/engine/request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace troupe::engine {
namespace {

using ::testing::HasSubstr;

TEST(CheckParamsTest, DefaultsAreFine) { EXPECT_TRUE(CheckParams({})); }

TEST(CheckParamsTest, WhatIsOutOfRangeIsNamed) {
  const std::vector<std::pair<SamplingParams, std::string>> cases{
      {{.temperature = 11}, "temperature"},
      {{.temperature = std::nanf("")}, "temperature"},
      {{.top_k = -1}, "top_k"},
      {{.top_p = 0}, "top_p"},
      {{.min_p = 1.5f}, "min_p"},
      {{.repeat_penalty = 0}, "repeat_penalty"},
      {{.repeat_window = -1}, "repeat_window"},
      {{.presence_penalty = 1000}, "presence_penalty"},
      {{.frequency_penalty = INFINITY}, "frequency_penalty"},
      {{.stop = {""}}, "stop"},
      {{.stop = {std::string(257, 'x')}}, "stop"},
      {{.stop = std::vector<std::string>(17, "x")}, "stop"},
      {{.logprobs = 21}, "logprobs"},
  };
  for (const auto& [params, field] : cases) {
    const Status status = CheckParams(params);
    ASSERT_FALSE(status) << field;
    EXPECT_EQ(status.error().code, Code::kInvalidArgument);
    EXPECT_THAT(status.error().message, HasSubstr(field));
  }
}

}  // namespace
}  // namespace troupe::engine
