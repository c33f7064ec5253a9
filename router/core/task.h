// A task as the core knows it: events come in, decisions go out, and state is what folding both gives. Plain values, no clock,
// no IO: the same structs serve the router, recovery, `get`, drawings and the simulation.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/error.h"
#include "runtime/base/id.h"
#include "runtime/base/value.h"

namespace troupe::core {

struct Usage {
  int64_t prompt_tokens = 0;
  int64_t generated_tokens = 0;
  int64_t device_us = 0;
  bool operator==(const Usage&) const = default;
};

// Who did a step's work, when, and why that one.
struct WorkSite {
  std::string agent;
  std::string replica;
  std::string reason;
  UnixMs sent_ms = 0;
  UnixMs ended_ms = 0;
  int64_t queued_us = 0;
  std::string model_digest;
  bool operator==(const WorkSite&) const = default;
};

// What happened. proto/troupe/v1/journal.proto says what each field means.
struct Accepted {
  std::string graph;
  GraphVersion version;
  Value input;
  std::string request_id;
  UnixMs deadline_ms = 0;
  std::map<std::string, std::string> labels;
  int64_t token_limit = 0;
};
struct StepDone {
  std::string path;
  int attempt = 1;
  Value output;
  Usage usage;
  WorkSite site;
};
struct StepFailed {
  std::string path;
  int attempt = 1;
  Error error;
  Usage usage;
  WorkSite site;
};
struct StepProgress {
  std::string path;
  int attempt = 1;
  std::string text;
  int64_t generated_tokens = 0;
};
struct CancelRequested {
  std::string reason;
};
struct DeadlinePassed {};

using Event = std::variant<Accepted, StepDone, StepFailed, StepProgress, CancelRequested, DeadlinePassed>;

// What was decided.
struct StartStep {
  std::string path;
  int attempt = 1;
  std::string agent;
  Value input;
  UnixMs not_before_ms = 0;
  int64_t timeout_ms = 0;
  int64_t reserved_tokens = 0;
};
struct SkipStep {
  std::string path;
};
struct OpenScope {
  std::string path;
  int index = 0;
  Value item;
  int count = 0;
};
struct CompleteStep {
  std::string path;
  Value output;
};
struct FailStep {
  std::string path;
  Error error;
  bool tolerated = false;
};
struct StopStep {
  std::string path;
  int attempt = 1;
};
struct FinishTask {
  Value output;
};
struct FailTask {
  Error error;
  std::string path;
};

using Decision = std::variant<StartStep, SkipStep, OpenScope, CompleteStep, FailStep, StopStep, FinishTask, FailTask>;

// One entry of a task's journal.
struct Record {
  int64_t sequence = 0;
  UnixMs time_ms = 0;
  Event event;
  std::vector<Decision> decisions;
};

enum class TaskStatus { kRunning, kDone, kFailed, kCancelled };
enum class StepStatus { kWaiting, kRunning, kDone, kSkipped, kFailed, kStopped };

struct Attempt {
  int attempt = 1;
  std::string agent;
  Value input;
  UnixMs decided_ms = 0;
  UnixMs not_before_ms = 0;
  int64_t timeout_ms = 0;
  int64_t reserved_tokens = 0;
  // Set once it has ended.
  bool ended = false;
  WorkSite site;
  Usage usage;
  Error error;  // kOk where it worked
};

struct StepRecord {
  StepStatus status = StepStatus::kWaiting;
  std::vector<Attempt> attempts;
  Value output;
  Error error;
  // FailStep said to go on without it.
  bool tolerated = false;
  // Text of the attempt under way that is recorded: what a re-sent step goes on after.
  std::string committed_text;
  // Steps that hold steps: the item of each open round, by index, and how many there are in all.
  std::map<int, Value> items;
  int count = 0;
  // The order in which steps first appeared.
  int order = 0;
};

struct TaskState {
  TaskStatus status = TaskStatus::kRunning;
  std::string graph;
  GraphVersion version;
  Value input;
  std::string request_id;
  std::map<std::string, std::string> labels;
  UnixMs accepted_ms = 0;
  UnixMs ended_ms = 0;
  UnixMs deadline_ms = 0;
  int64_t token_limit = 0;
  // Set aside by attempts under way.
  int64_t reserved_tokens = 0;
  Usage usage;
  int64_t last_sequence = 0;
  Value output;
  Error error;
  std::string error_path;
  // By path: "handle", the round "handle[2]", "handle[2].answer[0].draft".
  std::map<std::string, StepRecord> steps;
};

}  // namespace troupe::core
