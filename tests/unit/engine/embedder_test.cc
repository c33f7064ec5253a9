#include "runtime/engine/embedder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <future>
#include <thread>

#include "tests/unit/engine/gate.h"
#include "tests/unit/model/models.h"

namespace troupe::engine {
namespace {

class EmbedderTest : public ::testing::Test {
 protected:
  void SetUp() override { SKIP_WITHOUT(model::MiniLm()); }

  static std::unique_ptr<Embedder> Open(const EmbedderOptions& options = {}) {
    auto embedder = Embedder::Load(model::MiniLm(), options);
    EXPECT_TRUE(embedder) << ToString(embedder.error());
    return std::move(*embedder);
  }

  static Result<Rows> Embed(Embedder& embedder, std::vector<std::string> texts) {
    std::promise<Result<Rows>> ready;
    const auto handle =
        embedder.Embed(std::move(texts), [&ready](Result<Rows> rows) { ready.set_value(std::move(rows)); });
    if (!handle) return handle.error();
    return ready.get_future().get();
  }

  static double Dot(std::span<const float> a, std::span<const float> b) {
    double sum = 0;
    for (size_t i = 0; i < a.size(); ++i) sum += double{a[i]} * b[i];
    return sum;
  }
};

TEST_F(EmbedderTest, MeaningIsNearAndOrderIsKeptAcrossBatches) {
  const auto embedder = Open({.max_batch = 2});
  const auto rows = Embed(*embedder, {"Where is my parcel? It should have been here a week ago, and I am waiting.",
                                      "The delivery has not arrived.", "I like green tea.", "", "tea"});
  ASSERT_TRUE(rows) << ToString(rows.error());
  ASSERT_EQ(rows->size(), 5);
  EXPECT_EQ(rows->width, 384);
  EXPECT_GT(Dot(rows->row(0), rows->row(1)), Dot(rows->row(0), rows->row(2)));
  EXPECT_GT(Dot(rows->row(2), rows->row(4)), Dot(rows->row(1), rows->row(4)));
  for (int i = 0; i < 5; ++i) EXPECT_NEAR(Dot(rows->row(i), rows->row(i)), 1, 1e-5);
  // The same alone as among others.
  const auto alone = Embed(*embedder, {"tea"});
  ASSERT_TRUE(alone);
  EXPECT_NEAR(Dot(alone->row(0), rows->row(4)), 1, 1e-6);
}

TEST_F(EmbedderTest, LongTextsAreCutAndCounted) {
  const auto embedder = Open({.max_tokens = 16});
  std::string text;
  for (int i = 0; i < 100; ++i) text += "word ";
  const auto rows = Embed(*embedder, {text, "short"});
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->truncated, 1);
  EXPECT_EQ(rows->tokens, 16 + 3);
}

TEST_F(EmbedderTest, ThoseWhoShareABatchShareItsTime) {
  const auto embedder = Open();
  const int64_t begin_ns = SystemClock().MonotonicNs();
  std::vector<std::promise<Result<Rows>>> ready(16);
  for (auto& promise : ready) {
    ASSERT_TRUE(embedder->Embed({"a text"}, [&promise](Result<Rows> rows) { promise.set_value(std::move(rows)); }));
  }
  double device_ms = 0;
  for (auto& promise : ready) {
    const Result<Rows> rows = promise.get_future().get();
    ASSERT_TRUE(rows) << ToString(rows.error());
    EXPECT_GT(rows->device_ms, 0);
    device_ms += rows->device_ms;
  }
  EXPECT_LE(device_ms, static_cast<double>(SystemClock().MonotonicNs() - begin_ns) / 1e6);
}

TEST_F(EmbedderTest, BadCallsAreRefusedAtOnce) {
  const auto embedder = Open({.max_queued = 3});
  EXPECT_EQ(Embed(*embedder, {}).error().code, Code::kInvalidArgument);
  EXPECT_EQ(Embed(*embedder, {"\xff\xfe"}).error().code, Code::kInvalidArgument);
  EXPECT_EQ(Embed(*embedder, {"a", "b", "c", "d"}).error().code, Code::kResourceExhausted);
  EXPECT_EQ(embedder->Classify({"a"}, [](Result<Rows>) {}).error().code, Code::kFailedPrecondition);
  embedder->Stop();
  EXPECT_EQ(Embed(*embedder, {"a"}).error().code, Code::kUnavailable);
}

TEST_F(EmbedderTest, StopAnswersWhatStillWaits) {
  const auto embedder = Open();
  Gate gate;
  ASSERT_TRUE(embedder->Embed({"first"}, [hold = gate.Hold()](Result<Rows>) { hold(); }));
  gate.WaitUntilHeld();
  std::promise<Result<Rows>> second;
  ASSERT_TRUE(embedder->Embed({"second"}, [&](Result<Rows> rows) { second.set_value(std::move(rows)); }));
  std::thread stopper([&] { embedder->Stop(); });
  // Whichever comes first, stop or the second text, it is answered.
  gate.Open();
  stopper.join();
  const Result<Rows> rows = second.get_future().get();
  EXPECT_TRUE(rows.has_value() || rows.error().code == Code::kCancelled);
}

TEST_F(EmbedderTest, ACancelledCallIsAnsweredAsCancelled) {
  const auto embedder = Open();
  Gate gate;
  ASSERT_TRUE(embedder->Embed({"first"}, [hold = gate.Hold()](Result<Rows>) { hold(); }));
  gate.WaitUntilHeld();
  std::promise<Result<Rows>> second;
  const auto handle = embedder->Embed({"second"}, [&](Result<Rows> rows) { second.set_value(std::move(rows)); });
  ASSERT_TRUE(handle);
  handle->Cancel();
  gate.Open();
  const Result<Rows> rows = second.get_future().get();
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code, Code::kCancelled);
}

}  // namespace
}  // namespace troupe::engine
