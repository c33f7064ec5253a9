#include "agents/retrieve/index.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <fstream>

namespace troupe::retrieve {
namespace {

namespace fs = std::filesystem;

// Counts letters: near enough to meaning for a search over a few words.
std::vector<float> Letters(const std::string& text) {
  std::vector<float> vector(26, 0.0f);
  for (const char c : text) {
    if (c >= 'a' && c <= 'z') vector[c - 'a'] += 1;
  }
  float squares = 1e-9f;
  for (const float x : vector) squares += x * x;
  for (float& x : vector) x /= std::sqrt(squares);
  return vector;
}

class IndexTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::path(testing::TempDir()) / ("index_" + std::to_string(::getpid()) + "_" +
                                            testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(root_);
    fs::create_directories(root_ / "documents" / "deep");
  }
  void TearDown() override { fs::remove_all(root_); }

  void Write(const std::string& name, const std::string& text) {
    std::ofstream(root_ / "documents" / name, std::ios::binary) << text;
  }
  Index Open() { return Index(root_ / "documents", root_ / "cache", "digest", {}); }
  EmbedTexts Embed() {
    return [this](std::vector<std::string> texts) -> Result<std::vector<std::vector<float>>> {
      embedded_ += texts.size();
      std::vector<std::vector<float>> vectors;
      for (const auto& text : texts) vectors.push_back(Letters(text));
      return vectors;
    };
  }

  fs::path root_;
  size_t embedded_ = 0;
};

TEST_F(IndexTest, TheNearestPassageComesFirstWithItsSource) {
  Write("a.md", "# Zebras\nzzzz zebra");
  Write("deep/b.txt", "kitten kit");
  Write("ignored.pdf", "kitten");
  Index index = Open();
  ASSERT_TRUE(index.Refresh(Embed()));
  EXPECT_EQ(index.files(), 2u);
  const auto hits = index.Search(Letters("kit"), 5, -1);
  ASSERT_EQ(hits.size(), 2u);
  EXPECT_EQ(hits[0].source, "deep/b.txt");
  EXPECT_EQ(hits[0].passage->line, 1);
  EXPECT_GT(hits[0].score, hits[1].score);
  EXPECT_EQ(index.Search(Letters("kit"), 1, -1).size(), 1u);
  EXPECT_EQ(index.Search(Letters("kit"), 5, 0.99f).size(), 0u);
}

TEST_F(IndexTest, OnlyNewContentIsEmbeddedAlsoAfterARestart) {
  Write("a.txt", "apple");
  Write("b.txt", "banana");
  {
    Index index = Open();
    ASSERT_TRUE(index.Refresh(Embed()));
    EXPECT_EQ(embedded_, 2u);
  }
  Index index = Open();
  EXPECT_EQ(index.passages(), 2u);
  ASSERT_TRUE(index.Refresh(Embed()));
  EXPECT_EQ(embedded_, 2u);
  Write("b.txt", "blueberry pie");
  fs::remove(root_ / "documents" / "a.txt");
  ASSERT_TRUE(index.Refresh(Embed()));
  EXPECT_EQ(embedded_, 3u);
  EXPECT_EQ(index.passages(), 1u);
  EXPECT_EQ(index.Search(Letters("pie"), 1, -1)[0].passage->text, "blueberry pie");
}

TEST_F(IndexTest, ADamagedFileIsBuiltAgain) {
  Write("a.txt", "apple");
  {
    Index index = Open();
    ASSERT_TRUE(index.Refresh(Embed()));
  }
  for (const auto& entry : fs::directory_iterator(root_ / "cache")) {
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(40);
    file.put('~');
  }
  Index index = Open();
  EXPECT_EQ(index.passages(), 0u);
  ASSERT_TRUE(index.Refresh(Embed()));
  EXPECT_EQ(index.passages(), 1u);
}

TEST_F(IndexTest, WhatCannotBeReadIsNamedAndLeftOut) {
  Write("good.txt", "apple");
  Write("bad.txt", "\xff\xfe");
  Index index = Open();
  ASSERT_TRUE(index.Refresh(Embed()));
  ASSERT_EQ(index.warnings().size(), 1u);
  EXPECT_NE(index.warnings()[0].find("bad.txt"), std::string::npos);
  EXPECT_EQ(index.passages(), 1u);
}

TEST_F(IndexTest, AMissingFolderIsAnErrorAndAFailingEmbedderLosesNothing) {
  EXPECT_EQ(Index("/nonexistent/x", {}, "d", {}).Refresh(Embed()).error().code, Code::kNotFound);
  Write("a.txt", "apple");
  Index index = Open();
  ASSERT_TRUE(index.Refresh(Embed()));
  Write("a.txt", "another apple");
  const auto failed = index.Refresh([](auto) -> Result<std::vector<std::vector<float>>> { return Exhausted("full"); });
  EXPECT_EQ(failed.error().code, Code::kResourceExhausted);
  EXPECT_EQ(index.Search(Letters("apple"), 1, -1)[0].passage->text, "apple");
}

}  // namespace
}  // namespace troupe::retrieve
