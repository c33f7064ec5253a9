// What came of learning, judged on the pairs that were held back: whether the new student may serve, how far its
// confidence can be believed, and from where on its teacher is to be asked.
#pragma once

#include "agents/tools/learn_job.h"
#include "agents/tools/learn_recipe.h"
#include "runtime/base/error.h"
#include "runtime/train/calibration.h"
#include "runtime/train/escalation.h"
#include "runtime/train/gate.h"

namespace troupe::tools {

struct LearnVerdict {
  train::GateResult gate;
  train::Calibration calibration;
  train::Escalation escalation;
};

// Of the student as job.training has it. Errors: ComputeOutputs'.
Result<LearnVerdict> JudgeLearning(const LearnRecipe& recipe, const LearnJob& job);

}  // namespace troupe::tools
