#include "runtime/model/encoder.h"

namespace troupe::model {

Status CheckTexts(Texts texts, const ModelConfig& config) {
  if (texts.empty()) return Invalid("a batch without texts");
  for (const std::vector<int32_t>& ids : texts) {
    if (ids.empty()) return Invalid("a text without tokens");
    if (static_cast<int64_t>(ids.size()) > config.max_positions) {
      return Error{Code::kOutOfRange, "a text of " + std::to_string(ids.size()) +
                                          " tokens is longer than the model's " + std::to_string(config.max_positions)};
    }
    for (const int32_t id : ids) {
      if (id < 0 || id >= config.vocab_size) {
        return Invalid("token " + std::to_string(id) + " is outside the vocabulary of " +
                       std::to_string(config.vocab_size));
      }
    }
  }
  return {};
}

Status CheckHead(const ModelConfig& config) {
  if (!config.labels.empty()) return {};
  return FailedPrecondition("model \"" + config.name + "\" has no classification head");
}

}  // namespace troupe::model
