// From a recipe to what a teacher is asked with: real texts, skills, teacher and embedder, read and checked before
// anything long begins.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agents/tools/data_file.h"
#include "agents/tools/synthesise_recipe.h"
#include "runtime/base/error.h"
#include "runtime/engine/embedder.h"
#include "runtime/engine/engine.h"
#include "runtime/text/grammar.h"
#include "runtime/train/labelled_texts.h"

namespace troupe::tools {

// A skill that texts are written for, and the real ones that a teacher may be shown.
struct SkillExamples {
  train::Skill skill;
  std::vector<std::string> texts;
};

struct SynthesiseJob {
  std::vector<train::LabelledText> real;  // each text once
  std::vector<DataFile> data;
  std::vector<SkillExamples> skills;
  std::unique_ptr<engine::Engine> teacher;
  std::string teacher_sha256;                 // of its weights
  std::shared_ptr<const text::Grammar> line;  // what the teacher's texts must look like
  std::unique_ptr<engine::Embedder> embedder;
  // Of all that the result depends on: recipe, weights and data.
  std::string run;
};

// Errors: those of reading texts and models; INVALID_ARGUMENT for texts of one label, for a skill without a text to be
// shown, for special tokens of the teacher that are spelled out in a text, each naming file and line.
Result<SynthesiseJob> PrepareSynthesiseJob(const SynthesiseRecipe& recipe, const std::string& recipe_text);

}  // namespace troupe::tools
