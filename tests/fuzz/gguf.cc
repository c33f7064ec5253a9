// GGUF files: their metadata as a configuration and a vocabulary, their tensors as numbers.
#include "runtime/model/config.h"
#include "runtime/model/dequantize.h"
#include "runtime/text/tokenizer.h"
#include "tests/fuzz/target.h"
#include "tests/unit/model/gguf_builder.h"

namespace troupe::fuzz {
namespace {

using model::GgufBuilder;

GgufBuilder Llama() {
  return GgufBuilder()
      .Text("general.architecture", "llama")
      .Number("llama.block_count", GgufBuilder::kU32, uint32_t{1})
      .Number("llama.embedding_length", GgufBuilder::kU32, uint32_t{32})
      .Number("llama.attention.head_count", GgufBuilder::kU32, uint32_t{2})
      .Number("llama.feed_forward_length", GgufBuilder::kU32, uint32_t{32})
      .Number("llama.context_length", GgufBuilder::kU32, uint32_t{32})
      .Number("llama.attention.layer_norm_rms_epsilon", GgufBuilder::kF32, 1e-5f);
}

std::vector<std::string> Seeds() {
  return {
      Llama()
          .Text("tokenizer.ggml.model", "gpt2")
          .Texts("tokenizer.ggml.tokens", {"a", "b", "c", "ab"})
          .Texts("tokenizer.ggml.merges", {"a b"})
          .Number("tokenizer.ggml.bos_token_id", GgufBuilder::kU32, uint32_t{1})
          .Tensor("token_embd.weight", {32, 4}, 0, std::string(512, '\3'))
          .Tensor("blk.0.attn_q.weight", {32, 2}, 8, std::string(68, '\3'))
          .Tensor("blk.0.ffn_up.weight", {256}, 14, std::string(210, '\3'))
          .Build(),
      Llama()
          .Text("llama.rope.scaling.type", "longrope")
          .Number("llama.rope.scaling.factor", GgufBuilder::kF32, 4.0f)
          .Number("llama.attention.sliding_window", GgufBuilder::kU32, uint32_t{16})
          .Tensor("rope_factors_long.weight", {8}, 0, std::string(32, '\x40'))
          .Tensor("rope_factors_short.weight", {8}, 0, std::string(32, '\x40'))
          .Tensor("blk.0.attn_k.weight", {32, 2}, 2, std::string(36, '\3'))
          .Tensor("blk.0.attn_v.weight", {256}, 12, std::string(144, '\3'))
          .Build(),
      GgufBuilder()
          .Text("general.architecture", "gemma3")
          .Text("tokenizer.ggml.model", "llama")
          .Texts("tokenizer.ggml.tokens", {"<unk>", "<s>", "</s>",
                                           "\xe2\x96\x81"
                                           "a",
                                           "b"})
          .Number("general.alignment", GgufBuilder::kU32, uint32_t{64})
          .Number("flag", GgufBuilder::kBool, uint8_t{1})
          .Build(),
  };
}

std::vector<std::string> Words() {
  std::vector<std::string> words = {"GGUF",
                                    "general.architecture",
                                    "general.alignment",
                                    "tokenizer.ggml.model",
                                    "tokenizer.ggml.tokens",
                                    "tokenizer.ggml.merges",
                                    "tokenizer.ggml.scores",
                                    "tokenizer.ggml.token_type",
                                    "tokenizer.ggml.pre",
                                    "llama",
                                    "gpt2",
                                    "qwen2",
                                    "qwen3",
                                    "gemma3",
                                    "phi3",
                                    "llama.rope.scaling.type",
                                    "yarn",
                                    "linear"};
  for (uint32_t type = 0; type < 32; ++type) {
    std::string word;
    GgufBuilder::Append(word, type);
    words.push_back(std::move(word));
  }
  return words;
}

std::optional<std::string> Take(const std::string& input) {
  const auto gguf = model::OpenGguf(input);
  if (!gguf) {
    return gguf.error().message.empty() ? std::optional<std::string>("refused without a reason") : std::nullopt;
  }
  if (const auto config = model::ConfigFromGguf(*gguf); !config && config.error().message.empty()) {
    return "a configuration is refused without a reason";
  }
  if (const auto vocab = gguf->Vocab()) {
    if (const auto tokenizer = text::Tokenizer::FromGgufVocab(*vocab)) (void)(*tokenizer)->Encode("a b ab");
  }
  for (const auto& [name, view] : gguf->tensors()) (void)model::ToFloatTensor(view);
  return std::nullopt;
}

}  // namespace

const Target kGgufTarget = {
    .name = "gguf", .what = "GGUF files: metadata, vocabulary, tensors", .seeds = Seeds, .words = Words, .take = Take};

}  // namespace troupe::fuzz
