// From a writer's recipe to what is trained: model, teacher and texts, read and checked before training begins.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agents/tools/writer_recipe.h"
#include "agents/tools/writer_texts.h"
#include "runtime/base/error.h"
#include "runtime/model/model_files.h"
#include "runtime/train/decoder_training.h"
#include "runtime/train/training_log.h"

namespace troupe::tools {

struct WriterJob {
  // What the folder's other files come from: the model, the teacher, or the student's own beginning.
  model::ModelFiles base;
  std::string base_sha256, teacher_sha256;  // of weights; empty without a teacher
  WriterTexts texts;
  // The teacher's layers that the student began with; empty where it did not.
  std::vector<int64_t> layers;
  std::optional<train::Grade> teacher_grade;  // on what is held out
  std::unique_ptr<train::DecoderTraining> training;
  // Of all that the result depends on: recipe, weights and data.
  std::string run;
};

// What the teacher says of given answers is kept in `folder`. Takes as long as the teacher has to be asked. Errors:
// those of reading models and texts; UNIMPLEMENTED for a model that does not write; FAILED_PRECONDITION for one on a
// grid of our own; INVALID_ARGUMENT for a student of another vocabulary or chat template, or layers that are not there.
Result<WriterJob> PrepareWriterJob(const WriterRecipe& recipe, const std::string& recipe_text,
                                   const std::filesystem::path& folder);

}  // namespace troupe::tools
