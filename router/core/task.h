// A task as the core knows it: events come in, decisions go out, and state is what folding both gives. Plain values, no
// clock, no IO: the same structs serve the router, recovery, `get`, drawings and the simulation.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "router/graph/price.h"
#include "router/graph/priority.h"
#include "runtime/base/clock.h"
#include "runtime/base/error.h"
#include "runtime/base/id.h"
#include "runtime/base/saturate.h"
#include "runtime/base/value.h"

namespace troupe::core {

struct Usage {
  int64_t prompt_tokens = 0;
  int64_t generated_tokens = 0;
  int64_t device_us = 0;
  bool operator==(const Usage&) const = default;
  Usage& operator+=(const Usage& more) {
    prompt_tokens = SaturatedSum(prompt_tokens, more.prompt_tokens);
    generated_tokens = SaturatedSum(generated_tokens, more.generated_tokens);
    device_us = SaturatedSum(device_us, more.device_us);
    return *this;
  }
};

// What a task is limited in.
struct Amounts {
  // Generated ones.
  int64_t tokens = 0;
  int64_t device_us = 0;
  // Millionths of the currency's unit.
  int64_t money = 0;
  bool operator==(const Amounts&) const = default;
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
  // Where in its agent's spillTo the replica's pool stands, from 1, and what work costs there; 0 for the agent's own.
  int spill = 0;
  graph::Price spill_price;
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
  // 0 for no limit.
  Amounts limits;
  int priority = graph::kDefaultPriority;
  bool operator==(const Accepted&) const = default;
};
struct StepDone {
  std::string path;
  int attempt = 1;
  Value output;
  Usage usage;
  WorkSite site;
  bool operator==(const StepDone&) const = default;
};
struct StepFailed {
  std::string path;
  int attempt = 1;
  Error error;
  Usage usage;
  WorkSite site;
  bool operator==(const StepFailed&) const = default;
};
struct StepProgress {
  std::string path;
  int attempt = 1;
  std::string text;
  int64_t generated_tokens = 0;
  bool operator==(const StepProgress&) const = default;
};
struct StepAsked {
  std::string path;
  int attempt = 1;
  int ordinal = 1;
  std::string peer;
  Value input;
  bool operator==(const StepAsked&) const = default;
};
struct CancelRequested {
  std::string reason;
  bool operator==(const CancelRequested&) const = default;
};
struct DeadlinePassed {
  bool operator==(const DeadlinePassed&) const = default;
};
struct PersonDecided {
  std::string path;
  bool approved = false;
  std::string by;
  std::string note;
  bool operator==(const PersonDecided&) const = default;
};
struct WaitExpired {
  std::string path;
  bool operator==(const WaitExpired&) const = default;
};

using Event = std::variant<Accepted, StepDone, StepFailed, StepProgress, CancelRequested, DeadlinePassed, PersonDecided,
                           WaitExpired, StepAsked>;

// What was decided.
struct StartStep {
  std::string path;
  int attempt = 1;
  std::string agent;
  Value input;
  UnixMs not_before_ms = 0;
  int64_t timeout_ms = 0;
  Amounts reserved;
  graph::Price price;
  bool may_hedge = false;
  bool operator==(const StartStep&) const = default;
};
struct SkipStep {
  std::string path;
  bool operator==(const SkipStep&) const = default;
};
struct OpenScope {
  std::string path;
  int index = 0;
  Value item;
  int count = 0;
  bool operator==(const OpenScope&) const = default;
};
struct CompleteStep {
  std::string path;
  Value output;
  bool operator==(const CompleteStep&) const = default;
};
struct FailStep {
  std::string path;
  Error error;
  bool tolerated = false;
  bool operator==(const FailStep&) const = default;
};
struct StopStep {
  std::string path;
  int attempt = 1;
  bool operator==(const StopStep&) const = default;
};
struct FinishTask {
  Value output;
  bool operator==(const FinishTask&) const = default;
};
struct FailTask {
  Error error;
  std::string path;
  bool operator==(const FailTask&) const = default;
};

struct AskPerson {
  std::string path;
  std::string ask;
  Value show;
  UnixMs expires_ms = 0;
  bool operator==(const AskPerson&) const = default;
};
struct MoveDeadline {
  UnixMs deadline_ms = 0;
  bool operator==(const MoveDeadline&) const = default;
};
struct OpenGraph {
  std::string path;
  Value input;
  bool operator==(const OpenGraph&) const = default;
};
struct AskTeacher {
  std::string path;
  int attempt = 1;
  std::string teacher;
  double confidence = 0.0;
  double below = 0.0;
  std::string refused;
  bool spot_check = false;
  bool operator==(const AskTeacher&) const = default;
};

using Decision = std::variant<StartStep, SkipStep, OpenScope, CompleteStep, FailStep, StopStep, FinishTask, FailTask,
                              AskPerson, MoveDeadline, OpenGraph, AskTeacher>;

// One entry of a task's journal.
struct Record {
  int64_t sequence = 0;
  UnixMs time_ms = 0;
  Event event;
  std::vector<Decision> decisions;
  bool operator==(const Record&) const = default;
};

enum class TaskStatus { kRunning, kDone, kFailed, kCancelled };
enum class StepStatus { kWaiting, kRunning, kDone, kSkipped, kFailed, kStopped, kWaitsForPerson };

struct Attempt {
  int attempt = 1;
  std::string agent;
  Value input;
  UnixMs decided_ms = 0;
  UnixMs not_before_ms = 0;
  int64_t timeout_ms = 0;
  Amounts reserved;
  graph::Price price;
  bool may_hedge = false;
  // Set once it has ended.
  bool ended = false;
  WorkSite site;
  Usage usage;
  Error error{.code = Code::kOk};  // kOk while it runs and where it worked
  bool operator==(const Attempt&) const = default;
};

// Something that Decide remembers and can work out again: no part of what a state is, so equality leaves it out.
template <typename T>
struct Derived {
  T value{};
  bool operator==(const Derived&) const { return true; }
};

// A student's answer that was unsure, or that was to be checked.
struct Doubt {
  // The student's.
  int attempt = 1;
  std::string teacher;
  double confidence = 0.0;
  double below = 0.0;
  // Why the teacher was not asked, so that the answer stands; empty where it was.
  std::string refused;
  // The student was sure, and its teacher was asked all the same.
  bool spot_check = false;
  // The answer, where the teacher was asked.
  Value output;
  bool operator==(const Doubt&) const = default;
};

struct StepRecord {
  StepStatus status = StepStatus::kWaiting;
  std::vector<Attempt> attempts;
  Value output;
  Error error{.code = Code::kOk};
  // FailStep said to go on without it.
  bool tolerated = false;
  // Absent where its agent was sure and not checked, or has no teacher there.
  std::optional<Doubt> doubt;
  // Text of the attempt under way that is recorded: what a re-sent step goes on after.
  std::string committed_text;
  // Steps that hold steps: the item of each round under way, by index; how many there are in all (0 where that is not
  // known), how many were opened, how many of those have ended. A step that holds a graph: its input is item 0.
  std::map<int, Value> items;
  int count = 0;
  int opened_rounds = 0;
  int ended_rounds = 0;
  // Rounds, and steps that hold a graph: how many of the steps inside have ended.
  int ended_steps = 0;
  // The order in which steps first appeared.
  int order = 0;
  // When it first appeared and when it ended; 0 while it runs.
  UnixMs started_ms = 0;
  UnixMs ended_ms = 0;
  // An each: the list its expression gave.
  Derived<std::shared_ptr<const Value>> list;
  bool operator==(const StepRecord&) const = default;
};

// What a step asks of a person, and what came of it.
struct Question {
  std::string ask;
  Value show;
  UnixMs asked_ms = 0;
  // 0 for as long as it takes.
  UnixMs expires_ms = 0;
  // The record that asked.
  int64_t sequence = 0;
  // Nobody has decided, and somebody still may.
  bool open = true;
  // Set where a person decided; otherwise it expired, or its step was stopped.
  bool decided = false;
  bool approved = false;
  std::string by;
  std::string note;
  UnixMs ended_ms = 0;
  bool operator==(const Question&) const = default;
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
  // 0 for no limit.
  Amounts limits;
  int priority = graph::kDefaultPriority;
  // Set aside by attempts under way.
  Amounts reserved;
  Usage usage;
  // What `usage` has cost, in millionths.
  int64_t money = 0;
  int64_t last_sequence = 0;
  Value output;
  Error error{.code = Code::kOk};
  std::string error_path;
  // By path: "handle", the round "handle[2]", "handle[2].answer[0].draft", "triage.parts" of a graph inside, the
  // question "handle[2].facts.ask[1]".
  std::map<std::string, StepRecord, std::less<>> steps;
  // How many of the outermost steps have ended.
  int ended_steps = 0;
  // What was asked of people, by the step's path, and how many of those are open.
  std::map<std::string, Question, std::less<>> questions;
  int open_questions = 0;
  // Since when the task's clock stands still for them; 0 while it runs. Only in tasks with a deadline.
  UnixMs clock_stopped_ms = 0;
  // Steps that wait for tokens, device time or money to be set free; -1 where that is not known.
  Derived<int> budget_waiters{-1};
  bool operator==(const TaskState&) const = default;
};

}  // namespace troupe::core
