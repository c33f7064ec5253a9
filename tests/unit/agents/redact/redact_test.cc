#include "agents/redact/redact.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agents/host/spec.h"
#include "runtime/kind/kind.h"
#include "tests/unit/agents/fake_step.h"

namespace troupe::redact {
namespace {

using ::testing::HasSubstr;

Result<std::unique_ptr<host::Kind>> Open(Value config) {
  host::Spec spec;
  spec.agent = "censor";
  spec.kind = "redact";
  auto checked = host::CheckConfig(*kind::FindKind("redact"), std::move(config));
  EXPECT_TRUE(checked) << ToString(checked.error());
  if (checked) spec.config = std::move(*checked);
  return Make(spec);
}

TEST(Redact, GivesTheTextWithMarksAndWhatTheyStandFor) {
  // given
  auto kind = Open(Value::object());
  ASSERT_TRUE(kind);
  auto step = std::make_shared<host::FakeStep>(Value{{"text", "I am ann@example.org"}});
  // when
  (*kind)->Work(step);
  // then
  EXPECT_EQ(*step->Wait(), Value({{"text", "I am [email 1]"}, {"marks", {{"[email 1]", "ann@example.org"}}}}));
}

TEST(Redact, LooksForWhatItIsTold) {
  auto kind = Open({{"find", {"phone"}}});
  ASSERT_TRUE(kind);
  auto step = std::make_shared<host::FakeStep>(Value{{"text", "ann@example.org"}});
  (*kind)->Work(step);
  EXPECT_EQ(*step->Wait(), Value({{"text", "ann@example.org"}, {"marks", Value::object()}}));
}

TEST(Redact, WhatNobodyLooksForIsRefusedAtStart) {
  const auto kind = Open({{"find", {"names"}}});
  ASSERT_FALSE(kind);
  EXPECT_EQ(kind.error().code, Code::kInvalidArgument);
  EXPECT_THAT(kind.error().message, HasSubstr("agent \"censor\": find: nobody looks for 'names'; there are: email, "));
}

}  // namespace
}  // namespace troupe::redact
