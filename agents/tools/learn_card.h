// What a student that learnt is and how it came to be: for people (card.md), programs (card.json), the eye (loss.svg),
// and for the graph (teach.yaml).
#pragma once

#include <map>
#include <string>

#include "agents/tools/learn_job.h"
#include "agents/tools/learn_recipe.h"
#include "agents/tools/learn_verdict.h"
#include "runtime/train/training_log.h"

namespace troupe::tools {

struct LearnFacts {
  const LearnRecipe& recipe;
  const std::string& recipe_text;
  const LearnJob& job;
  const train::TrainingLog& log;
  const LearnVerdict& verdict;
  std::string digest;  // of the weights that were written
};

// Files by their names.
std::map<std::string, std::string> LearnCards(const LearnFacts& facts);

// `below` as a step's `teach` takes it, which is at least 0.01.
std::string BelowText(const train::Escalation& escalation);

}  // namespace troupe::tools
