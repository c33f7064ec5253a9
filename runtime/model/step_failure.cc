#include "runtime/model/step_failure.h"

#include <c10/util/Exception.h>

#include <new>

namespace troupe::model {

std::string FirstLine(const std::exception& thrown) {
  const std::string all = thrown.what();
  return all.substr(0, all.find('\n'));
}

Error StepFailure(const std::exception& thrown) {
  const std::string line = FirstLine(thrown);
  const bool is_memory = dynamic_cast<const std::bad_alloc*>(&thrown) != nullptr ||
                         dynamic_cast<const c10::OutOfMemoryError*>(&thrown) != nullptr ||
                         // the CPU's allocator has no class of its own for it
                         line.find("DefaultCPUAllocator") != std::string::npos;
  if (is_memory) return Exhausted("no memory for a step of the model: " + line);
  return Internal("a step of the model failed: " + line);
}

}  // namespace troupe::model
