// What a trained writer is and how it came to be, for people (card.md), programs (card.json) and the eye (loss.svg).
#pragma once

#include <map>
#include <string>

#include "agents/tools/writer_job.h"
#include "runtime/base/value.h"
#include "runtime/train/training_log.h"

namespace troupe::tools {

struct WriterCardFacts {
  const WriterRecipe& recipe;
  const std::string& recipe_text;
  const WriterJob& job;
  const train::TrainingLog& log;
  std::string digest;  // of the weights that were written
};

// Files by their names.
std::map<std::string, std::string> WriterCards(const WriterCardFacts& facts);

}  // namespace troupe::tools
