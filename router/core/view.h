// A task's steps in the order in which they began, flat: for `get`, timelines and pictures.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "router/core/task.h"

namespace troupe::core {

struct AttemptView {
  int attempt = 1;
  std::string agent;
  std::string replica;
  std::string reason;
  UnixMs decided_ms = 0;
  // 0 where it was never sent, or is still under way.
  UnixMs sent_ms = 0;
  UnixMs ended_ms = 0;
  int64_t queued_us = 0;
  Usage usage;
  Error error{.code = Code::kOk};
};

struct StepView {
  std::string path;
  // How many steps and rounds are around it: 0 for "handle", 1 for "handle[2]", 2 for "handle[2].facts", 3 for its
  // question "handle[2].facts.ask[1]".
  int depth = 0;
  // A round ("handle[2]") and not a step.
  bool is_round = false;
  // A step or round that holds others; it has no attempts of its own.
  bool holds_steps = false;
  StepStatus status = StepStatus::kWaiting;
  // Who works or last worked on it; empty for a step that holds steps.
  std::string agent;
  UnixMs started_ms = 0;
  // 0 while it runs.
  UnixMs ended_ms = 0;
  std::vector<AttemptView> attempts;
  // kOk unless it failed.
  Error error{.code = Code::kOk};
  bool tolerated = false;
};

std::vector<StepView> ViewSteps(const TaskState& state);

// "waiting", "running", "done", "skipped", "failed", "stopped", "waits for a person".
std::string_view StatusName(StepStatus status);
// "running", "done", "failed", "cancelled".
std::string_view StatusName(TaskStatus status);

}  // namespace troupe::core
