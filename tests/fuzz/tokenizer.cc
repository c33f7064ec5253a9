// tokenizer.json: where one is taken, texts are encoded and decoded with it.
#include "runtime/text/tokenizer.h"

#include "tests/fuzz/files.h"
#include "tests/fuzz/target.h"

namespace troupe::fuzz {
namespace {

std::vector<std::string> Seeds() {
  return {
      ReadFile(SourcePath("tests/unit/text/golden/sentencepiece.json")),
      R"({"version":"1.0","truncation":null,"padding":null,"added_tokens":[{"id":4,"content":"<s>","single_word":false,)"
      R"("lstrip":false,"rstrip":false,"normalized":false,"special":true}],"normalizer":{"type":"NFC"},"pre_tokenizer":)"
      R"({"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true},"post_processor":null,)"
      R"("decoder":{"type":"ByteLevel"},"model":{"type":"BPE","dropout":null,"unk_token":null,)"
      R"("continuing_subword_prefix":null,"end_of_word_suffix":null,"fuse_unk":false,"byte_fallback":false,)"
      R"("vocab":{"a":0,"b":1,"ab":2,"Ġ":3},"merges":["a b"]}})",
      R"({"added_tokens":[{"id":0,"content":"[PAD]","special":true},{"id":1,"content":"[UNK]","special":true}],)"
      R"("normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,)"
      R"("lowercase":true},"pre_tokenizer":{"type":"BertPreTokenizer"},"post_processor":{"type":"TemplateProcessing",)"
      R"("single":[{"Sequence":{"id":"A","type_id":0}}],"pair":[{"Sequence":{"id":"A","type_id":0}},)"
      R"({"Sequence":{"id":"B","type_id":1}}],"special_tokens":{}},"decoder":{"type":"WordPiece","prefix":"##",)"
      R"("cleanup":true},"model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##",)"
      R"("max_input_chars_per_word":100,"vocab":{"[PAD]":0,"[UNK]":1,"a":2,"##b":3}}})",
      R"({"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"\\d"},)"
      R"("behavior":"Isolated","invert":false},{"type":"Whitespace"}]},"model":{"type":"WordLevel",)"
      R"("vocab":{"a":0,"b":1,"<u>":2},"unk_token":"<u>"}})",
      R"({"normalizer":{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":)"
      R"({"String":" "},"content":"▁"}]},"decoder":{"type":"Sequence","decoders":[{"type":"ByteFallback"},)"
      R"({"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]},"model":{"type":"Unigram","unk_id":0,)"
      R"("byte_fallback":false,"vocab":[["<unk>",0.0],["▁a",-1.0],["b",-2.0]]}})",
  };
}

std::vector<std::string> Words() {
  return {"\"type\":",
          "\"BPE\"",
          "\"Unigram\"",
          "\"WordPiece\"",
          "\"WordLevel\"",
          "\"Sequence\"",
          "\"Regex\":",
          "\"String\":",
          "\"ByteLevel\"",
          "\"Metaspace\"",
          "\"Split\"",
          "\"Digits\"",
          "\"Punctuation\"",
          "\"Precompiled\"",
          "\"vocab\":",
          "\"merges\":",
          "\"added_tokens\":",
          "\"id\":",
          "\"content\":",
          "\"special\":true",
          "\"unk_id\":",
          "null",
          "true",
          "[]",
          "{}",
          "-1",
          "4294967295",
          "99999999999",
          "(a+)+$",
          "\\\\p{L}",
          "(?!",
          "",
          "\"truncation\":{\"max_length\":0,\"stride\":9,\"strategy\":\"LongestFirst\"}"};
}

std::optional<std::string> Take(const std::string& input) {
  const auto tokenizer = text::Tokenizer::FromJson(input);
  if (!tokenizer) {
    return tokenizer.error().message.empty() ? std::optional<std::string>("refused without a reason") : std::nullopt;
  }
  for (const char* text :
       {"", "a b", "ab <s> é 12 \xf0\x9f\x98\x80", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}) {
    for (const auto specials : {text::Specials::kAdd, text::Specials::kInText, text::Specials::kPlain}) {
      const auto tokens = (*tokenizer)->EncodeWithOffsets(text, specials);
      if (!tokens) continue;
      std::vector<text::TokenId> ids;
      for (const text::TokenSpan& token : *tokens) {
        if (token.begin > token.end || token.end > std::string_view(text).size())
          return "a token stands outside of its text";
        ids.push_back(token.id);
        (void)(*tokenizer)->TokenBytes(token.id);
      }
      (void)(*tokenizer)->Decode(ids);
    }
  }
  (void)(*tokenizer)->EncodePair("a", "b");
  (void)(*tokenizer)->Decode(std::vector<text::TokenId>{-1, 0, 1'000'000});
  return std::nullopt;
}

}  // namespace

const Target kTokenizerTarget = {
    .name = "tokenizer", .what = "tokenizer.json: load, encode, decode", .seeds = Seeds, .words = Words, .take = Take};

}  // namespace troupe::fuzz
