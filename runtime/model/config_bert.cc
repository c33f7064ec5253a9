// BERT's part of ConfigFromJson.
#include "runtime/model/config_fields.h"

namespace troupe::model {
namespace {

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

}  // namespace

Status ReadBert(const Fields& fields, ModelConfig& config) {
  config.family = Family::kBert;
  TRY(fields.Only("hidden_act", "gelu"));
  TRY(fields.Only("position_embedding_type", "absolute"));
  TRY(fields.Only("is_decoder", false));
  config.kv_heads = config.heads;
  config.head_dim = config.heads >= 1 ? config.hidden / config.heads : 0;
  TRY_ASSIGN(config.norm_eps, fields.NumberOr("layer_norm_eps", 1e-12));
  TRY_ASSIGN(config.type_vocab_size, fields.IntOr("type_vocab_size", 2));
  TRY(CheckSize(config.type_vocab_size, "type_vocab_size", fields.where()));
  TRY_ASSIGN(config.score_temperature, fields.NumberOr("score_temperature", 1));
  if (!(config.score_temperature >= 0.01 && config.score_temperature <= 100)) {
    return fields.Wrong("score_temperature", "between 0.01 and 100");
  }
  return ReadLabels(fields, config);
}

}  // namespace troupe::model
