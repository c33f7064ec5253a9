// What a person sees of a task: its steps as a tree, built by folding the records that Run and Watch stream. Plain
// data, no clock, no IO; a record that was folded before is ignored, so a resumed stream may overlap. One thread at a
// time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/value.h"
#include "troupe/v1/journal.pb.h"
#include "troupe/v1/task.pb.h"

namespace troupe::cli {

// One try at a step, for the timeline.
struct AttemptView {
  int attempt = 1;
  std::string agent;
  std::string replica;
  UnixMs decided_ms = 0;
  UnixMs ended_ms = 0;  // 0 while under way
  bool failed = false;
};

struct StepView {
  std::string path;
  // What stands before it in the tree: "draft", or "[2]" for a round.
  std::string name;
  int depth = 0;
  bool is_round = false;
  v1::StepState state = v1::STEP_STATE_RUNNING;
  UnixMs started_ms = 0;
  UnixMs ended_ms = 0;
  std::vector<AttemptView> attempts;
  // Streamed by the attempt under way.
  std::string text;
  int64_t generated_tokens = 0;
  // What a round works on, or what kind of step it is, in one line; not yet neutralised.
  std::string label;
  // Rounds in all; 0 where not known.
  int rounds = 0;
  int rounds_ended = 0;
  std::string error;
  // What a person is asked, and what came of it: not yet neutralised. Empty for other steps.
  std::string ask;
  std::string verdict;
  // The graph says to go on without it.
  bool tolerated = false;
  // Paths, in the order in which they appeared.
  std::vector<std::string> children;
};

enum class Folded { kNew, kSeen };

class TaskView {
 public:
  // Takes the record in unless its sequence number was taken in before.
  Folded Fold(const v1::Record& record);

  const std::string& task_id() const { return task_id_; }
  const std::string& graph() const { return graph_; }
  v1::TaskState state() const { return state_; }
  bool ended() const { return state_ != v1::TASK_STATE_RUNNING; }
  UnixMs accepted_ms() const { return accepted_ms_; }
  UnixMs ended_ms() const { return ended_ms_; }
  int64_t last_sequence() const { return last_sequence_; }
  int64_t generated_tokens() const;
  const Value& output() const { return output_; }
  int error_code() const { return error_code_; }
  const std::string& error_message() const { return error_message_; }
  const std::string& error_path() const { return error_path_; }

  // Paths without a parent, in the order in which they appeared.
  const std::vector<std::string>& roots() const { return roots_; }
  // Null where no record named it.
  const StepView* Find(const std::string& path) const;

 private:
  StepView& Touch(const std::string& path, UnixMs time_ms);
  AttemptView& TouchAttempt(StepView& step, int attempt, UnixMs time_ms);
  void FoldEvent(const v1::Event& event, UnixMs time_ms);
  void FoldDone(const v1::StepDone& done, UnixMs time_ms);
  void FoldFailed(const v1::StepFailed& failed, UnixMs time_ms);
  void FoldProgress(const v1::StepProgress& progress, UnixMs time_ms);
  void FoldDecision(const v1::Decision& decision, UnixMs time_ms);
  void FoldOpenScope(const v1::OpenScope& open, UnixMs time_ms);
  void End(const std::string& path, v1::StepState state, UnixMs time_ms);
  void EndTask(v1::TaskState state, UnixMs time_ms);

  std::string task_id_;
  std::string graph_;
  v1::TaskState state_ = v1::TASK_STATE_RUNNING;
  UnixMs accepted_ms_ = 0;
  UnixMs ended_ms_ = 0;
  int64_t last_sequence_ = 0;
  // Of attempts that have ended.
  int64_t settled_tokens_ = 0;
  Value output_;
  int error_code_ = 0;
  std::string error_message_;
  std::string error_path_;
  std::vector<std::string> roots_;
  std::map<std::string, StepView> steps_;
};

// A payload's value; null where it is kept elsewhere.
Value ValueOf(const v1::Payload& payload);

// A value in one line for a person: a string as it is, an object's "text" (after its "skill" or "label"), else JSON.
std::string Describe(const Value& value);

}  // namespace troupe::cli
