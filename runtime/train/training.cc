#include "runtime/train/training.h"

#include <c10/core/GradMode.h>

#include <exception>
#include <string>

#include "runtime/model/step_failure.h"

namespace troupe::train {

Result<double> Training::Step() {
  try {
    const c10::AutoGradMode gradients(true);
    return TryStep();
  } catch (const std::exception& failure) {
    return model::StepFailure(failure);
  }
}

Error Training::WentAstray(int64_t step) {
  return Internal("training went astray: the loss of step " + std::to_string(step) + " or its gradient is no number; " +
                  kSmallerRate);
}

}  // namespace troupe::train
