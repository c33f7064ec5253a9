// The prompts of a writer's recipe, with the answers that are to be learnt: read, answered by the teacher where the
// recipe says so, and set aside in part.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "agents/tools/data_file.h"
#include "agents/tools/writer_recipe.h"
#include "runtime/base/error.h"
#include "runtime/model/model_files.h"
#include "runtime/train/answer_texts.h"

namespace troupe::tools {

struct WriterTexts {
  train::AnswerTexts train, held_out;
  std::vector<DataFile> data;
  // Of all files and, in place of the file of a teacher's answers, of those answers that are used: others may come into
  // it while a run is broken off.
  std::string digest;
  // Texts that nobody learns from: their teacher came to no end within maxTokens.
  size_t left_out = 0;
};

// `files` is the teacher, or the model that is fine-tuned; `sha256` its digest. Texts that are given may be more than
// memory holds: they go through it one by one, and lie as tokens in `folder`. Where a teacher writes the answers,
// prompts and answers are in memory; it takes as long as the teacher writes what is not in the file of its answers yet,
// which is saved as it grows. Errors: those of reading and encoding; INVALID_ARGUMENT where nothing is held out or left
// to learn from; the teacher's; RESOURCE_EXHAUSTED for a full disk.
Result<WriterTexts> ReadWriterTexts(const WriterRecipe& recipe, const model::ModelFiles& files,
                                    const std::string& sha256, const std::filesystem::path& folder);

}  // namespace troupe::tools
