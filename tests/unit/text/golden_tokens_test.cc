// Token ids against Hugging Face's, line by line (golden/make_tokens.py says how they were made).
#include <gtest/gtest.h>

#include "runtime/text/stream_decoder.h"
#include "tests/unit/text/corpus.h"
#include "tests/unit/text/models.h"

namespace troupe::text {
namespace {

void ExpectEqualIds(const Tokenizer& tokenizer, const std::string& golden) {
  auto lines = Corpus();
  ASSERT_GE(lines.size(), 2000u);
  std::ifstream file(GoldenPath(golden));
  int wrong = 0;
  for (const std::string& line : lines) {
    size_t count = 0;
    uint32_t hash = 0;
    ASSERT_TRUE(file >> std::dec >> count >> std::hex >> hash) << golden << " is too short";
    auto ids = tokenizer.Encode(line);
    ASSERT_TRUE(ids) << ids.error().message;
    if (ids->size() == count && Fnv(*ids) == hash) continue;
    ++wrong;
    if (wrong <= 5) ADD_FAILURE() << Dump(line) << ": " << ids->size() << " ids, expected " << count;
  }
  EXPECT_EQ(wrong, 0) << "of " << lines.size();
}

TEST(GoldenTokens, MiniLm) {
  SKIP_WITHOUT(MiniLmTokenizer());
  auto tokenizer = Tokenizer::FromFile(MiniLmTokenizer());
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  ExpectEqualIds(**tokenizer, "minilm.tokens");
}

TEST(GoldenTokens, SmolLm2FromGguf) {
  SKIP_WITHOUT(SmolLm2Gguf());
  ExpectEqualIds(*OpenSmolLm2(), "smollm2.tokens");
}

// Byte-level tokens lose nothing: decoding, at once or as a stream, gives the line back.
TEST(GoldenTokens, SmolLm2GivesEveryLineBack) {
  SKIP_WITHOUT(SmolLm2Gguf());
  auto tokenizer = OpenSmolLm2();
  for (const std::string& line : Corpus()) {
    auto ids = *tokenizer->Encode(line, Specials::kPlain);
    ASSERT_EQ(*tokenizer->Decode(ids), line);
    StreamDecoder decoder(tokenizer);
    std::string streamed;
    for (TokenId id : ids) streamed += decoder.Push(id);
    ASSERT_EQ(streamed + decoder.Flush(), line);
  }
}

}  // namespace
}  // namespace troupe::text
