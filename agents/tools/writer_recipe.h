// What `troupe-agent distill` is to make of a model that writes (task: generate), as its YAML file says it. Every
// mistake in the file is told at once, with its place.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "agents/tools/training_settings.h"
#include "runtime/base/error.h"

namespace troupe::tools {

// What a student learns from beside the text of answers (runtime/train/token_loss.h).
enum class TeacherLoss : uint8_t { kNone, kForward, kReverse, kJensenShannon };

// How a number of the teacher's layers is chosen: evenly over it, or by what their absence costs on some of the texts
// (runtime/train/pick_layers.h).
enum class LayerPick : uint8_t { kSpread, kLeastMissed };

struct WriterRecipe {
  std::string name;
  // Of both exactly one: the model that is fine-tuned, or the one that a student learns from.
  std::filesystem::path model, teacher;

  // The student: the teacher's layers that it begins with (or how many), or a model of its own.
  std::vector<int64_t> layers;
  int64_t layer_count = 0;
  LayerPick pick = LayerPick::kSpread;
  std::filesystem::path student_model;

  std::vector<std::filesystem::path> train;
  std::filesystem::path held_out;  // or a share of the training texts:
  double held_out_share = 0.05;
  // Worked examples that the teacher alone is shown; may be none.
  std::filesystem::path examples;
  // The teacher writes the answers, which are kept in a file; where there is none they are given with the prompts.
  std::filesystem::path answers;
  int64_t max_tokens = 64;  // of an answer that is written
  double write_temperature = 0;
  std::vector<std::string> stop;  // the teacher's answers end before any of these

  // Only an adapter of that rank is trained, and written; 0: the whole model.
  int64_t rank = 0;
  double alpha = 16;

  // Distillation.
  TeacherLoss divergence = TeacherLoss::kNone;
  double beta = 0.5;
  double scores = 1;  // share of the divergence in the loss, the rest is the text's
  double temperature = 1;
  int64_t top = 0;       // likeliest tokens that are asked for once and stored; 0: the teacher is asked at each step
  double on_policy = 0;  // share of steps whose answers the student writes
  double own_temperature = 1;  // at which it does

  TrainingSettings training{.epochs = 3, .batch = 16};
};

// What a recipe's 'task' says; "classify" where it says nothing, or where the file cannot be read (its reader tells).
std::string TaskOf(const std::filesystem::path& file);

// Paths are relative to the file. Errors: NOT_FOUND; INVALID_ARGUMENT with every finding as file:line:column.
Result<WriterRecipe> ReadWriterRecipe(const std::filesystem::path& file);

}  // namespace troupe::tools
