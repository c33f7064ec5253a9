// What a folder of synthetic texts is and how it came to be, for people (card.md) and programs (card.json). Pure.
#pragma once

#include <map>
#include <string>

#include "agents/tools/synthesise_job.h"
#include "agents/tools/synthesise_recipe.h"
#include "agents/tools/synthetic_mix.h"
#include "agents/tools/synthetic_writer.h"

namespace troupe::tools {

struct SynthesisFacts {
  const SynthesiseRecipe& recipe;
  const std::string& recipe_text;
  const SynthesiseJob& job;
  const Synthesis& synthesis;
  const MixedTexts& mixed;
  // SHA-256 of the folder's other files, by their names.
  std::map<std::string, std::string> digests;
};

// Files by their names.
std::map<std::string, std::string> SynthesisCards(const SynthesisFacts& facts);

}  // namespace troupe::tools
