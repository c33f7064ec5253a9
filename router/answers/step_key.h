// The names of a step's answer in the cache: everything that it depends on. Pure.
#pragma once

#include <string>

#include "router/answers/job.h"
#include "router/dispatch/step.h"

namespace troupe::answers {

struct StepKey {
  // Of this very input.
  std::string key;
  // The questions that may answer each other: those whose input is the same but for the question. Empty where the
  // question is no text of the input, or answers are not given by meaning.
  std::string meaning;
};

// `model_digest` is that of the agent's weights; `purged` says how often answers were thrown away before (Purges).
StepKey KeyOf(const dispatch::StepOrder& order, const StepJob& job, const std::string& model_digest,
              const std::string& purged);

}  // namespace troupe::answers
