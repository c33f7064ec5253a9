#include "runtime/text/stream_decoder.h"

#include <gtest/gtest.h>

#include <random>

#include "runtime/base/value.h"
#include "tests/unit/text/tiny_vocab.h"

namespace troupe::text {
namespace {

// nlohmann refuses to write broken UTF-8.
bool IsUtf8(const std::string& text) {
  try {
    (void)Value(text).dump();
    return true;
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

TEST(StreamDecoder, HoldsBackUntilTheCharacterIsWhole) {
  auto tokenizer = TinyTokenizer();
  StreamDecoder decoder(tokenizer);
  auto ids = tokenizer->Encode("a🙂b");
  ASSERT_TRUE(ids);
  ASSERT_EQ(ids->size(), 5u);  // a, first two bytes, third, fourth, b
  std::vector<std::string> pieces;
  for (TokenId id : *ids) pieces.push_back(decoder.Push(id));
  EXPECT_EQ(pieces, (std::vector<std::string>{"a", "", "", "🙂", "b"}));
  EXPECT_EQ(decoder.Flush(), "");
}

TEST(StreamDecoder, WholeTextWhateverTheTokens) {
  auto tokenizer = TinyTokenizer();
  const std::string text = "Größe 👩‍👩‍👧‍👦🇩🇪 है 日本語 \u0301 hello 12 \U0010FFFF";
  StreamDecoder decoder(tokenizer);
  std::string all;
  auto ids = *tokenizer->Encode(text);
  for (TokenId id : ids) {
    std::string piece = decoder.Push(id);
    EXPECT_TRUE(IsUtf8(piece));
    all += piece;
  }
  EXPECT_EQ(all + decoder.Flush(), text);
}

TEST(StreamDecoder, RandomBytesNeverGiveBrokenUtf8) {
  auto tokenizer = TinyTokenizer();
  for (uint32_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    StreamDecoder decoder(tokenizer);
    std::vector<TokenId> ids;
    std::string all;
    for (int i = 0; i < 100; ++i) {
      // Mostly bytes above 0x80, so that beginnings and continuations meet in every way.
      ids.push_back(static_cast<TokenId>(random() % 4 == 0 ? random() % 265 : 0x80 + random() % 0x80));
      std::string piece = decoder.Push(ids.back());
      ASSERT_TRUE(IsUtf8(piece));
      ASSERT_LE(decoder.pending(), 3u);
      all += piece;
    }
    all += decoder.Flush();
    // The same as decoding at once, replacement characters included.
    EXPECT_EQ(all, *tokenizer->Decode(ids));
  }
}

TEST(StreamDecoder, FlushReplacesWhatStayedUnfinished) {
  StreamDecoder decoder(TinyTokenizer());
  EXPECT_EQ(decoder.Push(0xE2), "");
  EXPECT_EQ(decoder.Push(kTinyEnd), "");
  EXPECT_EQ(decoder.Push(1'000'000), "");
  EXPECT_EQ(decoder.pending(), 1u);
  EXPECT_EQ(decoder.Flush(), "\uFFFD");
  EXPECT_EQ(decoder.Push('x'), "x");
}

}  // namespace
}  // namespace troupe::text
