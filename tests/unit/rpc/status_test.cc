#include "runtime/rpc/status.h"

#include <gtest/gtest.h>

namespace troupe::rpc {
namespace {

TEST(StatusTest, AnErrorSurvivesTheWire) {
  // given
  const Error error = Exhausted("writer is full; try again later", 1'250);
  // when
  const Error back = FromGrpc(ToGrpc(error));
  // then
  EXPECT_EQ(back, error);
}

TEST(StatusTest, DetailsSurviveTheWire) {
  // given
  ErrorDetails details;
  details.reason = "STEP_FAILED";
  details.metadata = {{"step", "handle[1].draft"}, {"agent", "writer"}};
  details.violations = {{"input.message", "is missing"}, {"labels", "too many"}};
  // when
  const grpc::Status wire = ToGrpc(Invalid("two fields are wrong"), details);
  const ErrorDetails back = DetailsFromGrpc(wire);
  // then
  EXPECT_EQ(back.reason, "STEP_FAILED");
  EXPECT_EQ(back.metadata, details.metadata);
  ASSERT_EQ(back.violations.size(), 2u);
  EXPECT_EQ(back.violations[0].field, "input.message");
  EXPECT_EQ(back.violations[1].description, "too many");
}

TEST(StatusTest, SuccessStaysSuccess) {
  EXPECT_TRUE(ToGrpc(Status{}).ok());
  EXPECT_TRUE(StatusFromGrpc(grpc::Status::OK));
}

TEST(StatusTest, BrokenDetailsAreLeftOut) {
  // given
  const grpc::Status wire(grpc::StatusCode::UNAVAILABLE, "gone", "\xFF\xFF no protobuf");
  // when
  const Error error = FromGrpc(wire);
  // then
  EXPECT_EQ(error.code, Code::kUnavailable);
  EXPECT_EQ(error.message, "gone");
  EXPECT_TRUE(DetailsFromGrpc(wire).empty());
}

TEST(StatusTest, ALongMessageFitsIntoTrailersAndStaysUtf8) {
  // given: cut inside a character
  const Error error = Internal(std::string(4095, 'x') + "é" + std::string(50'000, 'y'));
  // when
  const grpc::Status wire = ToGrpc(error);
  // then
  EXPECT_EQ(wire.error_message(), std::string(4095, 'x') + "...");
}

}  // namespace
}  // namespace troupe::rpc
