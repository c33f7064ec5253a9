#include "runtime/hub/download.h"

#include <gtest/gtest.h>

#include "tests/support/temp_folder.h"
#include "tests/unit/hub/fake_http.h"

namespace troupe::hub {
namespace {

constexpr char kUrl[] = "https://hub.org/file";

class Downloading : public testing::Test {
 protected:
  Downloading() : store_(folder_.path) {
    http_.pages[kUrl] = {body_};
    file_.name = "m.gguf";
    file_.bytes = static_cast<int64_t>(body_.size());
    file_.expected.hex = Sha256Hex(body_);
    file_.url = kUrl;
    file_.authorization = "Bearer t";
    hooks_.note = [this](const std::string& line) { notes_.push_back(line); };
    hooks_.pause = [this](std::chrono::milliseconds time) {
      pauses_.push_back(time.count());
      return pauses_.size() < stop_after_pauses_;
    };
  }

  Result<Downloaded> Run() { return Download(http_, store_, file_, commit_, RetryPolicy(), hooks_); }
  void Partial(const std::string& bytes) { WriteAll(store_.PartialPath(file_.expected), bytes); }
  void ExpectWhole(const Result<Downloaded>& got) {
    ASSERT_TRUE(got) << got.error().message;
    EXPECT_EQ(ReadAll(got->path), body_);
    EXPECT_EQ(got->sha256, Sha256Hex(body_));
  }

  TempFolder folder_;
  Store store_;
  FakeHttp http_;
  const std::string body_ = SomeBytes(10'000);
  RemoteFile file_;
  std::string commit_;
  DownloadHooks hooks_;
  std::vector<std::string> notes_;
  std::vector<int64_t> pauses_;
  size_t stop_after_pauses_ = 1000;
};

TEST_F(Downloading, AFileComesWhole) {
  ExpectWhole(Run());
  EXPECT_EQ(http_.calls.size(), 1u);
  EXPECT_EQ(http_.calls[0].authorization, "Bearer t");
}

TEST_F(Downloading, AFileThatGitNamesIsCheckedGitsWay) {
  http_.pages[kUrl] = {"hello\n"};
  // git hash-object says so of "hello\n"
  file_.bytes = 6;
  file_.expected.kind = Expected::Kind::kGitBlob;
  file_.expected.hex = "ce013625030ba8dba906f756967f9e9ca394464a";
  const auto got = Run();
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->sha256, Sha256Hex("hello\n"));
}

TEST_F(Downloading, GoesOnWhereAnEarlierOneStopped) {
  Partial(body_.substr(0, 4'321));
  ExpectWhole(Run());
  EXPECT_EQ(http_.calls[0].offset, 4'321);
}

TEST_F(Downloading, WhatIsHereWholeAlreadyAsksNobody) {
  Partial(body_);
  ExpectWhole(Run());
  EXPECT_TRUE(http_.calls.empty());
}

TEST_F(Downloading, AServerWithoutRangesBeginsAgain) {
  Partial(body_.substr(0, 4'321));
  http_.faults[kUrl] = {{.ignore_range = true}};
  ExpectWhole(Run());
}

TEST_F(Downloading, DamageInWhatWasKeptIsFoundAndFetchedAnew) {
  std::string damaged = body_.substr(0, 4'321);
  damaged[100] = static_cast<char>(damaged[100] ^ 1);
  Partial(damaged);
  ExpectWhole(Run());
  ASSERT_EQ(http_.calls.size(), 2u);
  EXPECT_EQ(http_.calls[1].offset, 0);
}

TEST_F(Downloading, MoreThanThereCanBeIsDropped) {
  Partial(body_ + "more");
  ExpectWhole(Run());
}

TEST_F(Downloading, BreaksAndBusyServersAreTriedAgainWithLongerPauses) {
  http_.faults[kUrl] = {{.break_after = 3'000}, {.status = 503}, {.status = 429}, {.break_after = 2'000}};
  ExpectWhole(Run());
  EXPECT_EQ(pauses_, (std::vector<int64_t>{500, 1'000, 2'000, 4'000}));
  EXPECT_EQ(notes_.size(), 4u);
  EXPECT_EQ(http_.calls[3].offset, 3'000);
  EXPECT_EQ(http_.calls[4].offset, 5'000);
}

TEST_F(Downloading, GivesUpAfterSomeTriesAndKeepsWhatCame) {
  http_.faults[kUrl] = std::deque<FakeHttp::Fault>(20, {.break_after = 10});
  const auto got = Run();
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Code::kUnavailable);
  EXPECT_NE(got.error().message.find("6 tries"), std::string::npos);
  EXPECT_EQ(http_.calls.size(), 6u);
  EXPECT_EQ(ReadAll(store_.PartialPath(file_.expected)).size(), 60u);
}

TEST_F(Downloading, StopsWhenTold) {
  stop_after_pauses_ = 2;
  http_.faults[kUrl] = std::deque<FakeHttp::Fault>(20, {.status = 500});
  EXPECT_EQ(Run().error().code, Code::kCancelled);
  EXPECT_EQ(http_.calls.size(), 2u);
}

TEST_F(Downloading, WhatIsMissingOrForbiddenIsNotTriedAgain) {
  for (const auto& [status, code] :
       {std::pair{404, Code::kNotFound}, {401, Code::kPermissionDenied}, {403, Code::kPermissionDenied}}) {
    http_.calls.clear();
    http_.faults[kUrl] = {{.status = status}};
    EXPECT_EQ(Run().error().code, code);
    EXPECT_EQ(http_.calls.size(), 1u);
  }
}

TEST_F(Downloading, LyingServersAreRefused) {
  // endless: more than was announced
  http_.faults[kUrl] = {{.more = std::string(100'000, 'x')}};
  EXPECT_EQ(Run().error().code, Code::kDataLoss);
  EXPECT_LE(std::filesystem::file_size(store_.PartialPath(file_.expected)), body_.size());
  std::filesystem::remove(store_.PartialPath(file_.expected));
  // another length
  file_.bytes += 1;
  EXPECT_EQ(Run().error().code, Code::kDataLoss);
  file_.bytes -= 1;
  // another content
  http_.pages[kUrl].body[5'000] ^= 1;
  const auto other = Run();
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Code::kDataLoss);
  EXPECT_NE(other.error().message.find(Sha256Hex(body_)), std::string::npos);
  EXPECT_EQ(ReadAll(store_.PartialPath(file_.expected)), "") << "nothing wrong is kept";
}

TEST_F(Downloading, ThePartThatComesMustBeTheOneAskedFor) {
  Partial(body_.substr(0, 100));
  http_.faults[kUrl] = {{.content_range = "bytes 0-9999/10000"}};
  EXPECT_EQ(Run().error().code, Code::kDataLoss);
}

TEST_F(Downloading, TheHubsOwnWordsMustAgree) {
  commit_ = std::string(40, 'a');
  http_.pages[kUrl].headers["x-repo-commit"] = std::string(40, 'b');
  EXPECT_EQ(Run().error().code, Code::kDataLoss);
  http_.pages[kUrl].headers = {{"x-linked-etag", "\"" + std::string(64, 'c') + "\""}};
  EXPECT_EQ(Run().error().code, Code::kDataLoss);
  http_.pages[kUrl].headers = {{"x-linked-etag", "\"" + Sha256Hex(body_) + "\""}, {"x-repo-commit", commit_}};
  ExpectWhole(Run());
}

TEST_F(Downloading, ASizeThatNobodyAnnouncesIsNoHindrance) {
  file_.bytes = -1;
  ExpectWhole(Run());
}

TEST_F(Downloading, WaitsForAnotherProcessThatFetchesTheSame) {
  std::optional<FileLock> other = FileLock::Try(store_.PartialPath(file_.expected), FileLock::Mode::kExclusive).value();
  hooks_.pause = [&](std::chrono::milliseconds) {
    other.reset();
    return true;
  };
  ExpectWhole(Run());
  ASSERT_EQ(notes_.size(), 1u);
  EXPECT_NE(notes_[0].find("another process"), std::string::npos);
}

}  // namespace
}  // namespace troupe::hub
