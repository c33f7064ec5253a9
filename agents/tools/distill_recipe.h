// What `troupe-agent distill` is to do, as its YAML file says it. Every mistake in the file is told at once, with its
// place.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "agents/tools/training_settings.h"
#include "runtime/base/error.h"

namespace troupe::tools {

struct DistillRecipe {
  std::string name;
  // Of both exactly one: the model that is fine-tuned, or the classifier that a student learns from.
  std::filesystem::path model, teacher;

  // The student: the teacher's layers that it begins with (or how many, spread evenly), and its feed-forward (0: as
  // wide as the teacher's). Or a model of its own to begin with.
  std::vector<int64_t> layers;
  int64_t layer_count = 0;
  int64_t ffn = 0;
  std::filesystem::path student_model;

  std::vector<std::filesystem::path> train, unlabelled;
  std::filesystem::path held_out;  // or a share of the training texts:
  double held_out_share = 0.05;

  // Distillation.
  double scores = 0.9;
  double temperature = 2;
  double states = 1;

  TrainingSettings training;
};

// Paths are relative to the file. Errors: NOT_FOUND; INVALID_ARGUMENT with every finding as file:line:column;
// UNIMPLEMENTED for tasks that are not trained here.
Result<DistillRecipe> ReadDistillRecipe(const std::filesystem::path& file);

}  // namespace troupe::tools
