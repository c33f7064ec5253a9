// The teacher of a recipe that lets it write the answers which its student learns (data: answers).
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "agents/tools/writer_recipe.h"
#include "runtime/base/error.h"
#include "runtime/engine/engine.h"
#include "runtime/model/model_files.h"
#include "runtime/train/chat_encoder.h"
#include "runtime/train/kept_answers.h"
#include "runtime/train/write_answers.h"

namespace troupe::tools {

class WriterTeacher {
 public:
  // All of them outlive it. `examples` are what it alone is shown.
  WriterTeacher(const WriterRecipe& recipe, const model::ModelFiles& files, const train::ChatEncoder& encoder,
                const std::vector<train::PromptText>& examples);

  // What its answers depend on beside the prompt, where its weights have that digest.
  std::string Telling(const std::string& sha256) const;

  // Answers what `kept` has no answer to, and keeps that, some at a time. Those without an end within the limit come
  // back without an answer. Errors: those of encoding, of the engine and of writing the file.
  Status Answer(std::vector<train::PromptText>& texts, train::KeptAnswers& kept);

 private:
  Status Write(std::span<train::PromptText* const> part, train::KeptAnswers& kept, const train::WritingWatch& watch);

  const WriterRecipe& recipe_;
  const model::ModelFiles& files_;
  const train::ChatEncoder& encoder_;
  const std::vector<train::PromptText>& examples_;
  std::unique_ptr<engine::Engine> engine_;
};

}  // namespace troupe::tools
