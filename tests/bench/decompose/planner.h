// The planner of decompose as the kind `generate` does it: one message at a time through a writing model, held to the
// plan's schema.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "router/decompose/plan.h"
#include "runtime/engine/engine.h"

namespace troupe::bench {

class Planner {
 public:
  static Result<Planner> Load(const std::filesystem::path& model);

  // The parts; waits for the model.
  Result<std::vector<decompose::Part>> Split(const std::string& message,
                                             const std::vector<decompose::PlanSkill>& skills,
                                             const decompose::PlanOptions& options);

 private:
  explicit Planner(std::unique_ptr<engine::Engine> engine) : engine_(std::move(engine)) {}
  std::unique_ptr<engine::Engine> engine_;
};

}  // namespace troupe::bench
