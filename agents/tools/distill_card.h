// What a trained model is and how it came to be, for people (card.md), programs (card.json) and the eye (loss.svg).
#pragma once

#include <map>
#include <string>

#include "agents/tools/distill_job.h"
#include "runtime/base/value.h"
#include "runtime/train/calibration.h"
#include "runtime/train/training_log.h"

namespace troupe::tools {

struct CardFacts {
  const DistillRecipe& recipe;
  const std::string& recipe_text;
  const DistillJob& job;
  const train::TrainingLog& log;
  const train::Calibration& calibration;
  std::string digest;  // of the weights that were written
};

// Files by their names.
std::map<std::string, std::string> Cards(const CardFacts& facts);

// Numbers in an encoder's layers, without embeddings and head.
int64_t LayerParameters(const model::ModelConfig& config);

}  // namespace troupe::tools
