// The prompts of a writer's recipe, with the answers that are to be learnt: read, answered by the teacher where the
// recipe says so, and set aside in part.
#pragma once

#include <string>
#include <vector>

#include "agents/tools/data_file.h"
#include "agents/tools/writer_recipe.h"
#include "runtime/base/error.h"
#include "runtime/model/model_files.h"
#include "runtime/train/answer_batch.h"

namespace troupe::tools {

struct WriterTexts {
  std::vector<train::PromptAnswer> train, held_out;
  std::vector<DataFile> data;
  // Texts that nobody learns from: their teacher came to no end within maxTokens.
  size_t left_out = 0;
};

// `files` is the teacher, or the model that is fine-tuned; `sha256` its digest. Takes as long as the teacher writes
// what is not in the file of its answers yet; that is saved as it grows. Errors: those of reading and encoding;
// INVALID_ARGUMENT where nothing is held out or left to learn from; the teacher's.
Result<WriterTexts> ReadWriterTexts(const WriterRecipe& recipe, const model::ModelFiles& files,
                                    const std::string& sha256);

}  // namespace troupe::tools
