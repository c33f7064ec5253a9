#include <gtest/gtest.h>

#include "runtime/text/tokenizer.h"
#include "tests/unit/text/tiny_vocab.h"

namespace troupe::text {
namespace {

using Ids = std::vector<TokenId>;

TEST(GgufTokenizer, MergesBestFirstAndCutsDigits) {
  auto tokenizer = TinyTokenizer();
  // when
  auto ids = tokenizer->Encode("hello12");
  // then: "hello" is one token; "12" stays two because digits stand alone before merging
  ASSERT_TRUE(ids);
  EXPECT_EQ(*ids, (Ids{*tokenizer->IdOf("hello"), '1', '2'}));
  EXPECT_EQ(tokenizer->TokenBytes((*ids)[0]), "hello");
  EXPECT_EQ(tokenizer->vocab_size(), 265);
  EXPECT_TRUE(tokenizer->is_byte_level());
}

TEST(GgufTokenizer, OtherPreTokenizerKeepsDigitsTogether) {
  GgufVocab vocab = TinyVocab();
  vocab.pre = "gpt-2";
  auto tokenizer = Tokenizer::FromGgufVocab(vocab);
  ASSERT_TRUE(tokenizer);
  EXPECT_EQ(*(*tokenizer)->Encode("12"), Ids{*(*tokenizer)->IdOf("12")});
}

TEST(GgufTokenizer, SpecialTokensOnlyWhereAsked) {
  auto tokenizer = TinyTokenizer();
  EXPECT_EQ(*tokenizer->Encode("<|im_end|>", Specials::kInText), Ids{kTinyEnd});
  auto plain = tokenizer->Encode("<|im_end|>", Specials::kPlain);
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->size(), 10u);
  EXPECT_EQ(*tokenizer->Decode(*plain), "<|im_end|>");
  EXPECT_TRUE(tokenizer->IsSpecial(kTinyEnd));
  EXPECT_FALSE(tokenizer->IsSpecial('a'));
  EXPECT_TRUE(tokenizer->TokenBytes(kTinyEnd).empty());
  EXPECT_EQ(tokenizer->TokenName(kTinyEnd), "<|im_end|>");
}

TEST(GgufTokenizer, BosAndEosWhereTheFileAsks) {
  GgufVocab vocab = TinyVocab();
  vocab.add_bos = true;
  vocab.add_eos = true;
  auto tokenizer = Tokenizer::FromGgufVocab(vocab);
  ASSERT_TRUE(tokenizer);
  EXPECT_EQ(*(*tokenizer)->Encode("a"), (Ids{kTinyStart, 'a', kTinyEnd}));
  EXPECT_EQ(*(*tokenizer)->Encode("a", Specials::kInText), Ids{'a'});
  EXPECT_EQ((*tokenizer)->bos_id(), kTinyStart);
}

TEST(GgufTokenizer, OffsetsAreBytesOfTheText) {
  auto tokenizer = TinyTokenizer();
  auto tokens = tokenizer->EncodeWithOffsets("é hello");
  ASSERT_TRUE(tokens);
  // "é" is two byte tokens that both stand for the whole character; the blank is a token of its own here
  EXPECT_EQ(tokens->front().begin, 0u);
  EXPECT_EQ(tokens->front().end, 2u);
  EXPECT_EQ(tokens->back().begin, 3u);
  EXPECT_EQ(tokens->back().end, 8u);
}

TEST(GgufTokenizer, RefusesWhatDoesNotFit) {
  auto code_and_text = [](const GgufVocab& vocab, Code code, const char* part) {
    auto tokenizer = Tokenizer::FromGgufVocab(vocab);
    ASSERT_FALSE(tokenizer) << part;
    EXPECT_EQ(tokenizer.error().code, code) << tokenizer.error().message;
    EXPECT_NE(tokenizer.error().message.find(part), std::string::npos) << tokenizer.error().message;
  };
  GgufVocab vocab = TinyVocab();
  vocab.pre = "martian";
  code_and_text(vocab, Code::kUnimplemented, "martian");
  vocab = TinyVocab();
  vocab.model = "rwkv";
  code_and_text(vocab, Code::kUnimplemented, "rwkv");
  vocab = TinyVocab();
  vocab.token_types.pop_back();
  code_and_text(vocab, Code::kInvalidArgument, "token types");
  vocab = TinyVocab();
  vocab.eos_id = 100'000;
  code_and_text(vocab, Code::kInvalidArgument, "100000");
  vocab = TinyVocab();
  vocab.merges.push_back("onlyone");
  code_and_text(vocab, Code::kInvalidArgument, "onlyone");
  vocab = TinyVocab();
  vocab.merges.push_back("zz qq");
  code_and_text(vocab, Code::kInvalidArgument, "zz");
  vocab = TinyVocab();
  vocab.tokens[3] = "\xFF\xFE";
  code_and_text(vocab, Code::kInvalidArgument, "UTF-8");
  code_and_text(GgufVocab{.model = "gpt2"}, Code::kInvalidArgument, "0 tokens");
}

// SentencePiece: pieces with scores, bytes for everything else.
GgufVocab SentencePiece() {
  GgufVocab vocab;
  vocab.model = "llama";
  auto add = [&](const std::string& token, float score, GgufTokenType type) {
    vocab.tokens.push_back(token);
    vocab.scores.push_back(score);
    vocab.token_types.push_back(static_cast<int32_t>(type));
  };
  add("<unk>", 0, GgufTokenType::kUnknown);
  add("<s>", 0, GgufTokenType::kControl);
  add("</s>", 0, GgufTokenType::kControl);
  for (int byte = 0; byte < 256; ++byte) {
    char name[8];
    std::snprintf(name, sizeof name, "<0x%02X>", byte);
    add(name, 0, GgufTokenType::kByte);
  }
  float score = -1;
  for (const char* piece : {"\u2581t", "he", "\u2581the", "in", "\u2581", "t", "h", "e", "i", "n"}) {
    add(piece, score, GgufTokenType::kNormal);
    score -= 1;
  }
  vocab.unk_id = 0;
  vocab.bos_id = 1;
  vocab.eos_id = 2;
  return vocab;
}

TEST(GgufTokenizer, SentencePieceMergesByScoreAndFallsBackToBytes) {
  auto made = Tokenizer::FromGgufVocab(SentencePiece());
  ASSERT_TRUE(made) << made.error().message;
  auto& tokenizer = **made;
  // when
  auto ids = tokenizer.Encode("the in é");
  ASSERT_TRUE(ids);
  // then
  Ids expected{1,
               *tokenizer.IdOf("\u2581the"),
               *tokenizer.IdOf("\u2581"),
               *tokenizer.IdOf("in"),
               *tokenizer.IdOf("\u2581"),
               *tokenizer.IdOf("<0xC3>"),
               *tokenizer.IdOf("<0xA9>")};
  EXPECT_EQ(*ids, expected);
  EXPECT_EQ(*tokenizer.Decode(*ids), "the in é");
  EXPECT_EQ(tokenizer.TokenBytes(expected[5]), "\xC3");
  EXPECT_TRUE(tokenizer.is_byte_level());
}

TEST(GgufTokenizer, SentencePieceWithoutWhatItNeedsIsRefused) {
  const auto refused = [](const GgufVocab& vocab, Code code, const char* part) {
    auto made = Tokenizer::FromGgufVocab(vocab);
    ASSERT_FALSE(made) << part;
    EXPECT_EQ(made.error().code, code) << made.error().message;
    EXPECT_NE(made.error().message.find(part), std::string::npos) << made.error().message;
  };
  GgufVocab vocab = SentencePiece();
  vocab.scores.clear();
  refused(vocab, Code::kInvalidArgument, "no scores");
  vocab = SentencePiece();
  vocab.tokens[3] = "<0xZZ>";
  refused(vocab, Code::kUnimplemented, "<0x00>");
  vocab = SentencePiece();
  vocab.tokens.back() = std::string(1'000'000, 'a');
  refused(vocab, Code::kInvalidArgument, "1000000 bytes");
}

TEST(Tokenizer, BadInputIsAnError) {
  EXPECT_EQ(Tokenizer::FromJson("{").error().code, Code::kInvalidArgument);
  EXPECT_EQ(Tokenizer::FromJson("").error().code, Code::kInvalidArgument);
  EXPECT_EQ(Tokenizer::FromJson(R"({"model": {"type": "BPE", "vocab": {}, "merges": [["a", "b"]]}})").error().code,
            Code::kInvalidArgument);
  EXPECT_EQ(Tokenizer::FromFile("/nowhere/tokenizer.json").error().code, Code::kNotFound);
  auto tokenizer = TinyTokenizer();
  auto broken = tokenizer->Encode("ab\xFF");
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().message.find("offset 2"), std::string::npos) << broken.error().message;
  EXPECT_FALSE(tokenizer->Encode(std::string(Tokenizer::kMaxTextBytes + 1, 'a')));
  EXPECT_FALSE(tokenizer->Decode(Ids{1'000'000}));
  EXPECT_FALSE(tokenizer->Decode(Ids{-1}));
  EXPECT_TRUE(tokenizer->TokenBytes(-1).empty());
  EXPECT_TRUE(tokenizer->TokenBytes(1'000'000).empty());
  EXPECT_TRUE(tokenizer->Encode("")->empty());
}

}  // namespace
}  // namespace troupe::text
