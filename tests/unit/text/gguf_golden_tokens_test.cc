// Tokenisers built from GGUF vocabularies against SentencePiece itself and against GPT-2-like cutting by another regex
// engine (golden/make_gguf_tokens.py).
#include <gtest/gtest.h>

#include "tests/unit/text/corpus.h"
#include "tests/unit/text/models.h"

namespace troupe::text {
namespace {

constexpr size_t kBlock = 10;

void ExpectEqualIds(const Tokenizer& tokenizer, const std::vector<std::string>& lines, Specials specials,
                    const std::string& golden) {
  std::ifstream file(GoldenPath(golden));
  int wrong = 0;
  for (size_t begin = 0; begin < lines.size(); begin += kBlock) {
    std::vector<TokenId> all;
    for (size_t i = begin; i < std::min(begin + kBlock, lines.size()); ++i) {
      auto ids = tokenizer.Encode(lines[i], specials);
      ASSERT_TRUE(ids) << ids.error().message;
      all.insert(all.end(), ids->begin(), ids->end());
    }
    size_t count = 0;
    uint32_t hash = 0;
    ASSERT_TRUE(file >> std::dec >> count >> std::hex >> hash) << golden << " is too short";
    if (all.size() == count && Fnv(all) == hash) continue;
    ++wrong;
    if (wrong <= 5)
      ADD_FAILURE() << golden << ": lines from " << begin << ": " << all.size() << " ids, expected " << count;
  }
  EXPECT_EQ(wrong, 0) << golden << ": blocks of " << kBlock << " lines that differ";
}

std::shared_ptr<const Tokenizer> FromVocab(const GgufVocab& vocab) {
  auto tokenizer = Tokenizer::FromGgufVocab(vocab);
  EXPECT_TRUE(tokenizer) << tokenizer.error().message;
  return tokenizer ? *tokenizer : nullptr;
}

// The vocabulary of a GGUF in the file system.
GgufVocab VocabOf(const std::filesystem::path& path) {
  auto file = model::MappedFile::Open(path);
  EXPECT_TRUE(file) << file.error().message;
  auto gguf = model::Gguf::Open(*file);
  EXPECT_TRUE(gguf) << gguf.error().message;
  return *gguf->Vocab();
}

TEST(GgufGoldenTokens, EveryPreTokeniserCutsAsItsModelsDo) {
  SKIP_WITHOUT(SmolLm2Gguf());
  GgufVocab vocab = VocabOf(SmolLm2Gguf());
  for (const std::string pre : {"qwen2", "llama-bpe", "gpt-2", "default"}) {
    SCOPED_TRACE(pre);
    vocab.pre = pre;
    const auto tokenizer = FromVocab(vocab);
    ASSERT_TRUE(tokenizer);
    ExpectEqualIds(*tokenizer, Corpus(), Specials::kInText, pre + ".tokens");
  }
}

// As convert_hf_to_gguf.py would write it: user-defined tokens have blanks for U+2581.
GgufVocab SentencePieceVocab() {
  std::ifstream file(GoldenPath("sentencepiece.json"));
  const Value pieces = Value::parse(file);
  GgufVocab vocab;
  vocab.model = "llama";
  for (const Value& piece : pieces) {
    std::string token = piece[0].get<std::string>();
    const int32_t type = piece[2].get<int32_t>();
    const std::string blank = "\u2581";
    for (size_t at = 0;
         type == static_cast<int32_t>(GgufTokenType::kUserDefined) && (at = token.find(blank)) != token.npos;) {
      token.replace(at, blank.size(), " ");
    }
    vocab.tokens.push_back(token);
    vocab.scores.push_back(piece[1].get<float>());
    vocab.token_types.push_back(type);
  }
  vocab.unk_id = 0;
  vocab.bos_id = 1;
  vocab.eos_id = 2;
  return vocab;
}

TEST(GgufGoldenTokens, ScoresMergeAsInSentencePiece) {
  GgufVocab vocab = SentencePieceVocab();
  vocab.add_space_prefix = false;
  const auto tokenizer = FromVocab(vocab);
  ASSERT_TRUE(tokenizer);
  ExpectEqualIds(*tokenizer, Corpus(), Specials::kPlain, "sentencepiece.tokens");
  for (const std::string& line : Corpus()) {
    EXPECT_EQ(*tokenizer->Decode(*tokenizer->Encode(line, Specials::kPlain)), line);
  }
}

TEST(GgufGoldenTokens, ABlankIsPutBeforeATextWhereTheFileAsksForIt) {
  GgufVocab vocab = SentencePieceVocab();
  vocab.add_space_prefix = true;
  const auto tokenizer = FromVocab(vocab);
  ASSERT_TRUE(tokenizer);
  std::vector<std::string> lines;
  for (const std::string& line : Corpus()) {
    const auto has = [&line](const char* part) { return (" " + line).find(part) != std::string::npos; };
    if (!has("  ") && !has("\n") && !has("<b>")) lines.push_back(line);
  }
  ExpectEqualIds(*tokenizer, lines, Specials::kPlain, "sentencepiece-prefix.tokens");
}

TEST(GgufGoldenTokens, Gemma3) {
  SKIP_WITHOUT(Gemma3Gguf());
  const auto tokenizer = FromVocab(VocabOf(Gemma3Gguf()));
  ASSERT_TRUE(tokenizer);
  ExpectEqualIds(*tokenizer, Corpus(), Specials::kPlain, "gemma3.tokens");
  EXPECT_EQ(tokenizer->Encode("a")->front(), *tokenizer->IdOf("<bos>"));
  EXPECT_EQ(*tokenizer->Encode("<start_of_turn>", Specials::kInText), std::vector<TokenId>{105});
}

}  // namespace
}  // namespace troupe::text
