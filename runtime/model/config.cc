#include "runtime/model/config.h"

#include <cmath>
#include <limits>

namespace troupe::model {
namespace {

constexpr int64_t kMaxSize = 1 << 24;

Status CheckSize(int64_t value, std::string_view field, std::string_view where) {
  if (value >= 1 && value <= kMaxSize) return {};
  return Invalid(std::string(where) + ": " + std::string(field) + " is " + std::to_string(value) +
                 ", not between 1 and 16777216");
}

// What holds for every model, whatever file it came from.
Status CheckConfig(const ModelConfig& config, std::string_view where) {
  TRY(CheckSize(config.hidden, "the hidden size", where));
  TRY(CheckSize(config.layers, "the number of layers", where));
  TRY(CheckSize(config.heads, "the number of attention heads", where));
  TRY(CheckSize(config.kv_heads, "the number of key-value heads", where));
  TRY(CheckSize(config.head_dim, "the head dimension", where));
  TRY(CheckSize(config.ffn, "the feed-forward size", where));
  TRY(CheckSize(config.vocab_size, "the vocabulary size", where));
  TRY(CheckSize(config.max_positions, "the number of positions", where));
  const std::string prefix = std::string(where) + ": ";
  if (config.layers > 1024) return Invalid(prefix + std::to_string(config.layers) + " layers are more than 1024");
  if (config.heads % config.kv_heads != 0) {
    return Invalid(prefix + std::to_string(config.heads) + " attention heads cannot share " +
                   std::to_string(config.kv_heads) + " key-value heads evenly");
  }
  if (config.family == Family::kBert && config.heads * config.head_dim != config.hidden) {
    return Invalid(prefix + "the hidden size is not a multiple of the number of heads");
  }
  if (config.head_dim % 2 != 0) return Invalid(prefix + "the head dimension is odd, rotary positions need pairs");
  if (!(config.norm_eps > 0 && config.norm_eps < 1)) return Invalid(prefix + "the norm's epsilon is not in (0, 1)");
  if (config.family == Family::kLlama && !(config.rope_theta >= 1 && std::isfinite(config.rope_theta))) {
    return Invalid(prefix + "the base of the rotary positions is below 1");
  }
  return {};
}

// Typed access to the fields of a config.json.
class Fields {
 public:
  Fields(const Value& json, std::string_view where) : json_(json), where_(where) {}

  // nullptr for a missing field and for null.
  const Value* Find(const char* name) const {
    const auto found = json_.find(name);
    return found == json_.end() || found->is_null() ? nullptr : &*found;
  }

  Result<int64_t> Int(const char* name) const {
    const Value* value = Find(name);
    if (value == nullptr) return Invalid(where_ + ": \"" + name + "\" is missing");
    if (!value->is_number_integer()) return Wrong(name, "an integer");
    if (value->is_number_unsigned() && value->get<uint64_t>() > uint64_t{1} << 62) return Wrong(name, "in range");
    return value->get<int64_t>();
  }
  Result<int64_t> IntOr(const char* name, int64_t otherwise) const {
    return Find(name) == nullptr ? Result<int64_t>(otherwise) : Int(name);
  }
  Result<double> NumberOr(const char* name, double otherwise) const {
    const Value* value = Find(name);
    if (value == nullptr) return otherwise;
    if (!value->is_number()) return Wrong(name, "a number");
    return value->get<double>();
  }
  Result<bool> BoolOr(const char* name, bool otherwise) const {
    const Value* value = Find(name);
    if (value == nullptr) return otherwise;
    if (!value->is_boolean()) return Wrong(name, "a bool");
    return value->get<bool>();
  }
  Result<std::string> StringOr(const char* name, std::string otherwise) const {
    const Value* value = Find(name);
    if (value == nullptr) return otherwise;
    if (!value->is_string()) return Wrong(name, "a string");
    return value->get<std::string>();
  }
  // A field that must have this value, or be missing.
  Status Only(const char* name, const Value& supported) const {
    const Value* value = Find(name);
    if (value == nullptr || *value == supported) return {};
    return Error{Code::kUnimplemented,
                 where_ + ": \"" + name + "\" is " + Dump(*value) + "; only " + Dump(supported) + " is supported"};
  }

  Error Wrong(const char* name, std::string_view wanted) const {
    return Invalid(where_ + ": \"" + name + "\" is not " + std::string(wanted));
  }
  const std::string& where() const { return where_; }

 private:
  const Value& json_;
  std::string where_;
};

Status ReadEosIds(const Fields& fields, ModelConfig& config) {
  const Value* eos = fields.Find("eos_token_id");
  if (eos == nullptr) return {};
  const Value list = eos->is_array() ? *eos : Value::array({*eos});
  for (const Value& id : list) {
    if (!id.is_number_integer() || id.get<int64_t>() < 0 || id.get<int64_t>() >= config.vocab_size) {
      return fields.Wrong("eos_token_id", "a token id or a list of token ids");
    }
    config.eos_ids.push_back(id.get<int32_t>());
  }
  return {};
}

// transformers 4 writes rope_theta and rope_scaling, transformers 5 rope_parameters with both.
Status ReadRope(const Fields& fields, ModelConfig& config) {
  TRY_ASSIGN(config.rope_theta, fields.NumberOr("rope_theta", 10'000));
  for (const char* name : {"rope_scaling", "rope_parameters"}) {
    const Value* value = fields.Find(name);
    if (value == nullptr) continue;
    if (!value->is_object()) return fields.Wrong(name, "an object");
    const Fields rope(*value, fields.where() + ": " + name);
    TRY_ASSIGN(config.rope_theta, rope.NumberOr("rope_theta", config.rope_theta));
    TRY_ASSIGN(const std::string type, rope.StringOr("rope_type", "default"));
    TRY_ASSIGN(const std::string old_type, rope.StringOr("type", type));
    if (type != "default" || old_type != "default") {
      return Error{Code::kUnimplemented, rope.where() + ": scaled rotary positions (\"" +
                                             (type != "default" ? type : old_type) + "\") are not supported"};
    }
  }
  return {};
}

Result<ModelConfig> LlamaFromJson(const Fields& fields, ModelConfig config) {
  config.family = Family::kLlama;
  TRY(fields.Only("hidden_act", "silu"));
  TRY(fields.Only("attention_bias", false));
  TRY(fields.Only("mlp_bias", false));
  TRY_ASSIGN(config.kv_heads, fields.IntOr("num_key_value_heads", config.heads));
  const int64_t head_dim = config.heads >= 1 ? config.hidden / config.heads : 0;
  TRY_ASSIGN(config.head_dim, fields.IntOr("head_dim", head_dim));
  TRY_ASSIGN(config.norm_eps, fields.NumberOr("rms_norm_eps", 1e-6));
  TRY_ASSIGN(config.tied_embeddings, fields.BoolOr("tie_word_embeddings", false));
  TRY(ReadRope(fields, config));
  TRY(ReadEosIds(fields, config));
  return config;
}

Status ReadLabels(const Fields& fields, ModelConfig& config) {
  if (config.architecture != "BertForSequenceClassification") return {};
  const Value* names = fields.Find("id2label");
  if (names == nullptr || !names->is_object() || names->empty()) {
    return fields.Wrong("id2label", "an object with the labels of the head");
  }
  for (size_t i = 0; i < names->size(); ++i) {
    const auto name = names->find(std::to_string(i));
    if (name == names->end() || !name->is_string()) return fields.Wrong("id2label", "numbered from 0 without gaps");
    config.labels.push_back(name->get<std::string>());
  }
  TRY(fields.Only("problem_type", "single_label_classification"));
  return {};
}

Result<ModelConfig> BertFromJson(const Fields& fields, ModelConfig config) {
  config.family = Family::kBert;
  TRY(fields.Only("hidden_act", "gelu"));
  TRY(fields.Only("position_embedding_type", "absolute"));
  TRY(fields.Only("is_decoder", false));
  config.kv_heads = config.heads;
  config.head_dim = config.heads >= 1 ? config.hidden / config.heads : 0;
  TRY_ASSIGN(config.norm_eps, fields.NumberOr("layer_norm_eps", 1e-12));
  TRY_ASSIGN(config.type_vocab_size, fields.IntOr("type_vocab_size", 2));
  TRY(CheckSize(config.type_vocab_size, "type_vocab_size", fields.where()));
  TRY(ReadLabels(fields, config));
  return config;
}

}  // namespace

Result<ModelConfig> ConfigFromJson(const Value& json, std::string_view where) {
  if (!json.is_object()) return Invalid(std::string(where) + ": not a JSON object");
  const Fields fields(json, where);
  ModelConfig config;
  TRY_ASSIGN(const std::string type, fields.StringOr("model_type", ""));
  config.architecture = type;
  if (const Value* list = fields.Find("architectures"); list != nullptr && list->is_array() && !list->empty()) {
    if (!list->front().is_string()) return fields.Wrong("architectures", "a list of strings");
    config.architecture = list->front().get<std::string>();
  }
  TRY_ASSIGN(config.name, fields.StringOr("_name_or_path", ""));
  if (type != "llama" && type != "bert") {
    return Error{Code::kUnimplemented,
                 std::string(where) + ": \"model_type\" is \"" + type + "\"; supported are \"llama\" and \"bert\""};
  }
  TRY_ASSIGN(config.hidden, fields.Int("hidden_size"));
  TRY_ASSIGN(config.layers, fields.Int("num_hidden_layers"));
  TRY_ASSIGN(config.heads, fields.Int("num_attention_heads"));
  TRY_ASSIGN(config.ffn, fields.Int("intermediate_size"));
  TRY_ASSIGN(config.vocab_size, fields.Int("vocab_size"));
  TRY_ASSIGN(config.max_positions, fields.Int("max_position_embeddings"));
  TRY(CheckSize(config.vocab_size, "the vocabulary size", where));
  TRY_ASSIGN(config, type == "llama" ? LlamaFromJson(fields, config) : BertFromJson(fields, config));
  TRY(CheckConfig(config, where));
  return config;
}

Result<ModelConfig> ConfigFromGguf(const Gguf& gguf) {
  const std::string where = gguf.path().string();
  ModelConfig config;
  TRY_ASSIGN(config.architecture, gguf.GetString("general.architecture"));
  if (config.architecture != "llama") {
    return Error{Code::kUnimplemented,
                 where + ": general.architecture is \"" + config.architecture + "\"; supported is \"llama\""};
  }
  TRY_ASSIGN(config.name, gguf.GetStringOr("general.name", ""));
  TRY_ASSIGN(config.hidden, gguf.GetInt("llama.embedding_length"));
  TRY_ASSIGN(config.layers, gguf.GetInt("llama.block_count"));
  TRY_ASSIGN(config.heads, gguf.GetInt("llama.attention.head_count"));
  TRY_ASSIGN(config.kv_heads, gguf.GetIntOr("llama.attention.head_count_kv", config.heads));
  TRY(CheckSize(config.heads, "the number of attention heads", where));
  TRY_ASSIGN(config.head_dim, gguf.GetIntOr("llama.attention.key_length", config.hidden / config.heads));
  TRY_ASSIGN(const int64_t rope_dims, gguf.GetIntOr("llama.rope.dimension_count", config.head_dim));
  TRY_ASSIGN(const int64_t value_dims, gguf.GetIntOr("llama.attention.value_length", config.head_dim));
  if (rope_dims != config.head_dim || value_dims != config.head_dim) {
    return Error{Code::kUnimplemented, where + ": keys, values and rotary positions of different widths"};
  }
  TRY_ASSIGN(config.ffn, gguf.GetInt("llama.feed_forward_length"));
  TRY_ASSIGN(config.max_positions, gguf.GetInt("llama.context_length"));
  TRY_ASSIGN(config.norm_eps, gguf.GetFloat("llama.attention.layer_norm_rms_epsilon"));
  TRY_ASSIGN(config.rope_theta, gguf.GetFloatOr("llama.rope.freq_base", 10'000));
  TRY_ASSIGN(const std::string scaling, gguf.GetStringOr("llama.rope.scaling.type", "none"));
  if (scaling != "none" || gguf.Find("rope_freqs.weight") != nullptr) {
    return Error{Code::kUnimplemented, where + ": scaled rotary positions are not supported"};
  }
  TRY_ASSIGN(const int64_t experts, gguf.GetIntOr("llama.expert_count", 0));
  if (experts != 0) return Error{Code::kUnimplemented, where + ": mixtures of experts are not supported"};
  const TensorView* embedding = gguf.Find("token_embd.weight");
  if (embedding == nullptr || embedding->shape.size() != 2) {
    return Invalid(where + ": tensor \"token_embd.weight\" is missing or no matrix");
  }
  config.vocab_size = embedding->shape[0];
  config.tied_embeddings = gguf.Find("output.weight") == nullptr;
  for (const char* key : {"tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id"}) {
    if (gguf.FindMetadata(key) == nullptr) continue;
    TRY_ASSIGN(const int64_t id, gguf.GetInt(key));
    if (id < 0 || id >= config.vocab_size) return Invalid(where + ": " + key + " is outside the vocabulary");
    config.eos_ids.push_back(static_cast<int32_t>(id));
  }
  TRY(CheckConfig(config, where));
  return config;
}

}  // namespace troupe::model
