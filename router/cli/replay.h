// A task told record by record: what happened, what was decided on it, what that changed. Folds the records with the
// core's own fold, so what is shown is what a router would have had in memory. Pure; texts are not yet neutralised.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "router/core/task.h"
#include "runtime/base/error.h"
#include "runtime/base/value.h"
#include "troupe/v1/journal.pb.h"

namespace troupe::cli {

// Something that a record changed.
struct Change {
  // A step's path; empty for the task itself.
  std::string path;
  // "state", "attempts", "output", ...
  std::string field;
  Value before;
  Value after;
};

struct ReplayFrame {
  int64_t sequence = 0;
  UnixMs time_ms = 0;
  std::string happened;
  std::vector<std::string> decided;
  std::vector<Change> changed;
  // The record itself, as JSON.
  Value record;
};

// Takes one record after the other, from the first on.
class Replay {
 public:
  // Errors: DATA_LOSS for a record that does not follow, or that this release cannot read.
  Result<ReplayFrame> Next(const v1::Record& record);
  // After the last record.
  const core::TaskState& state() const { return state_; }

 private:
  core::TaskState state_;
};

// Lines without newlines for a person, for a task that began at `began_ms`.
std::vector<std::string> RenderFrame(const ReplayFrame& frame, UnixMs began_ms);
Value ToJson(const ReplayFrame& frame);

// The whole state: every step with its attempts, inputs and outputs.
std::vector<std::string> RenderState(const core::TaskState& state);
Value ToJson(const core::TaskState& state);

}  // namespace troupe::cli
