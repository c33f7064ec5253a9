// What `troupe-agent synthesise` is to do, as its YAML file says it. Every mistake in the file is told at once, with
// its place.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/train/skill_prompts.h"

namespace troupe::tools {

// A skill that texts are written for, and where the recipe names it.
struct WantedSkill {
  train::Skill skill;
  std::string place;
};

struct SynthesiseRecipe {
  std::string name;
  // Who writes, and who looks at what was written.
  std::filesystem::path teacher, embedder;
  std::vector<std::filesystem::path> examples;
  // Empty: every label of the examples.
  std::vector<WantedSkill> skills;
  // Texts to keep of each skill, and how many may be written for each that is to be kept.
  int64_t per_skill = 40;
  int64_t tries = 5;

  // What the teacher is told that it writes, and how many real ones it is shown each time.
  std::string heading = "Messages";
  int64_t shown = 5;
  int64_t min_chars = 10, max_chars = 200;
  double temperature = 0.8;
  double top_p = 0.95;
  int64_t max_tokens = 48;

  // A text of less confidence is dropped, and one that is as near as `duplicate` (cosine) to another one.
  double confidence = 0.1;
  double duplicate = 0.95;
  // The real texts nearest to a new one that say which skill it has.
  int64_t voters = 3;

  // Of the mixed texts at most that part is synthetic.
  double share = 0.5;
  uint64_t seed = 1;
  int64_t threads = 1;
};

// Paths are relative to the file. Errors: NOT_FOUND; INVALID_ARGUMENT with every finding as file:line:column.
Result<SynthesiseRecipe> ReadSynthesiseRecipe(const std::filesystem::path& file);

}  // namespace troupe::tools
