// Safetensors files, and what lies beside them: an input that begins with a brace is read as config.json and as the
// index of shards.
#include "runtime/model/config.h"
#include "runtime/model/dequantize.h"
#include "runtime/model/shards.h"
#include "tests/fuzz/target.h"
#include "tests/unit/model/safetensors_builder.h"

namespace troupe::fuzz {
namespace {

using model::SafetensorsBytes;

std::vector<std::string> Seeds() {
  const std::string four(16, '\1');
  return {
      SafetensorsBytes(R"({"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}})", four),
      SafetensorsBytes(R"({"a":{"dtype":"BF16","shape":[4],"data_offsets":[0,8]},"b":{"dtype":"F16","shape":[2,2],)"
                       R"("data_offsets":[8,16]},"__metadata__":{"format":"pt"}})",
                       four),
      SafetensorsBytes(R"({"e":{"dtype":"I64","shape":[0,3],"data_offsets":[0,0]},"s":{"dtype":"F64","shape":[],)"
                       R"("data_offsets":[0,8]},"u":{"dtype":"U8","shape":[8],"data_offsets":[8,16]}})",
                       four),
      SafetensorsBytes("{}", ""),
      R"({"metadata":{"total_size":16},"weight_map":{"a":"m-00001-of-00002.safetensors","b":"m-00002-of-00002.safetensors"}})",
      R"({"architectures":["LlamaForCausalLM"],"model_type":"llama","hidden_size":64,"intermediate_size":128,)"
      R"("num_hidden_layers":2,"num_attention_heads":4,"num_key_value_heads":2,"vocab_size":256,"rms_norm_eps":1e-5,)"
      R"("rope_theta":10000,"max_position_embeddings":512,"tie_word_embeddings":true,"hidden_act":"silu",)"
      R"("rope_scaling":{"rope_type":"llama3","factor":8,"low_freq_factor":1,"high_freq_factor":4,)"
      R"("original_max_position_embeddings":256},"eos_token_id":[1,2]})",
      R"({"architectures":["Gemma3ForCausalLM"],"model_type":"gemma3_text","hidden_size":64,"intermediate_size":128,)"
      R"("num_hidden_layers":6,"num_attention_heads":4,"num_key_value_heads":1,"head_dim":16,"vocab_size":256,)"
      R"("rms_norm_eps":1e-6,"rope_theta":1000000,"rope_local_base_freq":10000,"sliding_window":512,)"
      R"("sliding_window_pattern":6,"query_pre_attn_scalar":16,"hidden_activation":"gelu_pytorch_tanh",)"
      R"("max_position_embeddings":512})",
      R"({"architectures":["BertModel"],"model_type":"bert","hidden_size":64,"num_hidden_layers":2,)"
      R"("num_attention_heads":4,"intermediate_size":128,"hidden_act":"gelu","max_position_embeddings":128,)"
      R"("type_vocab_size":2,"vocab_size":256,"layer_norm_eps":1e-12})",
  };
}

std::vector<std::string> Words() {
  return {"\"F32\"",
          "\"BF16\"",
          "\"F16\"",
          "\"I64\"",
          "\"U8\"",
          "\"BOOL\"",
          "\"F8_E4M3\"",
          "\"dtype\":",
          "\"shape\":",
          "\"data_offsets\":",
          "[0,16]",
          "[4611686018427387904,4]",
          "{",
          "}",
          "[",
          "]",
          ",",
          "null",
          "true",
          "-1",
          "1e300",
          "\"__metadata__\":",
          "\"weight_map\":",
          "\"../../x\"",
          "\"rope_scaling\":",
          "\"yarn\"",
          "\"longrope\"",
          "\"linear\"",
          "\"num_key_value_heads\":",
          "\"head_dim\":",
          "\"layer_types\":",
          "\"qwen3\"",
          "\"mistral\"",
          "\"phi3\"",
          "\"gemma3\"",
          std::string(8, '\0'),
          std::string(8, '\xff')};
}

std::optional<std::string> Take(const std::string& input) {
  if (input.starts_with("{")) {
    if (const auto json = ParseValue(input)) {
      const auto config = model::ConfigFromJson(*json, "config.json");
      if (!config && config.error().message.empty()) return "a configuration is refused without a reason";
    }
    const auto index = model::ShardIndex::Parse(input, "index.json");
    if (!index && index.error().message.empty()) return "an index is refused without a reason";
    return std::nullopt;
  }
  const auto file = model::OpenSafetensors(input);
  if (!file) {
    return file.error().message.empty() ? std::optional<std::string>("refused without a reason") : std::nullopt;
  }
  for (const auto& [name, view] : file->tensors()) {
    // Copied, so that a view that points outside is read outside.
    const auto tensor = model::ToFloatTensor(view);
    if (!tensor && tensor.error().message.empty()) return "a tensor is refused without a reason";
  }
  return std::nullopt;
}

}  // namespace

const Target kSafetensorsTarget = {.name = "safetensors",
                                   .what = "safetensors files, config.json, the index of shards",
                                   .seeds = Seeds,
                                   .words = Words,
                                   .take = Take};

}  // namespace troupe::fuzz
