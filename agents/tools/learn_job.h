// From a recipe to what is learnt: the student as it serves now, the student as it begins to learn, lessons and old
// examples, read and checked before anything long begins.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agents/tools/learn_recipe.h"
#include "agents/tools/training_data.h"
#include "runtime/base/error.h"
#include "runtime/model/model_files.h"
#include "runtime/train/classifier_training.h"
#include "runtime/train/encoded_texts.h"
#include "runtime/train/whole_encoder.h"

namespace troupe::tools {

struct LearnJob {
  model::ModelFiles base;
  std::string base_sha256;  // of its weights
  std::vector<DataFile> data;
  // As it serves now; it knows the first labels of the one that learns.
  std::optional<train::WholeEncoder> old;
  std::vector<std::string> new_labels;
  size_t lessons = 0, replayed = 0;  // texts that are trained on
  size_t left_out = 0;               // lessons of which the teacher was too unsure
  train::EncodedTexts held_back;     // lessons, then old examples
  size_t held_back_lessons = 0;
  std::unique_ptr<train::ClassifierTraining> training;
  // Of all that the result depends on: recipe, weights and data.
  std::string run;
};

// Errors: those of reading model and texts; FAILED_PRECONDITION for a model without a head, INVALID_ARGUMENT where
// nothing is held back or a label is only held back, each naming the file.
Result<LearnJob> PrepareLearnJob(const LearnRecipe& recipe, const std::string& recipe_text);

}  // namespace troupe::tools
