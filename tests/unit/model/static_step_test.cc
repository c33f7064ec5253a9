// What a recording of a step needs: that it asks the device for nothing, and does the same whatever the data is.
#include "runtime/model/static_step.h"

#include <ATen/Parallel.h>
#include <ATen/record_function.h>
#include <c10/core/InferenceMode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <string>
#include <vector>

#include "runtime/model/aten_decoder.h"
#include "tests/unit/model/families.h"

namespace troupe::model {
namespace {

using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// Operators that are called on this thread, by name.
class Operators {
 public:
  Operators() {
    calls_.clear();
    handle_ = at::addThreadLocalCallback(at::RecordFunctionCallback(&Note));
  }
  ~Operators() { at::removeCallback(handle_); }

  const std::vector<std::string>& calls() const { return calls_; }

 private:
  static std::unique_ptr<at::ObserverContext> Note(const at::RecordFunction& function) {
    calls_.emplace_back(function.name());
    return nullptr;
  }

  static thread_local std::vector<std::string> calls_;
  at::CallbackHandle handle_ = 0;
};

thread_local std::vector<std::string> Operators::calls_;

// What a step over sequences of these lengths asks for.
std::vector<std::string> CallsOf(StaticStep& step, const StepBucket& bucket, const std::vector<int64_t>& lengths) {
  std::vector<std::vector<PageId>> pages(lengths.size());
  const std::vector<int32_t> tokens{5, 6, 7};
  std::vector<Slice> slices;
  for (size_t i = 0; i < lengths.size(); ++i) {
    pages[i].resize(static_cast<size_t>(bucket.pages));
    std::iota(pages[i].begin(), pages[i].end(), static_cast<PageId>(i) * static_cast<PageId>(bucket.pages));
    slices.push_back({std::span(tokens).subspan(i, 1), pages[i], lengths[i]});
  }
  step.Send(bucket, slices);
  const Operators operators;
  step.Run(bucket);
  return operators.calls();
}

TEST(StaticStepTest, NothingIsAskedOfTheDeviceAndTheDataChangesNothing) {
  at::set_num_threads(1);  // other tests run beside this one
  const c10::InferenceMode mode;
  ForEachFamily([](const Value& item, const ModelConfig& config) {
    // given
    const auto decoder = AtenDecoder::Load(config, WeightsOf(item), {});
    ASSERT_TRUE(decoder);
    ASSERT_TRUE((*decoder)->ReservePages(4 * 8 + 1));
    StaticStep step((*decoder)->layers(), (*decoder)->pages());
    const StepBucket bucket{4, 8};
    // when
    const auto some = CallsOf(step, bucket, {0, 15, 100});
    const auto others = CallsOf(step, bucket, {127, 3});
    // then
    EXPECT_GT(some.size(), 50u);
    EXPECT_EQ(some, others);
    // these wait for what the device has computed, or for a copy between it and the CPU
    EXPECT_THAT(some,
                Not(Contains(AnyOf(StartsWith("aten::item"), HasSubstr("_local_scalar_dense"), HasSubstr("nonzero"),
                                   HasSubstr("masked_select"), HasSubstr("unique"), HasSubstr("equal"),
                                   HasSubstr("repeat_interleave.Tensor"), HasSubstr("pin")))));
  });
}

}  // namespace
}  // namespace troupe::model
