// From a recipe to what is trained: model, teacher and texts, read and checked before anything long begins.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agents/tools/distill_recipe.h"
#include "agents/tools/training_data.h"
#include "runtime/base/error.h"
#include "runtime/model/model_files.h"
#include "runtime/train/classifier_training.h"
#include "runtime/train/encoded_texts.h"
#include "runtime/train/training_log.h"

namespace troupe::tools {

struct DistillJob {
  // What the folder's other files come from: the model, the teacher, or the student's own beginning.
  model::ModelFiles base;
  std::string base_sha256, teacher_sha256;  // of weights; empty without a teacher
  std::vector<DataFile> data;
  train::EncodedTexts held_out;
  // The teacher's layers that the student began with; empty where it did not.
  std::vector<int64_t> layers;
  std::optional<train::Grade> teacher_grade;  // on what is held out
  std::unique_ptr<train::ClassifierTraining> training;
  // Of all that the result depends on: recipe, weights and data.
  std::string run;
};

// Errors: those of reading models and texts; INVALID_ARGUMENT for texts of one label, for a label that is only held out
// or that the teacher does not know, for a student of another vocabulary or that does not fit its teacher, each naming
// file and line or what differs.
Result<DistillJob> PrepareDistillJob(const DistillRecipe& recipe, const std::string& recipe_text);

}  // namespace troupe::tools
