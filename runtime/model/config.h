// What a model is: sizes and constants, read from Hugging Face's config.json or from a GGUF's metadata. Whatever
// changes the numbers and is not known here is refused, never ignored.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/base/value.h"
#include "runtime/model/decoder_config.h"
#include "runtime/model/gguf.h"

namespace troupe::model {

enum class Family : uint8_t { kDecoder, kBert };

struct ModelConfig {
  Family family = Family::kDecoder;
  std::string architecture;  // "llama", "LlamaForCausalLM", "BertModel", "BertForSequenceClassification"
  std::string name;
  int64_t hidden = 0;
  int64_t layers = 0;
  int64_t heads = 0;
  int64_t kv_heads = 0;
  int64_t head_dim = 0;
  int64_t ffn = 0;
  int64_t vocab_size = 0;
  int64_t max_positions = 0;
  double norm_eps = 1e-5;
  // How the file's weights were quantised, for people: "int4 in groups of 64 by gptq"; empty where config.json does not
  // say it. Which tensors are, and how, the weights tell themselves.
  std::string quantization;
  // Decoders
  DecoderConfig decoder;
  std::vector<int32_t> eos_ids;
  // BERT
  int64_t type_vocab_size = 2;
  std::vector<std::string> labels;  // of the classification head; empty without one
  // What the head's scores are divided by before they become probabilities (runtime/train/calibration.h). Ours:
  // config.json's "score_temperature".
  double score_temperature = 1;

  bool operator==(const ModelConfig&) const = default;
};

// What a decoder's attention multiplies its scores by.
double AttentionScale(const ModelConfig& config);

// `where` names the file in messages. Errors: INVALID_ARGUMENT naming the field, UNIMPLEMENTED for another
// architecture, for an option or a value of one that is not known here.
Result<ModelConfig> ConfigFromJson(const Value& json, std::string_view where);
Result<ModelConfig> ConfigFromGguf(const Gguf& gguf);

}  // namespace troupe::model
