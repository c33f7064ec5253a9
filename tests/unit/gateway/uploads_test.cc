#include "router/gateway/uploads.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>

#include "runtime/base/id.h"

namespace troupe::gateway {
namespace {

class KeptUploads : public testing::Test {
 protected:
  KeptUploads() : folder_(std::filesystem::temp_directory_path() / ("up-" + NewUuid7().substr(24))) {}
  ~KeptUploads() override { std::filesystem::remove_all(folder_); }

  static Result<Upload> Put(Uploads& uploads, const std::vector<std::string>& pieces,
                            const std::string& expected = "") {
    TRY_ASSIGN(Uploads::Writing writing, uploads.Begin());
    for (const std::string& piece : pieces) TRY(writing.Add(piece));
    return writing.Finish(expected);
  }
  size_t FilesLeft() const {
    return static_cast<size_t>(
        std::distance(std::filesystem::directory_iterator(folder_), std::filesystem::directory_iterator()));
  }

  const std::filesystem::path folder_;
  ManualClock clock_;
  UploadsOptions options_{.max_bytes = 1'000, .max_total_bytes = 2'000, .lifetime_ms = 60'000};
};

TEST_F(KeptUploads, PiecesBecomeOneContentUnderItsDigest) {
  Uploads uploads(options_, folder_, clock_);
  const auto upload = Put(uploads, {"hello ", "", "world"}).value();
  EXPECT_EQ(upload.sha256, Sha256Hex("hello world"));
  EXPECT_EQ(upload.bytes, 11);
  EXPECT_EQ(upload.expires_ms, clock_.NowMs() + 60'000);
  EXPECT_EQ(uploads.Read(upload.sha256).value(), "hello world");
  // and after a new start too
  Uploads again(options_, folder_, clock_);
  EXPECT_EQ(again.Read(upload.sha256).value(), "hello world");
}

TEST_F(KeptUploads, WhatIsTooLargeIsRefusedAndLeavesNothing) {
  Uploads uploads(options_, folder_, clock_);
  const auto upload = Put(uploads, {std::string(600, 'a'), std::string(600, 'b')});
  EXPECT_EQ(upload.error().code, Code::kResourceExhausted);
  EXPECT_EQ(upload.error().retry_after_ms, 0) << "trying again does not help";
  EXPECT_EQ(FilesLeft(), 0u);
  EXPECT_TRUE(Put(uploads, {std::string(1'000, 'a')}));
}

TEST_F(KeptUploads, AllTogetherAreLimitedUntilTheyExpire) {
  Uploads uploads(options_, folder_, clock_);
  const auto first = Put(uploads, {std::string(900, 'a')}).value();
  ASSERT_TRUE(Put(uploads, {std::string(900, 'b')}));
  const auto third = Put(uploads, {std::string(900, 'c')});
  EXPECT_EQ(third.error().code, Code::kResourceExhausted);
  EXPECT_GT(third.error().retry_after_ms, 0);
  // the same content again needs room while it comes, and none afterwards
  EXPECT_TRUE(Put(uploads, {std::string(100, 'd')}));
  EXPECT_TRUE(Put(uploads, {std::string(100, 'd')}));
  EXPECT_TRUE(Put(uploads, {std::string(100, 'd')}));
  clock_.Advance(60'000);
  EXPECT_TRUE(Put(uploads, {std::string(900, 'c')}));
  EXPECT_EQ(uploads.Read(first.sha256).error().code, Code::kNotFound);
  EXPECT_EQ(FilesLeft(), 1u);
}

TEST_F(KeptUploads, TheirNumberIsLimitedThoseUnderWayIncluded) {
  options_.max_count = 2;
  Uploads uploads(options_, folder_, clock_);
  ASSERT_TRUE(Put(uploads, {"a"}));
  {
    const auto under_way = uploads.Begin();
    ASSERT_TRUE(under_way);
    EXPECT_EQ(uploads.Begin().error().code, Code::kResourceExhausted);
  }
  EXPECT_TRUE(Put(uploads, {"b"})) << "the one that was dropped has left its place";
  EXPECT_GT(uploads.Begin().error().retry_after_ms, 0);
}

TEST_F(KeptUploads, AnotherDigestThanWasSaidIsRefused) {
  Uploads uploads(options_, folder_, clock_);
  EXPECT_EQ(Put(uploads, {"hello"}, Sha256Hex("hullo")).error().code, Code::kInvalidArgument);
  EXPECT_EQ(FilesLeft(), 0u);
  EXPECT_TRUE(Put(uploads, {"hello"}, Sha256Hex("hello")));
}

TEST_F(KeptUploads, AskingForOneKeepsItLonger) {
  Uploads uploads(options_, folder_, clock_);
  const auto upload = Put(uploads, {"hello"}).value();
  clock_.Advance(59'000);
  const auto found = uploads.Find(upload.sha256).value();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->expires_ms, clock_.NowMs() + 60'000);
  EXPECT_EQ(found->bytes, 5);
  clock_.Advance(59'999);
  EXPECT_TRUE(uploads.Read(upload.sha256));
  clock_.Advance(60'000);
  EXPECT_FALSE(uploads.Find(upload.sha256).value());
}

// A limit on the size of files stands for a disk that is full: writing fails half-way.
TEST_F(KeptUploads, ADiskThatTakesNoMoreIsSaidAndLeavesNothing) {
  Uploads uploads(options_, folder_, clock_);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit tight{100, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &tight);
  const auto refused = Put(uploads, {std::string(90, 'a'), std::string(90, 'b')});
  setrlimit(RLIMIT_FSIZE, &before);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kUnavailable);
  EXPECT_NE(refused.error().message.find(folder_.string()), std::string::npos) << refused.error().message;
  EXPECT_EQ(FilesLeft(), 0u);
  // and with room again all of it is free
  EXPECT_TRUE(Put(uploads, {std::string(1'000, 'a')}));
  EXPECT_TRUE(Put(uploads, {std::string(1'000, 'b')}));
}

TEST_F(KeptUploads, OnlyDigestsAreLookedUpAndDamageIsSeen) {
  Uploads uploads(options_, folder_, clock_);
  for (const char* name : {"", "../../etc/passwd", "part-1", "ABCDEF"}) {
    EXPECT_EQ(uploads.Read(name).error().code, Code::kInvalidArgument) << name;
  }
  EXPECT_EQ(uploads.Read(std::string(64, 'a')).error().code, Code::kNotFound);
  const auto upload = Put(uploads, {"hello"}).value();
  std::ofstream(folder_ / upload.sha256) << "hullo";
  EXPECT_EQ(uploads.Read(upload.sha256).error().code, Code::kDataLoss);
  // and the same content may come anew
  EXPECT_FALSE(uploads.Find(upload.sha256).value());
  EXPECT_TRUE(Put(uploads, {"hello"}));
  EXPECT_EQ(uploads.Read(upload.sha256).value(), "hello");
}

TEST_F(KeptUploads, WhatAKilledRouterLeftUnderWayGoes) {
  std::filesystem::create_directories(folder_);
  std::ofstream(folder_ / "part-7") << "half";
  Uploads uploads(options_, folder_, clock_);
  ASSERT_TRUE(Put(uploads, {"x"}));
  EXPECT_EQ(FilesLeft(), 1u);
}

}  // namespace
}  // namespace troupe::gateway
