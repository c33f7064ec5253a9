#include "runtime/model/step_failure.h"

#include <ATen/ops/empty.h>
#include <gtest/gtest.h>

#include <new>
#include <stdexcept>

namespace troupe::model {
namespace {

Error Thrown(const auto& work) {
  try {
    work();
  } catch (const std::exception& thrown) {
    return StepFailure(thrown);
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

TEST(StepFailureTest, MemoryThatRanOutIsToldApart) {
  EXPECT_EQ(Thrown([] { at::empty({int64_t{1} << 58}); }).code, Code::kResourceExhausted);
  EXPECT_EQ(Thrown([] { throw std::bad_alloc(); }).code, Code::kResourceExhausted);
  EXPECT_EQ(Thrown([] { throw c10::OutOfMemoryError({}, "CUDA out of memory"); }).code, Code::kResourceExhausted);
}

TEST(StepFailureTest, WhatElseGoesWrongIsInternalAndOneLine) {
  const Error error = Thrown([] { at::empty({2}).view({3}); });
  EXPECT_EQ(error.code, Code::kInternal);
  EXPECT_NE(error.message.find("shape"), std::string::npos) << error.message;
  EXPECT_EQ(error.message.find('\n'), std::string::npos) << error.message;
  EXPECT_EQ(Thrown([] { throw std::runtime_error("odd"); }).message, "a step of the model failed: odd");
}

TEST(StepFailureTest, OfWhatIsThrownTheTraceIsLeftOut) {
  EXPECT_EQ(FirstLine(std::runtime_error("what it is\nwhere it was")), "what it is");
  EXPECT_EQ(FirstLine(std::runtime_error("")), "");
}

}  // namespace
}  // namespace troupe::model
