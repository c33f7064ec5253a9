// What `troupe-agent learn` is to do, as its YAML file says it. Every mistake in the file is told at once, with its
// place.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "agents/tools/training_settings.h"
#include "runtime/base/error.h"
#include "runtime/train/escalation.h"
#include "runtime/train/gate.h"

namespace troupe::tools {

struct LearnRecipe {
  std::string name;
  // The classifier that serves now, and what its teacher said where it was unsure.
  std::filesystem::path student;
  std::vector<std::filesystem::path> lessons;
  // Lessons of which the teacher was less sure are left out: where a student is unsure its teacher is wrong more often
  // than elsewhere, and what it is unsure of itself it had better not teach.
  double teacher_confidence = 0;

  // Old examples: the share of what is trained on that they are, and those that only judge (else a share of them all).
  std::vector<std::filesystem::path> replay;
  std::filesystem::path replay_held_out;
  double replay_share = 0.5;
  // Of lessons, and of old examples where they have no file of their own.
  double held_out_share = 0.2;
  // How much the student's own scores from before count against the labels; of old examples, or of all texts where
  // there are none (Li and Hoiem, 2016, arXiv:1606.09282).
  double keep = 0.5;

  train::GateRules gate;
  train::EscalationTarget escalate;
  ClassifierSettings training;
};

// Paths are relative to the file. Errors: NOT_FOUND; INVALID_ARGUMENT with every finding as file:line:column.
Result<LearnRecipe> ReadLearnRecipe(const std::filesystem::path& file);

}  // namespace troupe::tools
